"""A plan with one policy that has everything a report shows, and a strict reader of pages."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from habeas.core.languages import LANGS, Lang
from habeas.core.letter.words import why
from habeas.core.policy import Finding, Plan, Policy
from habeas.core.policy.findings import FactChange, UnknownCause
from habeas.core.policy.plans import (
    Accuracy,
    Band,
    ChangeKind,
    Forecast,
    MeasureCount,
    Mode,
    PolicyPlan,
    Sample,
    Scope,
    Segment,
    Stage,
    StageKind,
    Stake,
    text_diff,
)
from habeas.core.policy.schema import read_schema
from habeas.core.policy.yaml import read_document
from habeas.flows.policy.check import check_texts
from habeas.pages.markup import VOID
from habeas.pages.plan import report

SCHEMA = read_schema(
    read_document(
        """
currencies: [EUR]
attributes: {amount: {type: money, currency: EUR}}
types:
  order: {attributes: [amount], required: [amount], title: {en: orders, fr: commandes}}
  return: {attributes: [amount], required: [amount], title: {en: returns, fr: retours}}
""",
        "events.yaml",
    )
)
TEXT = """\
policy: {name}
version: {version}
title: {{en: Many returns, fr: Trop de retours}}
clause: {{ref: Terms 4.2, en: Keep what you buy., fr: Gardez vos achats.}}
facts:
  returned: {{sum: amount, of: return, over: 30d}}
  orders: {{count: order}}
when: returned >= {least} and orders > 0
ladder: [{{measure: warn}}, {{measure: limit, capability: returns, for: 90d, after: 14d}}]
notice: 14d
disclose: [returned]
dsa: {{ground: incompatible, category: OTHER_VIOLATION_TC}}
"""


def policy(version: int = 1, least: str = "50_00", name: str = "many-returns") -> Policy:
    text = TEXT.format(name=name, version=version, least=least)
    return check_texts([("policy.yaml", text)], SCHEMA, {}).sound().policies[name]


POLICY, OLDER = policy(version=2, least="40_00"), policy()


def sample(account: str = "A-17") -> Sample:
    finding = Finding(
        id="f" * 32,
        event_id="e9",
        account=account,
        time_us=1_600_000_000_000_000,
        policy=POLICY.name,
        version=2,
        outcome=POLICY.outcome,
        index=0,
        cause=UnknownCause.BECAME_TRUE,
        values={"returned": 1234_50, "orders": 3},
        evidence={"returned": ("e1", "e9"), "orders": ("e0",)},
        truths=(
            ("returned >= 4000 AND orders > 0", True),
            ("returned >= 4000", True),
            ("orders > 0", None),
        ),
        changes=((FactChange("returned", 1234_50, 39_99),),),
    )
    reasons: dict[str, Any] = {lang: why(finding, POLICY, SCHEMA, lang) for lang in LANGS}
    return Sample(account, "e9", finding.time_us, reasons)


HOURS = tuple(2.5 if i == 37 else 0.25 if i % 5 == 0 else 0.0 for i in range(168))
ONE = PolicyPlan(
    policy="many-returns",
    title={"en": "Many returns", "fr": "Trop de retours"},
    change=ChangeKind.OUTCOME,
    version=2,
    version_before=1,
    outcome=POLICY.outcome,
    outcome_before=OLDER.outcome,
    text_hash=POLICY.text_hash,
    diff=text_diff(POLICY, OLDER),
    findings=1870,
    hit=1389,
    hit_before=1243,
    holding=1293,
    newly_hit=203,
    newly_spared=57,
    measures=(
        MeasureCount(0, "warn", None, 1401, 1389, 1243, 203, 57),
        MeasureCount(1, "limit", "returns", 469, 468, 400, 90, 22),
    ),
    stakes=(Stake("revenue", "EUR", 2_501_562_35, 2_600_000_00),),
    segments=(
        Segment(
            "spend",
            (
                Band("under EUR\u00a0500.00", 9000, 1189, 1100, 200, 50, 1500),
                Band("EUR\u00a0500.00 and over", 999, 200, 193, 3, 7, 370),
                Band("unknown", 0, 0, 0, 0, 0, 0),
            ),
        ),
    ),
    forecast=Forecast(53.3, HOURS),
    accuracy=Accuracy(100, 40, 50, 36, 36 / 50, 36 / 40),
    samples=(sample(),),
    spared_samples=("B-1", "B-2"),
)
PLAN = Plan(
    scope=Scope("a" * 64, "b" * 64, "c" * 64, None, 406_829, 9999, 1_291_191_960_000_000,
                1_323_435_000_000_000),
    mode=Mode.SHADOW,
    canary=None,
    canary_accounts=None,
    hit=1389,
    hit_before=1243,
    newly_hit=203,
    newly_spared=57,
    policies=(ONE,),
    stages=(Stage(StageKind.OUTCOME, "many-returns", 2, 1),),
)  # fmt: skip


def page(plan: Plan = PLAN, lang: Lang = "en") -> str:
    return report(plan.as_json(), lang)


def with_policy(**changes: Any) -> Plan:
    return replace(PLAN, policies=(replace(ONE, **changes),))


class Reader(HTMLParser):
    """Reads a page strictly: every element is ended, in order. Keeps tags, attributes, texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def plain(text: str) -> str:
    """With simple spaces, to compare with what people would type."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


def said_by(plan: Plan, lang: Lang = "en") -> str:
    return plain(Reader(page(plan, lang)).text)


def hostile_plan(text: str) -> Plan:
    """A plan with `text` wherever a person could have written it."""
    found = sample(text).why
    reasons: dict[str, Any] = {
        lang: {
            **found[lang],
            "clause": {"ref": text, "text": text},
            "measure": text,
            "facts": [{**f, "says": text, "shown": text} for f in found[lang]["facts"]],
            "conditions": [{**c, "says": text} for c in found[lang]["conditions"]],
            "changes": [{"says": text, "facts": []}],
        }
        for lang in LANGS
    }
    return replace(
        with_policy(
            policy=text,
            title={"en": text, "fr": text},
            diff=f"--- {text}\n+++ {text}\n@@ {text}\n+{text}\n-{text}\n {text}",
            stakes=(Stake(text, "EUR", 1, 1),),
            measures=(MeasureCount(0, "limit", text, 1, 1),),
            segments=(Segment(text, (Band(text, 2, 1, 1, 1, 0, 1),)),),
            samples=(Sample(text, text, 0, reasons),),
            spared_samples=(text,),
        ),
        stages=(Stage(StageKind.NEW, text, 1),),
    )
