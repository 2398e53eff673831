"""All tables, and the guards that keep what is append-only as it is (`habeas/store/models` tells
what each is for)."""

from typing import Any

from django.db import migrations, models
from django.db.models import Index, Q, UniqueConstraint

from habeas.store.guards import FUNCTION, append_only, erasable, postgresql_only

NUMBERS = "CREATE SEQUENCE habeas_leaf_number"
Fields = list[tuple[str, Any]]


def name(**more: Any) -> Any:
    return models.CharField(max_length=600, **more)


def key() -> Any:
    return name(primary_key=True, serialize=False)


def word() -> Any:
    return models.CharField(max_length=40)


def whole(**more: Any) -> Any:
    return models.BigIntegerField(**more)


def numbered() -> Any:
    return models.BigAutoField(primary_key=True, serialize=False)


def pair(*columns: str) -> Any:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


def table(named: str, fields: Fields, **options: Any) -> migrations.CreateModel:
    return migrations.CreateModel(named, fields, options)


def recorded(named: str, *more: tuple[str, Any], **options: Any) -> migrations.CreateModel:
    fields = [("id", key()), ("account", name()), ("time_us", whole()), ("leaf", whole()), *more]
    by_account = Index(fields=["account"], name=f"{named.lower()}_of_account")
    return table(named, fields, abstract=False, indexes=[by_account], **options)


def moves(named: str) -> migrations.CreateModel:
    fields = [
        ("pk", pair("subject", "number")), ("subject", name()), ("number", whole()),
        ("kind", word()), ("time_us", whole()), ("leaf", whole()),
    ]  # fmt: skip
    return table(named, fields, abstract=False)


LOG = [
    table("Leaf", [
        ("number", whole(primary_key=True, serialize=False)), ("kind", word()),
        ("commitment", models.BinaryField()),
    ]),
    table("LeafText", [
        ("leaf", whole(primary_key=True, serialize=False)), ("salt", models.BinaryField()),
        ("text", models.TextField()), ("personal", models.BooleanField()),
    ]),
    table("LeafPlace", [
        ("place", whole(primary_key=True, serialize=False)), ("leaf", whole(unique=True)),
    ]),
    table("TreeNode", [
        ("pk", pair("level", "place")), ("level", whole()), ("place", whole()),
        ("hash", models.BinaryField()),
    ]),
    table("Checkpoint", [
        ("id", numbered()), ("size", whole(db_index=True)), ("time_us", whole()),
        ("note", models.TextField()),
    ]),
]  # fmt: skip
DECISIONS = [
    table("Account", [("name", key()), ("version", whole())]),
    table("PolicyText", [("hash", key()), ("text", models.TextField())]),
    recorded("Finding", ("policy", name()), ("version", whole())),
    table("Passed", [
        ("pk", pair("finding", "why")), ("finding", name()), ("why", word()),
        ("account", name(db_index=True)), ("time_us", whole()), ("leaf", whole()),
    ]),
    recorded("Decision", ("finding", name()), ("policy", name()), ("version", whole()),
             ("measure", word())),
    moves("DecisionMove"),
    table("DecisionNow", [
        ("id", key()), ("account", name(db_index=True)), ("policy", name()), ("version", whole()),
        ("measure", word()), ("state", word()), ("for_person", models.BooleanField()),
        ("to_tell", models.BooleanField()), ("proposed_us", whole()), ("due_us", whole(null=True)),
        ("moves", whole()),
    ], indexes=[
        Index(fields=["due_us", "id"], name="decision_due", condition=Q(due_us__isnull=False)),
        Index(fields=["proposed_us"], name="decision_queue", condition=Q(for_person=True)),
        Index(fields=["id"], name="decision_untold", condition=Q(to_tell=True)),
        Index(fields=["policy", "version", "state"], name="decision_of_policy"),
    ]),
    recorded("Exemption", ("policy", name(null=True)), ("until_us", whole(null=True))),
]  # fmt: skip
PROPERTY = [
    table("Inventory", [
        ("pk", pair("account", "version")), ("account", name()), ("version", whole()),
        ("time_us", whole()), ("leaf", whole()),
    ]),
    recorded(
        "Settlement", ("version", whole()), ("decision", name(db_index=True)), ("measure", word()),
        ("act", word()), ("of", name(null=True)),
        constraints=[UniqueConstraint(fields=("of", "act"), name="settlement_inverse_once")],
    ),
    table("LedgerEntry", [
        ("id", key()), ("leaf", whole()), ("line", whole()), ("time_us", whole()),
        ("why", models.TextField()), ("reverses", name(null=True, unique=True)),
    ], constraints=[UniqueConstraint(fields=("leaf", "line"), name="entry_order")]),
    table("LedgerPosting", [
        ("pk", pair("entry", "line")), ("entry", name()), ("line", whole()), ("role", word()),
        ("kind", word()), ("account", name(db_index=True)), ("currency", word()),
        ("amount", whole()),
    ]),
]  # fmt: skip
WORDS = [
    recorded("Notice", ("decision", name(db_index=True)), ("kind", word()), ("lang", word()),
             ("sha256", name())),
    table("Outbox", [
        ("id", numbered()), ("key", name(unique=True)), ("channel", word()),
        ("payload", models.TextField()), ("state", word()), ("attempts", whole()),
        ("next_try_us", whole()), ("made_us", whole()), ("sent_us", whole(null=True)),
        ("error", models.TextField()),
    ], indexes=[
        Index(fields=["next_try_us"], name="outbox_open",
              condition=Q(state__in=["unsent", "claimed"])),
        Index(fields=["id"], name="outbox_dead", condition=Q(state="dead")),
    ]),
    table("Case", [
        ("reference", key()), ("account", name(db_index=True)), ("code_hash", name()),
        ("value", models.TextField()),
    ]),
    recorded("Appeal", ("reference", name(db_index=True)), ("words", whole())),
    moves("AppealMove"),
    table("AppealNow", [
        ("id", key()), ("account", name(db_index=True)), ("state", word()), ("reviewer", name()),
        ("opened_us", whole()), ("due_us", whole(null=True)), ("moves", whole()),
    ], indexes=[
        Index(fields=["state", "opened_us"], name="appeal_of_state"),
        Index(fields=["due_us"], name="appeal_due", condition=Q(due_us__isnull=False)),
    ]),
    table("Attachment", [("sha256", key()), ("content", models.BinaryField())]),
    table("Relief", [("id", key()), ("time_us", whole()), ("leaf", whole())]),
    moves("ReliefMove"),
    table("Brake", [
        ("policy", key()), ("version", whole()), ("closed", models.BooleanField()),
        ("state", models.TextField()),
    ]),
    moves("BrakeMove"),
]  # fmt: skip
BIRTH, MOVE = ("id",), ("subject", "number")
GUARDS = [
    postgresql_only(FUNCTION),
    postgresql_only(NUMBERS),
    append_only("habeas_leaf", ("number",)),
    erasable("habeas_leaftext", ("leaf",), when="personal"),
    append_only("habeas_leafplace", ("place",), ("leaf",)),
    append_only("habeas_treenode", ("level", "place")),
    append_only("habeas_checkpoint", ("id",)),
    append_only("habeas_policytext", ("hash",)),
    append_only("habeas_finding", BIRTH),
    append_only("habeas_passed", ("finding", "why")),
    append_only("habeas_decision", BIRTH),
    append_only("habeas_decisionmove", MOVE),
    append_only("habeas_exemption", BIRTH),
    append_only("habeas_inventory", ("account", "version")),
    append_only("habeas_settlement", BIRTH, ("of", "act")),
    append_only("habeas_ledgerentry", BIRTH, ("leaf", "line"), ("reverses",)),
    append_only("habeas_ledgerposting", ("entry", "line")),
    append_only("habeas_notice", BIRTH),
    append_only("habeas_appeal", BIRTH),
    append_only("habeas_appealmove", MOVE),
    erasable("habeas_attachment", ("sha256",)),
    append_only("habeas_relief", BIRTH),
    append_only("habeas_reliefmove", MOVE),
    append_only("habeas_brakemove", MOVE),
]


class Migration(migrations.Migration):
    initial = True
    operations = [*LOG, *DECISIONS, *PROPERTY, *WORDS, *GUARDS]
