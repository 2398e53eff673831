"""Whatever a command is given: an exit code by class, one sentence, a next step, no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import (
    Changed,
    HabeasError,
    InvalidInput,
    InvalidPolicy,
    NotFound,
    Overflowed,
    Unwritable,
)
from tests.flows.applying import put_in_force
from tests.flows.shop import SCHEMA, Shop, busy_shop, event, lines, policy, run, run_apart

USAGE, INVALID, MISSING, POLICY = 2, 3, 4, 5
CHANGED, UNWRITABLE, OVERFLOWED = 6, 7, 8
GARBAGE = bytes(np.random.default_rng(7).integers(0, 256, 3000, dtype=np.uint8))

# Policies with one mistake each.
BAD_POLICIES: dict[str, str | bytes] = {
    "unknown-fact": policy(when="refunds > 3 and orders = returns"),
    "own-name": policy(when="many_returns and orders = returns"),
    "fact-of-fact": policy().replace("{count: return,", "{sum: orders, of: return,"),
    "alias-cycle": policy().replace("[orders, returns]", "&all [orders, *all]"),
    "no-boolean": policy(when="orders + returns"),
    "half-condition": policy(when="orders = returns and"),
    "bad-yaml": policy().replace("notice: 14d", "notice: [14d"),
    "empty": "",
    "a-list": "- policy\n",
    "latin": policy(title="été").encode("latin-1"),
    "garbage": GARBAGE,
    "not-raised": policy(when="orders = returns"),
    "failing-test": policy().replace("expect: finding", "expect: nothing"),
    "unknown-key": policy() + "severity: high\n",
    "twice": policy() + "version: 2\n",
    "sql-statement": policy(when="drop table orders"),
}
# Files that a mapping, a schema or labels cannot be, and the code for YAML and for data.
BAD_FILES: dict[str, str | bytes] = {
    "empty.yaml": "",
    "broken.yaml": "event: [\n",
    "cyclic.yaml": "event: &x {id: *x}\n",
    "latin.yaml": b"timezone: \xe9\n",
    "garbage.yaml": GARBAGE,
    "list.yaml": "[1]\n",
    "empty.parquet": b"",
    "garbage.parquet": b"PAR1" + GARBAGE + b"PAR1",
    "empty.ndjson": "",
    "notes.txt": "hello\n",
    "header.csv": "nr,when\n1,2\n",
    "twice.csv": "id,id\n1,2\n",
    "latin.csv": "id,prénom\n1,2\n".encode("latin-1"),
    "garbage.csv": GARBAGE,
    "labels.csv": "account,label\noften,perhaps\n",
    "verdicts.csv": "account,verdict\noften,yes\n",
    "sql.yaml": "event: {id: {sql: nosuch(id)}}\n",
    "reads.yaml": "event: {id: {sql: \"(select content from read_text('raw.ndjson'))\"}}\n",
    "zone.yaml": "timezone: Mars/Olympus\n",
    "elsewhere.yaml": "schema: none.yaml\n",
    "attribute.yaml": "attributes: {colour: colour}\n",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A working folder with a plan in force, and everything that can be wrong beside it."""
    shop = busy_shop(tmp_path_factory.mktemp("shop"))
    plan = shop.run("plan", "--policies", "policies", "--events", "events.parquet", "--json")
    assert put_in_force(shop, plan.json()["hash"]).code == 0
    for name, content in BAD_POLICIES.items():
        shop.write(f"bad/{name}/many-returns.yaml", content)
    shop.write("bad/events.yaml", SCHEMA)
    for name, content in BAD_FILES.items():
        shop.write(name, content)
    (shop.root / "folder.yaml").mkdir()
    (shop.root / "folder.parquet").mkdir()
    (shop.root / "none-inside").mkdir()
    shop.write("bare/many-returns.yaml", policy())
    table = pq.read_table(shop.events)
    changed = {
        "no-account": table.drop_columns(["account"]),
        "typed": table.set_column(1, "time_us", pa.array(["now"] * len(table))),
        "nulls": table.set_column(0, "id", pa.nulls(len(table), pa.string())),
        "no-rows": table.slice(0, 0),
    }
    for name, made in changed.items():
        pq.write_table(made, shop.root / f"{name}.parquet")
    big = Shop(shop.root / "big")
    big.write("events.yaml", SCHEMA)
    big.write("mapping.yaml", "schema: events.yaml\n")
    text = policy("spenders", when="spent > 0").replace(
        "facts:", "facts:\n  spent: {sum: amount, of: order}"
    )
    big.put(text.replace("disclose: [", "disclose: [spent, "))
    big.take_all(event(i, "a", "order", i, amount=2**62) for i in range(2))
    return shop


EVALUATE = "--policies policies --events"
JUDGE = "--events events.parquet --policies"
OUT = "--out out.parquet"
IMPORT_OUT = "--out out.parquet --quarantine out.ndjson"

# The command, its exit code, and what it says.
ROWS: list[tuple[str, int, str]] = [
    # no command, no options, wrong words
    ("nothing", USAGE, "No such command 'nothing'"),
    ("import", USAGE, "Missing argument 'IN...'"),
    ("import raw.ndjson", USAGE, "Missing option '--map'"),
    (f"import --map mapping.yaml {IMPORT_OUT}", USAGE, "Missing argument 'IN...'"),
    ("check", USAGE, "Missing argument 'DIR'"),
    ("check policies more", USAGE, "unexpected extra argument"),
    ("plan --policies policies", USAGE, "Missing option '--events'"),
    ("plan --events events.parquet", USAGE, "Missing option '--policies'"),
    ("apply", USAGE, "Missing argument 'HASH'"),
    ("why", USAGE, "Missing argument 'account'"),
    ("why often --lang de", USAGE, "'--lang'"),
    ("why often --events events.parquet", USAGE, "--policies and --events go together"),
    (f"findings {EVALUATE} events.parquet", USAGE, "Missing option '--out'"),
    (f"facts {EVALUATE} events.parquet {OUT} --engine gpu", USAGE, "'gpu' is not one of: "),
    (f"findings {EVALUATE} events.parquet {OUT} --engine ''", USAGE, "'' is not one of: "),
    (f"plan {EVALUATE} events.parquet --mode now", USAGE, "'now' is not shadow, canary:PERCENT"),
    (f"plan {EVALUATE} events.parquet --mode canary", USAGE, "'canary' is not shadow"),
    (f"plan {EVALUATE} events.parquet --mode canary:0", USAGE, "1 to 99 percent, not '0'"),
    (f"plan {EVALUATE} events.parquet --mode canary:100", USAGE, "1 to 99 percent, not '100'"),
    (f"plan {EVALUATE} events.parquet --mode canary:-5", USAGE, "1 to 99 percent, not '-5'"),
    (f"plan {EVALUATE} events.parquet --mode canary:²", USAGE, "1 to 99 percent, not '²'"),
    (f"plan {EVALUATE} events.parquet --mode canary:1.5", USAGE, "1 to 99 percent, not '1.5'"),
    (f"plan {EVALUATE} events.parquet --mode enforce:5", USAGE, "'enforce:5' is not shadow"),
    # import: inputs
    (f"import none.csv --map mapping.yaml {IMPORT_OUT}", MISSING, "the input 'none.csv' does not"),
    (f"import folder.yaml --map mapping.yaml {IMPORT_OUT}", INVALID, "is not a file"),
    (f"import empty.ndjson --map mapping.yaml {IMPORT_OUT}", INVALID, "is empty"),
    (f"import notes.txt --map mapping.yaml {IMPORT_OUT}", INVALID, "kind that cannot be imported"),
    (f"import header.csv --map mapping.yaml {IMPORT_OUT}", INVALID, "has no column `id`"),
    (f"import twice.csv --map mapping.yaml {IMPORT_OUT}", INVALID, "names `id` twice"),
    (f"import latin.csv --map mapping.yaml {IMPORT_OUT}", INVALID, "is not UTF-8"),
    (f"import garbage.csv --map mapping.yaml {IMPORT_OUT}", INVALID, "the header of"),
    (f"import empty.parquet --map mapping.yaml {IMPORT_OUT}", INVALID, "is empty"),
    (f"import garbage.parquet --map mapping.yaml {IMPORT_OUT}", INVALID, "whole Parquet file"),
    # import: mappings
    (f"import raw.ndjson --map none.yaml {IMPORT_OUT}", MISSING, "the mapping 'none.yaml' does"),
    (f"import raw.ndjson --map folder.yaml {IMPORT_OUT}", INVALID, "is not a file"),
    (f"import raw.ndjson --map empty.yaml {IMPORT_OUT}", POLICY, "the file is empty"),
    (f"import raw.ndjson --map broken.yaml {IMPORT_OUT}", POLICY, "the YAML cannot be read"),
    (f"import raw.ndjson --map cyclic.yaml {IMPORT_OUT}", POLICY, "contains itself"),
    (f"import raw.ndjson --map list.yaml {IMPORT_OUT}", POLICY, "not a mapping"),
    (f"import raw.ndjson --map latin.yaml {IMPORT_OUT}", INVALID, "is not UTF-8 text (line 1)"),
    (f"import raw.ndjson --map garbage.yaml {IMPORT_OUT}", INVALID, "is not UTF-8 text"),
    (f"import raw.ndjson --map sql.yaml {IMPORT_OUT}", POLICY, "does not fit the file"),
    (f"import raw.ndjson --map reads.yaml {IMPORT_OUT}", POLICY, "is not one expression"),
    (f"import raw.ndjson --map zone.yaml {IMPORT_OUT}", POLICY, "there is no such time zone"),
    (f"import raw.ndjson --map elsewhere.yaml {IMPORT_OUT}", MISSING, "the schema 'none.yaml'"),
    (f"import raw.ndjson --map attribute.yaml {IMPORT_OUT}", POLICY, "no attribute `colour`"),
    (f"import raw.ndjson --map raw.ndjson {IMPORT_OUT}", POLICY, "raw.ndjson:"),
    (f"import raw.ndjson --map mapping.yaml --schema none {IMPORT_OUT}", MISSING, "the schema"),
    (f"import raw.ndjson --map mapping.yaml --schema mapping.yaml {IMPORT_OUT}", POLICY, "`types`"),
    # import: outputs
    ("import raw.ndjson --map mapping.yaml --out x --quarantine x", INVALID, "written over"),
    ("import raw.ndjson --map mapping.yaml --out raw.ndjson --quarantine x", INVALID, "written"),
    ("import raw.ndjson --map mapping.yaml --out folder.yaml --quarantine x", UNWRITABLE, "Is a"),
    # check, and each mistake in a policy
    ("check none", MISSING, "the folder 'none' does not exist"),
    ("check mapping.yaml", INVALID, "'mapping.yaml' is not a folder"),
    (f"check {'n' * 300}", MISSING, "does not exist"),
    (f"plan {JUDGE} {'n' * 300}", MISSING, "does not exist"),
    (f"plan {EVALUATE} {'n' * 300}", MISSING, "does not exist"),
    ("check none-inside", MISSING, "there is no policy in 'none-inside'"),
    ("check policies --schema none.yaml", MISSING, "the schema 'none.yaml' does not exist"),
    ("check policies --schema broken.yaml", POLICY, "the YAML cannot be read"),
    ("check policies --schema garbage.yaml", INVALID, "is not UTF-8 text"),
    ("check policies --schema folder.yaml", INVALID, "is not a file"),
    # plan, findings, facts, why: events
    *(
        (f"{words} {EVALUATE} {file} {more}", code, said)
        for words, more in (("plan", ""), ("findings", OUT), ("facts", OUT), ("why often", ""))
        for file, code, said in (
            ("none.parquet", MISSING, "the events file 'none.parquet' does not exist"),
            ("folder.parquet", INVALID, "the events file 'folder.parquet' is not a file"),
            ("empty.parquet", INVALID, "no whole Parquet file: it is empty"),
            ("garbage.parquet", INVALID, "is no whole Parquet file"),
            ("raw.ndjson", INVALID, "is no whole Parquet file"),
            ("no-account.parquet", INVALID, "has no column `account`"),
            ("typed.parquet", INVALID, "the column `time_us` of 'typed.parquet' is string"),
            ("nulls.parquet", INVALID, "the column `id` of 'nulls.parquet' has nulls"),
        )
    ),
    (f"plan {EVALUATE} no-rows.parquet", INVALID, "holds no event"),
    (f"why often {EVALUATE} no-rows.parquet", MISSING, "no event names the account 'often'"),
    # plan, findings, facts, why: policies
    *(
        (f"{words} {JUDGE} {folder} {more}", code, said)
        for words, more in (("plan", ""), ("findings", OUT), ("facts", OUT), ("why often", ""))
        for folder, code, said in (
            ("none", MISSING, "the folder 'none' does not exist"),
            ("mapping.yaml", INVALID, "'mapping.yaml' is not a folder"),
            ("none-inside", MISSING, "there is no policy in 'none-inside'"),
            ("bad/unknown-fact", POLICY, "there is no fact `refunds`"),
            ("bad/garbage", POLICY, "is not UTF-8 text"),
        )
    ),
    (f"plan {JUDGE} policies --against none", MISSING, "the folder 'none' does not exist"),
    (f"plan {JUDGE} policies --against bad/empty", POLICY, "the file is empty"),
    (f"plan {JUDGE} bad/not-raised", POLICY, "this change can change who is hit"),
    ("plan --events big/events.parquet --policies big/policies", OVERFLOWED, "64 bits"),
    (f"facts --events big/events.parquet --policies big/policies {OUT}", OVERFLOWED, "64 bits"),
    # labels
    (f"plan {JUDGE} policies --labels none.csv", MISSING, "'none.csv' does not exist"),
    (f"plan {JUDGE} policies --labels labels.csv", INVALID, "line 2: 'perhaps' for account"),
    (f"plan {JUDGE} policies --labels verdicts.csv", INVALID, "have no column `label`"),
    (f"plan {JUDGE} policies --labels garbage.csv", INVALID, "the header of"),
    (f"plan {JUDGE} policies --labels folder.parquet", INVALID, "is not a file"),
    (f"plan {JUDGE} policies --labels empty.ndjson", INVALID, "is empty"),
    # plan, findings, facts: outputs
    (f"plan {JUDGE} policies --html folder.yaml", UNWRITABLE, "cannot be written: "),
    (f"plan {JUDGE} policies --html events.parquet", INVALID, "would be written over"),
    (f"findings {JUDGE} policies --out events.parquet", INVALID, "would be written over"),
    (f"facts {JUDGE} policies --out none/x", UNWRITABLE, "No such file or directory"),
    # apply, why
    ("apply 0123456789ab --as fay", MISSING, "'0123456789ab' names no plan here"),
    ("apply 01234 --as fay", MISSING, "give at least 6 digits of one of: "),
    ("apply '' --as fay", MISSING, "give at least 6 digits of one of: "),
    ("apply policies --as fay", MISSING, "'policies' names no plan here"),
    ("apply ../../.. --as fay", MISSING, "'../../..' names no plan here"),
    ("why nobody", MISSING, "no event names the account 'nobody'"),
    ("why oftn", MISSING, "did you mean `often`?"),
    ("why ''", MISSING, "no event names the account ''"),
    ("why [/bold]", MISSING, "no event names the account '[/bold]'"),
    ("why -- --json", MISSING, "no event names the account '--json'"),
    ("why often --plan 0123456789ab", MISSING, "'0123456789ab' names no plan here"),
]
# Commands that do not know --json, and mistakes that `check` tells on standard output.
PLAIN_ROWS: list[tuple[str, int, str]] = [
    ("schema", USAGE, "Missing argument 'name'. Choose from: policy, events, mapping"),
    ("schema colours", USAGE, "'policy', 'events', 'mapping'"),
    ("schema policy more", USAGE, "unexpected extra argument"),
    ("init .", CHANGED, "' exists already"),
    ("init mapping.yaml", UNWRITABLE, "cannot be made: "),
    ("init one two", USAGE, "unexpected extra argument"),
]
MISTAKES: dict[str, str] = {
    "unknown-fact": "many-returns.yaml:8:7: error: there is no fact `refunds`",
    "own-name": "many-returns.yaml:8:7: error: `many_returns` makes the condition depend on itself",
    "fact-of-fact": "many-returns.yaml:7:18: error: `orders` is a fact, and facts are made from",
    "alias-cycle": "error: this part contains itself (a cyclic alias)",
    "no-boolean": "many-returns.yaml:8:7: error: `when` is a whole number, not a condition",
    "half-condition": "many-returns.yaml:8:24: error: the condition cannot be read near `and`",
    "bad-yaml": "error: the YAML cannot be read: ",
    "empty": "many-returns.yaml:1:1: error: the file is empty",
    "a-list": "many-returns.yaml:1:1: error: the file is not a mapping of keys to values",
    "latin": "is not UTF-8 text (line 3)",
    "garbage": "is not UTF-8 text",
    "not-raised": "many-returns.yaml:2:10: error: this change can change who is hit, and version",
    "failing-test": "error: test 1 gives finding, not nothing",
    "unknown-key": "error: `severity` is not a key here",
    "twice": "error: `version` stands here twice",
    "sql-statement": "many-returns.yaml:8:7: error: the condition cannot be read near ",
}


def words(line: str) -> list[str]:
    return ["" if word == "''" else word for word in line.split()]


def told_well(err: str, said: str) -> bool:
    """One sentence and a next step, or problems with their places, hints, and a next step."""
    told = err.splitlines()
    sentences = [x for x in told if not x.startswith("  ")]
    return (
        said in err
        and "Traceback" not in err
        and "did not foresee" not in err
        and told[-1].startswith(("  next: ", "  hint: "))
        and all(x.startswith("habeas: ") or ": error: " in x for x in sentences)
        and (len(sentences) == 1 or ": error: " in sentences[0])
    )


@pytest.mark.parametrize(("line", "code", "said"), ROWS + PLAIN_ROWS)
def test_a_mistake_is_one_sentence_and_a_next_step(
    shop: Shop, line: str, code: int, said: str
) -> None:
    answer = shop.run(*words(line))
    assert answer.code == code, answer
    assert answer.out == ""
    assert told_well(answer.err, said), answer.err
    assert not (shop.root / "out.parquet").exists()


@pytest.mark.parametrize(("line", "code", "said"), ROWS)
def test_a_mistake_is_an_object_for_programs(shop: Shop, line: str, code: int, said: str) -> None:
    command, *rest = words(line)
    answer = shop.run(command, "--json", *rest)
    assert answer.code == code, answer
    assert answer.err == ""
    found = answer.json()
    assert {"error", "message", "hint"} <= found.keys()
    assert all(isinstance(found[key], str) for key in ("error", "message", "hint"))
    assert said in json.dumps(found, ensure_ascii=False).replace('\\"', '"')
    assert found["error"] in CODES
    assert CODES[found["error"]] == code
    assert found["hint"] or found["problems"][0]["hint"]


ERRORS = (InvalidInput, NotFound, InvalidPolicy, Changed, Unwritable, Overflowed)
CODES = {error.__name__: error.exit_code for error in ERRORS} | {"WrongUsage": USAGE}


@pytest.mark.parametrize("name", MISTAKES)
def test_check_tells_each_mistake_with_its_place_and_a_hint(shop: Shop, name: str) -> None:
    answer = shop.run("check", f"bad/{name}")
    assert (answer.code, answer.err) == (POLICY, "")
    first, hint, *_ = answer.out.splitlines()
    assert MISTAKES[name] in first
    assert first.startswith(f"bad/{name}/many-returns.yaml:")
    assert hint.startswith("  hint: ")
    assert answer.out.splitlines()[-1].startswith("1 polic")
    found = shop.run("check", f"bad/{name}", "--json").json()
    (problem, *_) = found["problems"]
    assert found["errors"] >= 1
    assert problem["sentence"] in first


@pytest.mark.parametrize("name", MISTAKES)
def test_plan_refuses_each_mistake(shop: Shop, name: str) -> None:
    answer = shop.run("plan", *words(f"{JUDGE} bad/{name}"))
    assert answer.code == POLICY
    assert told_well(answer.err, MISTAKES[name]), answer.err


def test_every_mistake_is_in_the_table() -> None:
    assert MISTAKES.keys() == BAD_POLICIES.keys()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nothing", USAGE),
        ("check mapping.yaml", INVALID),
        ("why nobody", MISSING),
        (f"plan {JUDGE} bad/unknown-fact", POLICY),
        ("init .", CHANGED),
        (f"findings {JUDGE} policies --out none/x", UNWRITABLE),
        ("plan --events big/events.parquet --policies big/policies", OVERFLOWED),
    ],
)
def test_a_process_of_its_own_says_the_same(shop: Shop, line: str, code: int) -> None:
    apart = run_apart(*words(line), inside=shop.root)
    assert apart == shop.run(*words(line))
    assert apart.code == code


def test_exit_codes_are_apart() -> None:
    codes = [HabeasError.exit_code, *(error.exit_code for error in ERRORS), USAGE, 0]
    assert len(set(codes)) == len(codes)


def test_an_error_that_no_one_foresaw_is_one_sentence_as_well(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda _: 1 / 0)
    answer = shop.run("check", "policies")
    assert answer.code == HabeasError.exit_code
    assert answer.err.startswith("habeas: something failed that Habeas did not foresee (ZeroDiv")
    monkeypatch.setenv("HABEAS_TRACE", "1")
    with pytest.raises(ZeroDivisionError):
        run("check", "policies", inside=shop.root)


@pytest.mark.parametrize("name", [b"\xff", "é".encode(), b"\xed\xa0\x80", b"a\nb", b"[red]x"])
def test_an_account_of_any_bytes_is_told_back(shop: Shop, name: bytes) -> None:
    account = name.decode("utf-8", "surrogateescape")
    for more in ([], ["--json"]):
        answer = shop.run("why", account, *more)
        assert answer.code == MISSING
        assert "Traceback" not in answer.err
    assert answer.json()["message"] == f"no event names the account '{account}'"


def test_a_terminal_that_knows_ascii_only_gets_an_answer(shop: Shop) -> None:
    first = "import os, sys\nfor s in (sys.stdout, sys.stderr): s.reconfigure(encoding='ascii')"
    raw = shop.write("odd.ndjson", lines([event(1, "é", "login", 0)]))
    answer = run_apart(
        "import", raw, "--map", "mapping.yaml", "--out", "é.parquet", "--quarantine", "q",
        inside=shop.root, first=first,
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    assert "\\xe9.parquet" in answer.out
