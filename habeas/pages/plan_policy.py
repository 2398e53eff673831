"""One policy's part of the report of a plan: what changes, who is hit, why, when, at what price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from habeas.core.policy.findings import MOST_EVIDENCE
from habeas.core.policy.plans import ChangeKind
from habeas.pages.charts import HeatWords, heat_map, nested, swatch
from habeas.pages.markup import Markup, TableColumn, element, joined, scrolling, table
from habeas.pages.voice import Voice

Data = Mapping[str, Any]  # a part of a plan as JSON
NOTHING = Markup("")
DIFF_TAGS = {"+": "ins", "-": "del"}
MARKS = {True: "yes", False: "no", None: "unknown"}


def anchor(index: int) -> str:
    return f"policy-{index + 1}"


def titled(one: Data, say: Voice) -> str:
    """The title of a policy, stake or segment in the language of the voice."""
    return str(one["title"][say.lang])


def policy_section(one: Data, index: int, accounts: int, say: Voice) -> Markup:
    """All of one policy; a short one where it does not change, or hits nobody and never did.

    `accounts` is the number of accounts in the log.
    """
    short = one["change"] == ChangeKind.NONE or not (one["hit"] or one["hit_before"])
    return element(
        "section",
        element("h2", titled(one, say)),
        _change(one, say),
        element("p", said(one, accounts, say), class_="said"),
        NOTHING if short else _clause(one["samples"], say),
        _file(one, say),
        NOTHING if short else _details(one, say),
        class_="policy",
        id=anchor(index),
    )


def _details(one: Data, say: Voice) -> Markup:
    parts = (
        _ladder(one["measures"], say),
        _stakes(one["stakes"], say),
        _segments(one["segments"], say),
        _forecast(one["forecast"], say),
        _accuracy(one["accuracy"], say),
        _samples(one, say),
        _spared_samples(one["spared_samples"], say),
    )
    return joined(parts)


def said(one: Data, accounts: int, say: Voice) -> str:
    """What the policy would do, in one sentence."""
    change = one["change"]
    count = one["hit_before"] if change == ChangeKind.REMOVED else one["hit"]
    form = change if change in ("removed", "text", "none") else "would"
    text = say(
        f"{form}_hits" if count else f"{form}_nobody",
        accounts=say.counted("accounts", count),
        share=say.share(count, accounts),
        holding=say.counted("still", one["holding"]),
    )
    if change == ChangeKind.OUTCOME:
        names = {"newly": "newly_hit", "spared": "newly_spared", "before": "hit_before"}
        text = say("against", said=text, **{k: say.number(one[n]) for k, n in names.items()})
    return f"{text}."


def tile(kind: str, name: str, big: str, sub: str) -> Markup:
    """One number that matters; tiles go into a `dl` of the class `tiles`."""
    return element(
        "div",
        element("dt", name),
        element("dd", big, class_="big"),
        element("dd", sub, class_="sub"),
        class_=f"tile {kind}",
    )


def key(kinds: Iterable[str], say: Voice) -> Markup:
    """What the colours of a chart mean; a kind may be `class:word`."""
    pairs = [kind.partition(":") for kind in kinds]
    items = [element("li", swatch(kind), say(f"key_{word or kind}")) for kind, _, word in pairs]
    return element("ul", *items, class_="key")


def _change(one: Data, say: Voice) -> Markup:
    text = say(f"change_{one['change']}", version=one["version"], before=one["version_before"])
    badge = element("span", text, class_=f"change {one['change']}")
    return element("div", badge, element("code", one["policy"], class_="name"))


def _clause(samples: Sequence[Data], say: Voice) -> Markup:
    """The clause, which a plan carries with its samples."""
    return _quoted(samples[0]["why"][say.lang]["clause"]) if samples else NOTHING


def _quoted(clause: Data) -> Markup:
    return element("blockquote", element("p", clause["text"]), element("cite", clause["ref"]))


def _file(one: Data, say: Voice) -> Markup:
    """The diff, open where it changes who is hit."""
    if not one["diff"]:
        return NOTHING
    kind = {"new": "new", "removed": "removed"}.get(one["change"], "changed")
    lines = one["diff"].split("\n")  # the first two name the versions
    shown = [element("span", line, class_="hunk") for line in lines[:2]]
    shown += [_diff_line(line) for line in lines[2:]]
    names = ("outcome", "text_hash")
    hashes = [element("div", say(f"of_{n}"), " ", element("code", one[n])) for n in names if one[n]]
    return element(
        "details",
        element("summary", say(f"file_{kind}")),
        element("pre", *shown, class_="diff"),
        element("div", *hashes, class_="note"),
        open=one["change"] == ChangeKind.OUTCOME,
    )


def _diff_line(line: str) -> Markup:
    if line.startswith("@@"):
        return element("span", line, class_="hunk")
    return element(DIFF_TAGS.get(line[:1], "span"), line or " ")


def _part(title: str, note: str, *inside: str) -> Markup:
    return joined([element("h3", title), element("p", note, class_="note"), *inside])


def _ladder(measures: Sequence[Data], say: Voice) -> Markup:
    if not measures:
        return NOTHING
    most = max(m["findings"] for m in measures)
    heads = ("findings_head", "accounts_head", "before_head", "newly_head", "spared_head")
    columns = (
        TableColumn(say("step"), "label"),
        TableColumn(say("findings_bar"), "chart"),
        *(TableColumn(say(head)) for head in heads),
    )
    rows = [_ladder_row(m, most, say) for m in measures]
    made = table(say("ladder"), columns, rows, headed=True)
    keys = key(("outer:findings", "inner:accounts"), say)
    return _part(say("ladder"), say("ladder_say"), keys, made)


def _ladder_row(step: Data, most: int, say: Voice) -> list[str]:
    name = f"{step['step']}. {say.measure(step['measure'], step['capability'])}"
    findings, accounts = step["findings"], step["accounts"]
    desc = say(
        "findings_desc",
        findings=say.counted("findings", findings),
        accounts=say.counted("accounts", accounts),
    )
    bar = nested(findings, accounts, most, name, desc)
    names = ("findings", "accounts", "accounts_before", "newly_hit", "newly_spared")
    return [name, bar, *(say.number(step[n]) for n in names)]


def _stakes(stakes: Sequence[Data], say: Voice) -> Markup:
    if not stakes:
        return NOTHING
    heads = ("stake_now", "before_head", "stake_change")
    columns = (TableColumn(say("amount"), "label"), *(TableColumn(say(head)) for head in heads))
    rows = []
    for stake in stakes:
        now, before = stake["amount"], stake["before"]
        amounts = (now, before, now - before)
        name = stake["title"].get(say.lang, stake["name"])
        rows.append([name, *(say.money(a, stake["currency"]) for a in amounts)])
    made = table(say("stakes"), columns, rows, headed=True)
    return _part(say("stakes"), say("stakes_say"), made)


def _segments(segments: Sequence[Data], say: Voice) -> Markup:
    if not segments:
        return NOTHING
    tables = [_segment(segment, say) for segment in segments]
    keys = key(("outer:hit", "inner:still"), say)
    return _part(say("segments"), say("segments_say"), keys, *tables)


def _segment(segment: Data, say: Voice) -> Markup:
    heads = (
        "share_hit", "share_still", "accounts_head", "hit_head", "still_head", "newly_head",
        "spared_head",
    )  # fmt: skip
    columns = (
        TableColumn(say("group"), "label"),
        TableColumn(say("share_bar"), "chart"),
        *(TableColumn(say(head)) for head in heads),
    )
    most = max((b["hit"] / b["accounts"] for b in segment["bands"] if b["accounts"]), default=0)
    rows = [_band(band, most, say) for band in segment["bands"]]
    return table(say("by", name=segment["title"].get(say.lang, segment["name"])), columns, rows)


def _band(band: Data, most: float, say: Voice) -> list[str]:
    label, accounts, hit, still = (band[n] for n in ("label", "accounts", "hit", "holding"))
    name = say.band(label)
    desc = say("share_desc", hit=say.share(hit, accounts), still=say.share(still, accounts))
    whole = accounts or 1
    bar = nested(hit / whole, still / whole, most, name, desc)
    counts = (accounts, hit, still, band["newly_hit"], band["newly_spared"])
    shares = (say.share(hit, accounts), say.share(still, accounts))
    return [name, bar, *shares, *(say.number(n) for n in counts)]


def _forecast(forecast: Data, say: Voice) -> Markup:
    hours = forecast["hours"]
    if not any(hours):
        return NOTHING
    busiest = max(range(len(hours)), key=lambda i: hours[i])
    text = say(
        "forecast_say",
        rate=say.rate(sum(hours)),
        weeks=say.rate(forecast["weeks"]),
        hour=_hour(busiest, say),
        most=say.rate(hours[busiest]),
    )
    words = HeatWords(
        title=say("forecast_title"),
        desc=text,
        days=[day[:3].capitalize() for day in say.days()],
        per_day=say("per_day"),
        per_hour=say("per_hour"),
        cell=lambda i, value: say("cell", hour=_hour(i, say), rate=say.rate(value)),
        value=say.rate,
    )
    return _part(say("forecast"), text, scrolling(heat_map(hours, words), words.title))


def _hour(index: int, say: Voice) -> str:
    """`Monday 13:00 to 14:00 UTC`, of an hour of the week."""
    day, hour = divmod(index, 24)
    return say("hour", day=say.days()[day], start=f"{hour:02}", end=f"{hour + 1:02}")


def _accuracy(accuracy: Data | None, say: Voice) -> Markup:
    if accuracy is None:
        return NOTHING
    caught, judged, abusive = (accuracy[n] for n in ("hit_abusive", "hit_labelled", "abusive"))
    counts = {"caught": caught, "judged": judged, "abusive": abusive}
    shown = {name: say.number(n) for name, n in counts.items()}
    precision = say.share(caught, judged) if judged else say("no_share")
    recall = say.share(caught, abusive) if abusive else say("no_share")
    tiles = (
        tile("labels", say("precision"), precision, say("precision_say", **shown)),
        tile("labels", say("recall"), recall, say("recall_say", **shown)),
    )
    note = say.counted("labelled", accuracy["labelled"])
    return _part(say("accuracy"), note, element("dl", *tiles, class_="tiles"))


def _samples(one: Data, say: Voice) -> Markup:
    if not one["samples"]:
        return NOTHING
    note = say("samples_newly" if one["newly_hit"] else "samples_hit")
    items = [_sample(sample["why"][say.lang], say) for sample in one["samples"]]
    return _part(say("samples"), note, element("div", *items, class_="samples"))


def _sample(why: Data, say: Voice) -> Markup:
    """One account: in a line what was counted, and unfolded all of the reason."""
    gist = " · ".join(say("counted", **fact) for fact in why["facts"])
    review = say.letter("review") if why["reviewed"] else ""
    parts = (
        _quoted(why["clause"]),
        element("p", say.letter("stayed" if why["stayed"] else "became")),
        element("p", say.letter("measure", **{**why, "review": review})),
        _facts(why, say),
        element("h4", say.letter("held")),
        element("ul", *(_held(part, say) for part in why["conditions"]), class_="held"),
        element("h4", say.letter("changes")),
        _changes(why["changes"], say),
    )
    return element(
        "details",
        element(
            "summary",
            account(why["account"]),
            f", {why['date']}",
            element("span", gist, class_="gist"),
        ),
        element("div", *parts, class_="in"),
    )


def account(name: str) -> Markup:
    """An id of theirs; `bdi` keeps its writing direction from turning what stands around it."""
    return element("bdi", name, class_="account")


def _facts(why: Data, say: Voice) -> Markup:
    columns = (
        TableColumn(say("fact"), "label"),
        TableColumn(say("value")),
        TableColumn(say("events_head")),
    )
    rows = []
    for fact in why["facts"]:
        withheld = element("div", say("withheld"), class_="withheld")
        name = joined([fact["says"], NOTHING if fact["disclosed"] else withheld])
        known = len(why["evidence"].get(fact["fact"], ()))
        count = say.number(known) + ("+" if known == MOST_EVIDENCE else "")
        rows.append([name, fact["shown"], count])
    return table(say.letter("facts"), columns, rows)


def _held(part: Data, say: Voice) -> Markup:
    mark = MARKS[part["holds"]]
    says = element("span", part["says"])
    return element("li", element("span", say.letter(mark), class_=f"mark {mark}"), says)


def _changes(changes: Sequence[Data], say: Voice) -> Markup:
    if not changes:
        return element("p", say.letter("nothing"))
    return element("ul", *(element("li", change["says"]) for change in changes))


def _spared_samples(accounts: Sequence[str], say: Voice) -> Markup:
    if not accounts:
        return NOTHING
    items = (element("li", account(name)) for name in accounts)
    listed = element("ul", *items, class_="spared-list")
    return joined([element("h3", say("spared_samples")), listed])
