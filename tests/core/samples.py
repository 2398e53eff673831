"""A platform and a policy that the tests of the core share, as the files a person writes."""

from __future__ import annotations

from hypothesis import settings

from habeas.core.policy import Policy, Schema
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.policies import Draft, policy_of
from habeas.core.policy.schema import read_schema
from habeas.core.policy.shapes import PolicyShape, shaped
from habeas.core.policy.yaml import read_document
from tests.budgets import examples

calm = settings(max_examples=examples())
often = settings(max_examples=examples(200))
few = settings(max_examples=examples(30))
thorough = settings(max_examples=examples(600))


SCHEMA = """\
currencies: [EUR, JPY]
attributes:
  amount:  {type: money, currency: EUR, title: {en: amount, fr: montant}}
  fee:     {type: money, currency: JPY}
  price:   {type: money, currency_in: code}
  code:    {type: text}
  device:  {type: text, key: true, title: {en: device, fr: appareil}}
  country: {type: text}
  pieces:  {type: integer, unit: piece}
  rank:    {type: integer}
  weight:  {type: number, unit: kg}
  gift:    {type: boolean}
types:
  order:
    attributes: [amount, fee, price, code, device, country, pieces, rank, weight, gift]
    title: {en: orders, fr: commandes}
  return: {attributes: [amount, pieces, country], required: [amount]}
  login:  {attributes: [device, country]}
  signup: {}
segments:
  spend:  {sum: amount, of: order, bands: [50_00, 100_00]}
"""

POLICY = """\
policy: returns-abuse
version: 3
title: {en: Excessive returns, fr: Retours excessifs}
clause: {ref: "Conditions of Use 4.2", en: You may not., fr: Vous ne pouvez pas.}
facts:
  orders_365d:   {count: order, over: 365d}
  returned_365d: {sum: amount, of: return, over: 365d}
  spent_365d:    {sum: amount, of: order, over: 365d}
  sharing_30d:   {distinct: account, of: login, by: device, over: 30d, cap: 1000}
  tenure_days:   {age: signup, unit: day}
when: orders_365d >= 20 and returned_365d / spent_365d > 0.6 and sharing_30d < 1000
unless: tenure_days > 3650
ladder:
  - {measure: warn}
  - {measure: limit, capability: returns, for: 90d, after: 14d}
  - {measure: suspend, for: 30d, after: 30d, review: person}
  - {measure: close, after: 30d, review: person}
notice: 14d
disclose: [orders_365d, returned_365d, spent_365d]
dsa: {ground: incompatible, category: OTHER_VIOLATION_TC}
tests:
  - {given: {orders_365d: 30, returned_365d: 700_00, spent_365d: 1000_00}, expect: finding}
"""

# What the names of conditions mean where a test needs one of each type
TYPES = {
    "n": Type(Base.INTEGER),
    "m": Type(Base.INTEGER),
    "x": Type(Base.NUMBER),
    "eur": Type(Base.INTEGER, "EUR"),
    "cents": Type(Base.INTEGER, "EUR"),
    "jpy": Type(Base.INTEGER, "JPY"),
    "days": Type(Base.INTEGER, "day"),
    "kg": Type(Base.NUMBER, "kg"),
    "text": Type(Base.TEXT),
    "word": Type(Base.TEXT),
    "flag": Type(Base.BOOLEAN),
    "other": Type(Base.BOOLEAN),
}


def schema_of(text: str = SCHEMA) -> Schema:
    return read_schema(read_document(text, "events.yaml"))


def draft_of(text: str, file: str = "policy.yaml", schema: str = SCHEMA) -> Draft:
    document = read_document(text, file)
    return Draft(document, shaped(document, PolicyShape), schema_of(schema))


def policy_from(text: str = POLICY) -> Policy:
    return policy_of(draft_of(text))


def edited(old: str, new: str, text: str = POLICY) -> str:
    """The text with its one `old` replaced."""
    assert text.count(old) == 1, f"{text.count(old)} times in the text: {old}"
    return text.replace(old, new)


def policy_with(facts: str, when: str, unless: str = "") -> Policy:
    """A policy of one's own facts and conditions, the rest as in POLICY."""
    head, rest = POLICY.split("facts:\n")
    tail = "ladder:" + rest.split("ladder:")[1].split("disclose:")[0]
    name = facts.split(":")[0].strip()
    lines = [f"  {line.strip()}" for line in facts.strip().splitlines()]
    text = head + "facts:\n" + "\n".join(lines) + f"\nwhen: {when}\n"
    text += f"unless: {unless}\n" if unless else ""
    dsa = "dsa: {ground: incompatible, category: OTHER_VIOLATION_TC}\n"
    return policy_from(f"{text}{tail}disclose: [{name}]\n{dsa}")
