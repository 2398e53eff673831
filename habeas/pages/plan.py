"""The report of a plan as one HTML page: no script, nothing fetched, readable on paper. It is
what people look at before they let a policy loose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from habeas.core.languages import Lang
from habeas.pages.charts import BarPart, stacked
from habeas.pages.markup import SHOWN_HASH, Markup, TableColumn, block, element, joined, table
from habeas.pages.page import page
from habeas.pages.plan_policy import anchor, key, policy_section, said, tile, titled
from habeas.pages.voice import Voice

DIGESTS = ("events", "schema", "in_force", "labels")


def report(plan: Mapping[str, Any], lang: Lang) -> str:
    """The page, from the plan as JSON (`Plan.as_json`, or read back from its file)."""
    say = Voice(lang)
    accounts = plan["scope"]["accounts"]
    main = element(
        "main",
        _headline(plan, say),
        _sentences(plan, say),
        _overview(plan["policies"], say),
        *(policy_section(one, i, accounts, say) for i, one in enumerate(plan["policies"])),
        _apply(plan, say),
    )
    return page(_title(plan, say), lang, _head(plan, say), main, _foot(say))


def _title(plan: Mapping[str, Any], say: Voice) -> str:
    return say("plan", hash=plan["hash"][:SHOWN_HASH])


def _head(plan: Mapping[str, Any], say: Voice) -> Markup:
    scope = plan["scope"]
    intro = say(
        "intro",
        policies=say.counted("policies", len(plan["policies"])),
        accounts=say.counted("accounts", scope["accounts"]),
        events=say.counted("events", scope["count"]),
        first=say.date(scope["first_us"]),
        last=say.date(scope["last_us"]),
    )
    return element(
        "header",
        element("p", "Habeas", class_="over"),
        element("h1", _title(plan, say)),
        element("p", intro, class_="intro"),
        _mode(plan, say),
        _digests(plan, say),
    )


def _mode(plan: Mapping[str, Any], say: Voice) -> Markup:
    name = say(plan["mode"], percent=say.percent(plan["canary"] or 0))
    acted = say.counted("accounts", plan["canary_accounts"] or 0)
    means = say(f"{plan['mode']}_means", accounts=acted)
    return element("p", element("strong", name), " ", means)


def _digests(plan: Mapping[str, Any], say: Voice) -> Markup:
    listed = [("plan", plan["hash"])]
    listed += [(name, plan["scope"][name]) for name in DIGESTS if plan["scope"][name]]
    rows = [(say(f"of_{name}"), element("code", value)) for name, value in listed]
    columns = (TableColumn(say("input"), "label"), TableColumn("SHA-256", "digest"))
    return element(
        "details",
        element("summary", say("digests")),
        element("p", say("digests_say"), class_="note"),
        table(say("digests"), columns, rows, headed=True),
    )


def _headline(plan: Mapping[str, Any], say: Voice) -> Markup:
    accounts = plan["scope"]["accounts"]
    share = say.share(plan["hit"], accounts)
    hit_sub = say("hit_sub", share=share, accounts=say.counted("accounts", accounts))
    tiles = (
        tile("hit", say("hit"), say.number(plan["hit"]), hit_sub),
        tile("newly", say("newly"), say.number(plan["newly_hit"]), say("newly_sub")),
        tile("spared", say("spared"), say.number(plan["newly_spared"]), say("spared_sub")),
        tile("before", say("before"), say.number(plan["hit_before"]), say("before_sub")),
    )
    return block(say("headline"), element("dl", *tiles, class_="tiles"))


def _sentences(plan: Mapping[str, Any], say: Voice) -> Markup:
    """What each policy would do, in one sentence; it is the table of contents as well."""
    items = [
        element(
            "li",
            element("a", titled(one, say), href=f"#{anchor(i)}"),
            element("p", said(one, plan["scope"]["accounts"], say)),
        )
        for i, one in enumerate(plan["policies"])
    ]
    return block(say("sentences"), element("ul", *items, class_="sentences plain"))


def _overview(policies: Iterable[Mapping[str, Any]], say: Voice) -> Markup:
    listed = list(policies)
    most = max((one["hit"] + one["newly_spared"] for one in listed), default=0)
    names = ("hit", "kept", "newly", "spared", "holding")
    columns = (
        TableColumn(say("policy"), "label"),
        TableColumn(say("bar"), "chart"),
        *(TableColumn(say(name)) for name in names),
    )
    rows = [_overview_row(one, most, say) for one in listed]
    scale = say("overview_scale", accounts=say.counted("accounts", most))
    return block(
        say("overview"),
        key(("kept", "newly", "spared"), say),
        table(say("overview"), columns, rows, headed=True),
        element("p", scale, class_="note"),
    )


def _overview_row(one: Mapping[str, Any], most: int, say: Voice) -> list[str]:
    kept, newly, spared = one["hit"] - one["newly_hit"], one["newly_hit"], one["newly_spared"]
    shown = {"kept": kept, "newly": newly, "spared": spared}
    desc = say("bar_desc", **{name: say.number(n) for name, n in shown.items()})
    bar = stacked([BarPart(name, n) for name, n in shown.items()], most, titled(one, say), desc)
    name = joined([titled(one, say), element("div", one["policy"], class_="small")])
    counts = (one["hit"], kept, newly, spared, one["holding"])
    return [name, bar, *(say.number(n) for n in counts)]


def _apply(plan: Mapping[str, Any], say: Voice) -> Markup:
    stages = [element("li", say.stage(line)) for line in plan["stages"]]
    command = element("code", f"habeas apply {plan['hash']}", class_="command")
    return element(
        "section",
        element("h2", say("apply")),
        element("p", say("apply_say")),
        element("ol", *stages, class_="stages"),
        element("p", command, class_="keep"),
        class_="policy",
    )


def _foot(say: Voice) -> Markup:
    lines = [element("p", say(name), class_="note") for name in ("not_yet", "private")]
    return element("footer", *lines)
