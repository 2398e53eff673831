"""Accounts from Parquet: those that were hit, and the population they are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from habeas.core.errors import InvalidInput, NotFound, nearest
from habeas.core.wave.diagnosis import LeftOut
from habeas.engine.profiles import Attribute, coded
from habeas.ports.tables import DAMAGES, open_parquet

ACCOUNT = "account"
HITS, POPULATION = "the hits file", "the population file"
REMAKE = "write it again as Parquet, with a column `account` and one for each attribute"


@dataclass(frozen=True, slots=True)
class WavePopulation:
    """A population with the rows of the accounts that were hit. `repeated` is how many rows of
    the hits named an account again."""

    attributes: list[Attribute]
    left_out: Mapping[str, LeftOut]
    weights: NDArray[np.float64] | None
    accounts: int
    hits: NDArray[np.int64]
    repeated: int


def read_wave(hits: Path | Sequence[str], population: Path, weights: str | None) -> WavePopulation:
    """Both files, each hit found in the population; or the names of the accounts that were hit,
    and the file. The attributes are those that both have; if the hits have only accounts, those of
    the population. Raises InvalidInput or NotFound."""
    everyone = _read(population, POPULATION)
    hit = _read(hits, HITS) if isinstance(hits, Path) else pa.table({ACCOUNT: [*hits]})
    if not len(hit):
        what = f"{HITS} '{hits}' has no row" if isinstance(hits, Path) else "nobody was hit"
        raise InvalidInput(what, "a wave has at least one account")
    own, all_accounts = _plain(hit.column(ACCOUNT)), _plain(everyone.column(ACCOUNT))
    if own.type != all_accounts.type:
        own, all_accounts = own.cast(pa.string()), all_accounts.cast(pa.string())
    _refuse_repeated(all_accounts, population)
    rows = _places(own, all_accounts, population)
    plan = None if weights is None else _weights(everyone, weights, population)
    names, left_out = _names(hit, everyone, weights)
    shared = [n for n in names if n in hit.column_names]
    _refuse_difference(hit, everyone.take(rows), shared)
    attributes = []
    for name in names:
        found = coded(name, everyone.column(name))
        if isinstance(found, Attribute):
            attributes.append(found)
        else:
            left_out[name] = found
    if not attributes:
        raise InvalidInput(
            f"no attribute of '{population}' can be compared",
            "both files need columns beside `account` that some accounts share and others do not",
        )
    once = np.unique(rows)
    return WavePopulation(attributes, left_out, plan, len(everyone), once, len(rows) - len(once))


def _read(path: Path, what: str) -> pa.Table:
    source = open_parquet(path, what, REMAKE)
    for name in source.schema_arrow.names:
        if source.schema_arrow.names.count(name) > 1:
            raise InvalidInput(f"{what} '{path}' has two columns `{name}`", REMAKE)
    if ACCOUNT not in source.schema_arrow.names:
        hint = nearest(ACCOUNT, source.schema_arrow.names)
        raise InvalidInput(f"{what} '{path}' has no column `{ACCOUNT}`", hint)
    texts = [f.name for f in source.schema_arrow if f.type in (pa.string(), pa.large_string())]
    coded = [name for name in texts if name != ACCOUNT]  # most of reading a file is its texts
    try:
        table = pq.ParquetFile(path, read_dictionary=coded).read()
        table.validate(full=True)  # a text that is not UTF-8 must not pass as one
    except DAMAGES as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"{what} '{path}' is damaged: {reason}", REMAKE) from None
    kind = _plain(table.column(ACCOUNT)).type
    if kind not in (pa.string(), pa.large_string()) and not pa.types.is_integer(kind):
        raise InvalidInput(f"`{ACCOUNT}` of {what} '{path}' is {kind}, no text or integer", REMAKE)
    if table.column(ACCOUNT).null_count:
        raise InvalidInput(f"{what} '{path}' has rows without an account", REMAKE)
    return table


def _refuse_repeated(accounts: pa.ChunkedArray, path: Path) -> None:
    if len(accounts.unique()) == len(accounts):
        return
    counts = accounts.value_counts()
    most = counts[int(np.argmax(counts.field("counts").to_numpy()))].as_py()
    message = f"account '{most['values']}' is {most['counts']} times in the population '{path}'"
    raise InvalidInput(message, "each account must be in it once")


def _places(own: pa.ChunkedArray, accounts: pa.ChunkedArray, path: Path) -> NDArray[np.int64]:
    """For each row of the hits, the row of the population with the same account."""
    unique = own.unique()
    number = pc.index_in(accounts, value_set=unique)
    rows = np.flatnonzero(pc.is_valid(number).to_numpy())
    if len(rows) < len(unique):
        there = pc.is_in(unique, value_set=accounts.take(rows).combine_chunks())
        missing = pc.filter(unique, pc.invert(there))
        raise NotFound(
            f"{len(missing):,} of the hit accounts, '{missing[0].as_py()}' for one, "
            f"are not in the population '{path}'",
            "the population must hold all accounts that could have been hit, the hit ones too",
        )
    place = np.empty(len(unique), np.int64)
    place[number.take(rows).to_numpy()] = rows
    found: NDArray[np.int64] = place[pc.index_in(own, value_set=unique).to_numpy()]
    return found


def _weights(table: pa.Table, name: str, path: Path) -> NDArray[np.float64]:
    if name not in table.column_names or name == ACCOUNT:
        hint = nearest(name, [n for n in table.column_names if n != ACCOUNT])
        raise NotFound(f"the population '{path}' has no column `{name}` of weights", hint)
    column = _plain(table.column(name))
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise InvalidInput(f"the weights `{name}` of '{path}' are {column.type}, not numbers")
    found: NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(wrong):
        account = table.column(ACCOUNT)[int(wrong[0])].as_py()
        value = column[int(wrong[0])].as_py()
        raise InvalidInput(
            f"the weight `{name}` of account '{account}' is {value} in '{path}'",
            "a weight is a number of 0 or more, for each account",
        )
    if not found.any():
        raise InvalidInput(
            f"all weights `{name}` of '{path}' are 0, so no hit is expected of anyone",
            "give what the plan expects, or leave --weights out",
        )
    return found


def _names(
    hit: pa.Table, everyone: pa.Table, weights: str | None
) -> tuple[list[str], dict[str, LeftOut]]:
    own = [n for n in hit.column_names if n not in (ACCOUNT, weights)]
    others = [n for n in everyone.column_names if n not in (ACCOUNT, weights)]
    if not own:
        return others, {}
    lone = {name: LeftOut.ONE_FILE for name in [*own, *others] if (name in own) != (name in others)}
    return [name for name in others if name in own], lone


def _refuse_difference(hit: pa.Table, same: pa.Table, names: list[str]) -> None:
    """An attribute of a hit account must be the same in both files, or its excess would be one of
    the files and not of the wave."""
    accounts = hit.column(ACCOUNT)
    for name in names:
        own, other = _plain(hit.column(name)), _plain(same.column(name))
        try:
            own = own.cast(other.type)
        except pa.ArrowException:
            raise InvalidInput(
                f"the attribute `{name}` is {own.type} among the hits and {other.type} in the "
                "population",
                "write it as the same type in both files",
            ) from None
        if own.equals(other):
            continue
        for account, here, there in zip(accounts, own, other, strict=True):
            one, two = _told(here), _told(there)
            if one != two:
                raise InvalidInput(
                    f"`{name}` of account '{account.as_py()}' is {one} among the hits and {two} "
                    "in the population",
                    "both files must tell of the same moment",
                )


def _told(value: pa.Scalar) -> object:
    found = value.as_py()
    return None if found != found else found  # NaN, which differs from itself, is none


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
