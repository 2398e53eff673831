"""The tables. Three sorts, and every table is of one of them:

- append-only: INSERT alone works, in the database itself (`guards`). What happened.
- derived: `*Now`. What the append-only rows come to, for questions that need an index; rebuilt
  from them at any time (`decisions.rebuild`).
- mutable: what has no history worth keeping: outbox, tries of a case code, brakes, feeds.

What is recorded is text once: the canonical JSON in `LeafText`, under the leaf that binds to it.
Rows of the other append-only tables are what is asked for, and the number of that leaf. What
lives (decision, appeal, relief, brake, feed) is a birth row and its moves, numbered from 0.
Times are microseconds UTC, money is in minor units."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

from habeas.store.columns import flag, name, number, numbered, raw, text, whole, word

OPEN = Q(state__in=["unsent", "claimed"])  # of the outbox


class Leaf(models.Model):
    """One record of the log. The number is no place in the tree: `seal` gives that."""

    number = whole(primary_key=True)
    kind = word()
    commitment = raw()


class LeafText(models.Model):
    """What a leaf binds to: text and salt. Personal ones can be deleted (law 5), none changed."""

    leaf = whole(primary_key=True)
    salt = raw()
    text = text()
    personal = flag()


class LeafPlace(models.Model):
    """Where a leaf is in the tree, from 0; `seal` alone writes it."""

    place = whole(primary_key=True)
    leaf = whole(unique=True)


class TreeNode(models.Model):
    """The hash of a complete subtree, for every eighth level (`store/tree`)."""

    pk = models.CompositePrimaryKey("level", "place")
    level = whole()
    place = whole()
    hash = raw()


class Checkpoint(models.Model):
    """A signed note, word for word."""

    id = numbered()
    size = whole(db_index=True)
    time_us = whole()
    note = text()


class Cosignature(models.Model):
    """What a witness said of the head of a size: its vkey, and its line of the note."""

    pk = models.CompositePrimaryKey("size", "cosigner")
    size = whole()
    cosigner = name()
    line = text()


class Commit(models.Model):
    """What was recorded together on an account. Its versions count from 1 without a gap; whoever
    commits says which was read, and of two at the same moment one is refused by the key."""

    pk = models.CompositePrimaryKey("account", "version")
    account = name()
    version = whole()
    time_us = whole()
    leaf = whole()

    class Meta:
        indexes: ClassVar = [Index(fields=["time_us"], name="commit_newest")]


class PolicyText(models.Model):
    """A policy's file, word for word, by the SHA-256 that decisions name."""

    hash = name(primary_key=True)
    text = text()


class Recorded(models.Model):
    """A row about an account whose whole value is the text of its leaf."""

    id = name(primary_key=True)
    account = name()
    time_us = whole()
    leaf = whole()

    class Meta:
        abstract = True
        indexes: ClassVar = [Index(fields=["account"], name="%(class)s_of_account")]


class Finding(Recorded):
    policy = name()
    version = whole()


class Passed(models.Model):
    """Why a finding led to no decision; for each reason once."""

    pk = models.CompositePrimaryKey("finding", "why")
    finding = name()
    why = word()
    account = name(db_index=True)
    time_us = whole()
    leaf = whole()


class Move(models.Model):
    """One event of what lives. Two writers cannot both make the move of the same number."""

    pk = models.CompositePrimaryKey("subject", "number")
    subject = name()
    number = whole()
    kind = word()
    time_us = whole()
    leaf = whole()

    class Meta:
        abstract = True


class Decision(Recorded):
    finding = name()
    policy = name()
    version = whole()
    measure = word()


class DatedMove(Move):
    """Of what is no account's: no commit has its time, and the newest is looked up here."""

    class Meta:
        abstract = True
        indexes: ClassVar = [Index(fields=["time_us"], name="%(class)s_newest")]


class DecisionMove(Move):
    class Meta:
        indexes: ClassVar = [Index(fields=["kind", "time_us"], name="decisionmove_latest")]


class DecisionNow(models.Model):
    """Derived. `due_us` is when time alone moves it; `for_person`, `to_tell` say what it awaits."""

    id = name(primary_key=True)
    account = name(db_index=True)
    policy = name()
    version = whole()
    measure = word()
    state = word()
    for_person = flag()
    to_tell = flag()
    proposed_us = whole()
    due_us = whole(null=True)
    moves = whole()

    class Meta:
        indexes: ClassVar = [
            Index(fields=["due_us", "id"], name="decision_due", condition=Q(due_us__isnull=False)),
            Index(fields=["proposed_us"], name="decision_queue", condition=Q(for_person=True)),
            Index(fields=["id"], name="decision_untold", condition=Q(to_tell=True)),
            Index(fields=["policy", "version", "state"], name="decision_of_policy"),
        ]


class Exemption(Recorded):
    """An account to which a policy, or none where that is null, does not apply."""

    policy = name(null=True)
    until_us = whole(null=True)


class Inventory(models.Model):
    """All that the platform says a customer has; each report is a new one. `version` is that of
    the account with it: settlements of the same version or a later one come on top."""

    pk = models.CompositePrimaryKey("account", "version")
    account = name()
    version = whole()
    time_us = whole()
    leaf = whole()


class Settlement(Recorded):
    """`version` is that of the account with it; `of` is what it releases or undoes, once each."""

    version = whole()
    decision = name(db_index=True)
    measure = word()
    act = word()
    of = name(null=True)

    class Meta(Recorded.Meta):
        constraints: ClassVar = [
            UniqueConstraint(fields=["of", "act"], name="settlement_inverse_once")
        ]


class LedgerEntry(models.Model):
    """`leaf` is of the settlement or inventory it belongs to; (leaf, line) is its order."""

    id = name(primary_key=True)
    leaf = whole()
    line = whole()
    time_us = whole()
    why = text()
    reverses = name(null=True, unique=True)

    class Meta:
        constraints: ClassVar = [UniqueConstraint(fields=["leaf", "line"], name="entry_order")]


class LedgerPosting(models.Model):
    """`account` is the customer's, empty for the platform's own purses."""

    pk = models.CompositePrimaryKey("entry", "line")
    entry = name()
    line = whole()
    role = word()
    kind = word()
    account = name(db_index=True)
    currency = word()
    amount = whole()


class Notice(Recorded):
    """What a customer was told: its words are personal, and the text of the leaf `words`."""

    decision = name(db_index=True)
    kind = word()
    lang = word()
    sha256 = name()
    words = whole()
    by_hand = flag()


class Contact(models.Model):
    """Mutable and personal: where a customer is reached and in which language, as reported last;
    deleted when the customer's data is erased."""

    account = name(primary_key=True)
    email = name()
    lang = word()
    time_us = whole()


class Outbox(models.Model):
    """Mutable: what is to be sent. `key` makes it once; from `next_try_us` on it can be claimed,
    also again, where whoever claimed it was never heard of since."""

    id = numbered()
    key = name(unique=True)
    channel = word()
    payload = text()
    state = word()
    attempts = whole()
    next_try_us = whole()
    made_us = whole()
    sent_us = whole(null=True)
    error = text()

    class Meta:
        indexes: ClassVar = [
            Index(fields=["next_try_us"], name="outbox_open", condition=OPEN),
            Index(fields=["id"], name="outbox_dead", condition=Q(state="dead")),
        ]


class StaffMove(DatedMove):
    """Somebody joined, has other roles, or left; of one subject, since each rests on all before."""


class ApplyMove(DatedMove):
    """Somebody asked for a plan, or it came in force; all of one subject, as the staff."""


class MessageMove(DatedMove):
    """What became of a message, by its key: a server took it, or it came back."""


class Case(models.Model):
    """Mutable: the door of a notice (`core/appeal/cases`). Never the code, only its hash. What
    opened it, and each new code, is in a leaf; how often a wrong one was tried is not."""

    reference = name(primary_key=True)
    account = name(db_index=True)
    code_hash = name()
    value = text()


class Appeal(Recorded):
    """Its words are personal: they are the text of the leaf `words`, and not in its own."""

    reference = name(db_index=True)
    words = whole()


class AppealMove(Move):
    pass


class AppealNow(models.Model):
    """Derived. `due_us` is when time alone moves it."""

    id = name(primary_key=True)
    account = name(db_index=True)
    state = word()
    reviewer = name()
    opened_us = whole()
    due_us = whole(null=True)
    moves = whole()

    class Meta:
        indexes: ClassVar = [
            Index(fields=["state", "opened_us"], name="appeal_of_state"),
            Index(fields=["due_us"], name="appeal_due", condition=Q(due_us__isnull=False)),
        ]


class AppealFile(models.Model):
    """A file that an appeal names, by its hash, and the leaf that says so."""

    pk = models.CompositePrimaryKey("appeal", "sha256")
    appeal = name()
    sha256 = name(db_index=True)
    leaf = whole()


class Attachment(models.Model):
    """A file by its hash, committed with the appeal. Personal: deleted, and never changed."""

    sha256 = name(primary_key=True)
    content = raw()


class Relief(models.Model):
    """A relief plan by its hash."""

    id = name(primary_key=True)
    time_us = whole()
    leaf = whole()


class ReliefMove(DatedMove):
    """An approval."""


class Brake(models.Model):
    """Mutable: the brake of a policy, saved with the decision that it answered about."""

    policy = name(primary_key=True)
    version = whole()
    closed = flag()
    state = text()


class BrakeMove(DatedMove):
    """A closing, a release."""


class Feed(models.Model):
    """Mutable: what is known of a feed, saved with the bins that were counted."""

    name = name(primary_key=True)
    version = whole()
    state = text()


class FeedCount(models.Model):
    """A bin that was counted, once, by its start; unknown is null."""

    pk = models.CompositePrimaryKey("feed", "time_us")
    feed = name()
    time_us = whole()
    value = number(null=True)
    expected = number()
    score = number()


class FeedMove(DatedMove):
    """A burst that rose, and its end."""
