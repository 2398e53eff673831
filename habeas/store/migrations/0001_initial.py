"""All tables, and the guards that keep what is append-only as it is."""

from django.db import migrations, models

from habeas.store.guards import FUNCTION, append_only, erasable, postgresql_only

NUMBERS = "CREATE SEQUENCE habeas_leaf_number"
BIRTH, MOVE = ("id",), ("subject", "number")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("name", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="AppealMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=600)),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("sha256", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Brake",
            fields=[
                ("policy", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
                ("closed", models.BooleanField()),
                ("state", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="BrakeMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=600)),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("reference", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(db_index=True, max_length=600)),
                ("code_hash", models.CharField(max_length=600)),
                ("value", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField(db_index=True)),
                ("time_us", models.BigIntegerField()),
                ("note", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="DecisionMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=600)),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Inventory",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account", models.CharField(max_length=600)),
                ("version", models.BigIntegerField()),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("commitment", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="LeafPlace",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("leaf", models.BigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="LeafText",
            fields=[
                ("leaf", models.BigIntegerField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField()),
                ("text", models.TextField()),
                ("personal", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerPosting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("entry", models.CharField(max_length=600)),
                ("line", models.BigIntegerField()),
                ("role", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=40)),
                ("account", models.CharField(db_index=True, max_length=600)),
                ("currency", models.CharField(max_length=40)),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Passed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "finding",
                        "why",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("finding", models.CharField(max_length=600)),
                ("why", models.CharField(max_length=40)),
                ("account", models.CharField(db_index=True, max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PolicyText",
            fields=[
                ("hash", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Relief",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ReliefMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(max_length=600)),
                ("number", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("reference", models.CharField(db_index=True, max_length=600)),
                ("words", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="appeal_of_account")],
            },
        ),
        migrations.CreateModel(
            name="AppealNow",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(db_index=True, max_length=600)),
                ("state", models.CharField(max_length=40)),
                ("reviewer", models.CharField(max_length=600)),
                ("opened_us", models.BigIntegerField()),
                ("due_us", models.BigIntegerField(null=True)),
                ("moves", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "opened_us"], name="appeal_of_state"),
                    models.Index(
                        condition=models.Q(("due_us__isnull", False)),
                        fields=["due_us"],
                        name="appeal_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("finding", models.CharField(max_length=600)),
                ("policy", models.CharField(max_length=600)),
                ("version", models.BigIntegerField()),
                ("measure", models.CharField(max_length=40)),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="decision_of_account")],
            },
        ),
        migrations.CreateModel(
            name="DecisionNow",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(db_index=True, max_length=600)),
                ("policy", models.CharField(max_length=600)),
                ("version", models.BigIntegerField()),
                ("measure", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=40)),
                ("for_person", models.BooleanField()),
                ("to_tell", models.BooleanField()),
                ("proposed_us", models.BigIntegerField()),
                ("due_us", models.BigIntegerField(null=True)),
                ("moves", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_us__isnull", False)),
                        fields=["due_us", "id"],
                        name="decision_due",
                    ),
                    models.Index(
                        condition=models.Q(("for_person", True)),
                        fields=["proposed_us"],
                        name="decision_queue",
                    ),
                    models.Index(
                        condition=models.Q(("to_tell", True)), fields=["id"], name="decision_untold"
                    ),
                    models.Index(fields=["policy", "version", "state"], name="decision_of_policy"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("policy", models.CharField(max_length=600, null=True)),
                ("until_us", models.BigIntegerField(null=True)),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="exemption_of_account")],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("policy", models.CharField(max_length=600)),
                ("version", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="finding_of_account")],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("leaf", models.BigIntegerField()),
                ("line", models.BigIntegerField()),
                ("time_us", models.BigIntegerField()),
                ("why", models.TextField()),
                ("reverses", models.CharField(max_length=600, null=True, unique=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("leaf", "line"), name="entry_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("decision", models.CharField(db_index=True, max_length=600)),
                ("kind", models.CharField(max_length=40)),
                ("lang", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=600)),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="notice_of_account")],
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=600, unique=True)),
                ("channel", models.CharField(max_length=40)),
                ("payload", models.TextField()),
                ("state", models.CharField(max_length=40)),
                ("attempts", models.BigIntegerField()),
                ("next_try_us", models.BigIntegerField()),
                ("made_us", models.BigIntegerField()),
                ("sent_us", models.BigIntegerField(null=True)),
                ("error", models.TextField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["unsent", "claimed"])),
                        fields=["next_try_us"],
                        name="outbox_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "dead")), fields=["id"], name="outbox_dead"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("id", models.CharField(max_length=600, primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=600)),
                ("time_us", models.BigIntegerField()),
                ("leaf", models.BigIntegerField()),
                ("version", models.BigIntegerField()),
                ("decision", models.CharField(db_index=True, max_length=600)),
                ("measure", models.CharField(max_length=40)),
                ("act", models.CharField(max_length=40)),
                ("of", models.CharField(max_length=600, null=True)),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["account"], name="settlement_of_account")],
                "constraints": [
                    models.UniqueConstraint(fields=("of", "act"), name="settlement_inverse_once")
                ],
            },
        ),
        postgresql_only(FUNCTION),
        postgresql_only(NUMBERS),
        append_only("habeas_leaf", ("number",)),
        erasable("habeas_leaftext", ("leaf",), when="personal"),
        append_only("habeas_leafplace", ("place",), ("leaf",)),
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
