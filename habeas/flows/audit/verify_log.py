"""The part of `habeas verify` that reads the log: tree, signed notes, texts of leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from habeas.core.errors import HabeasError
from habeas.core.log import Checkpoint, Leaf
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note
from habeas.core.log.consistency import check_extends
from habeas.core.log.cosignatures import read_cosignature, read_cosigner
from habeas.core.log.frontier import Frontier
from habeas.core.log.rotations import KeyRing
from habeas.core.progress import Progress
from habeas.ports.heads import KeptHead
from habeas.store import cosignatures, rows, tree
from habeas.store.leaves import PERSONAL
from habeas.store.subjects import AuditedSubjects

PAGE = 20_000  # leaves that are read together
LogProblems = Iterator[
    tuple[int, list[str]]
]  # how many were looked at, and what is wrong with them


def notes(ring: KeyRing) -> LogProblems:
    """Each checkpoint is signed by the key of then, of its size and time, and goes on from the one
    before."""
    last = 0
    for kept in tree.checkpoints():
        said = []
        try:
            point = ring.checked(read_note(kept.note))
            if point.size != kept.size:
                said.append(f"the checkpoint kept for {kept.size} leaves is of {point.size}")
            time_us, after = point.sealed or (kept.time_us, last)
            if time_us != kept.time_us:
                said.append(f"the checkpoint of {kept.size} leaves is kept with another time")
            if after != last:
                said.append(
                    f"the checkpoint of {kept.size} leaves goes on from one of {after}, "
                    f"and one of {last} is kept before it"
                )
        except HabeasError as error:
            said.append(f"the checkpoint of {kept.size} leaves: {error.message}")
        if kept.size <= last:
            said.append(f"the checkpoint of {kept.size} leaves comes after one of {last}")
        last = max(last, kept.size)
        yield 1, said


def signed() -> dict[int, list[Checkpoint]]:
    """What the notes say, whoever signed them, by size."""
    found: dict[int, list[Checkpoint]] = {}
    for kept in tree.checkpoints():
        try:
            point = read_checkpoint(read_note(kept.note).text)
        except HabeasError:
            continue
        found.setdefault(point.size, []).append(point)
    return found


def extends(heads: Sequence[KeptHead], ring: KeyRing | None) -> LogProblems:
    """The log goes on from every head that somebody kept; without a key, whoever signed them."""
    kept = tree.KeptTree(tree.size())
    for head in heads:
        said = []
        try:
            own = read_checkpoint(head.note.text)
            check_extends(kept, ring.checked(head.note) if ring else own)
        except HabeasError as error:
            said.append(f"{head.where}: {error.message}")
        yield 1, said


def cosigned() -> LogProblems:
    """Each cosignature is one of the head of its size, whoever the witness is."""
    for size, vkey, line, note in cosignatures.cosignatures():
        said = []
        try:
            text = "" if note is None else read_note(note).text
            read_cosignature(line, Note(text, ()), read_cosigner(vkey))
        except HabeasError as error:
            said.append(f"the cosignature by {vkey} for {size} leaves: {error.message}")
        yield 1, said


LEAVES = (
    "SELECT p.place, l.kind, l.commitment FROM habeas_leafplace p LEFT JOIN habeas_leaf l "
    "ON l.number = p.leaf WHERE p.place >= %s ORDER BY p.place LIMIT %s"
)
NO_PLACE = "SELECT place FROM habeas_leafplace WHERE place < 0 ORDER BY place LIMIT 1000"
NODES = (
    "SELECT level, place, hash FROM habeas_treenode "
    "WHERE level = %s AND place >= %s AND place <= %s"
)


def whole(progress: Progress) -> LogProblems:
    """The tree from the leaves alone: the root of every checkpoint, so that each is consistent
    with the next, and every node that is kept."""
    edge, points, total, before, nodes = Frontier(), signed(), tree.size(), 0, 0
    while found := rows.select(LEAVES, [edge.size, PAGE]):
        said: list[str] = []
        made: dict[tuple[int, int], bytes] = {}
        for place, kind, bound in found:
            hashed = _hash(kind, bound) if place == edge.size else None
            if hashed is None:
                yield len(found), [*said, f"the tree has no leaf at the place {edge.size}"]
                return
            for level, at, one in edge.push(hashed):
                if level % tree.STRIDE == 0:
                    made[level, at] = one
            for point in points.get(edge.size, ()):
                if point.root != edge.root():
                    said.append(
                        f"the leaves from {before} to {point.size} do not give the root that was "
                        f"signed for {point.size}: one of them was changed, or put in"
                    )
                before = point.size
        progress(edge.size, total)
        nodes += len(made)
        yield len(found), [*said, *_differing(made)]
    yield 0, [*_ends(edge.size, max(points, default=0)), *_beside(nodes)]


def _hash(kind: str, bound: bytes | None) -> bytes | None:
    """None where there is no leaf, or none that anybody can have recorded."""
    try:
        return None if bound is None else Leaf(kind, bytes(bound)).hash
    except HabeasError:
        return None


def _ends(size: int, last: int) -> Iterator[str]:
    if size < last:
        yield f"a checkpoint was signed for {last} leaves, and {size} are there"
    if size > last:
        yield f"{size - last} leaves have a place that no checkpoint covers"


def _beside(nodes: int) -> Iterator[str]:
    """What the leaves of the tree do not make."""
    for (place,) in rows.select(NO_PLACE):
        yield f"the place {place} is none: the first one is 0"
    there = int(rows.select("SELECT count(*) FROM habeas_treenode")[0][0])
    if there > nodes:
        yield f"habeas_treenode: has {there - nodes:,} rows more than the leaves make"


def _differing(made: Mapping[tuple[int, int], bytes]) -> list[str]:
    said = []
    for level in sorted({level for level, _ in made}):
        own = {place: one for (of, place), one in made.items() if of == level}
        bound = [level, min(own), max(own)]
        there = {place: bytes(one) for _, place, one in rows.select(NODES, bound)}
        said += [
            f"node {place} of level {level} is not the hash of what is below it"
            for place, one in own.items()
            if there.get(place) != one
        ]
    return said


TEXTS = (
    "SELECT l.number, l.kind, l.commitment, t.text, t.salt, t.personal FROM habeas_leaf l "
    "LEFT JOIN habeas_leaftext t ON t.leaf = l.number WHERE l.number > %s "
    "ORDER BY l.number LIMIT %s"
)
BELOW = "SELECT number FROM habeas_leaf WHERE number < 1 ORDER BY number LIMIT 1000"
ALONE = (
    "SELECT t.leaf FROM habeas_leaftext t WHERE NOT EXISTS "
    "(SELECT 1 FROM habeas_leaf l WHERE l.number = t.leaf)"
)


def texts(subjects: AuditedSubjects, erased: frozenset[int]) -> Iterator[LeafPage]:
    """Each text and its salt make the commitment of their leaf; one that is gone was personal, and
    a record says that it was erased. And each leaf has its rows, or is named by its commit."""
    last = 0
    while found := rows.select(TEXTS, [last, PAGE]):
        last = found[-1][0]
        said = [what for row in found for what in _text(row, erased)]
        rowless = [*subjects.page([(row[0], row[1], row[3]) for row in found])]
        yield LeafPage(len(found), said, rowless)
    alone = [f"the text {number} belongs to no leaf" for (number,) in rows.select(ALONE)]
    below = [f"leaf {number}: leaves are numbered from 1" for (number,) in rows.select(BELOW)]
    yield LeafPage(0, [*alone, *below], [*subjects.end()])


@dataclass(frozen=True, slots=True)
class LeafPage:
    """Some leaves: how many, and what is wrong with their texts, and with their rows."""

    leaves: int
    texts: list[str]
    rows: list[str]


def _text(row: tuple[object, ...], erased: frozenset[int]) -> Iterator[str]:
    number, kind, bound, text, salt, personal = row
    if text is None:
        if number not in erased or kind not in PERSONAL:
            yield f"the text of leaf {number}, a {kind}, is gone, and no record says why"
        return
    if bool(personal) != (kind in PERSONAL):
        yield f"leaf {number}, a {kind}, can be erased, or cannot, other than its kind says"
    try:
        Leaf(str(kind), bytes(bound), str(text), bytes(salt))  # type: ignore[call-overload]
    except HabeasError as error:
        yield f"leaf {number}, a {kind}: {error.message}"


def late() -> list[str]:
    """Leaves that no later seal will find by itself."""
    last = tree.checkpoint()
    if last is None:
        return []
    floor = tree.floor(last.time_us)
    return [
        f"leaf {number} has no place, and later ones have: run `habeas seal --everything`"
        for number, _ in tree.unplaced(0, 1000)
        if number <= floor
    ]


GAPS = (
    "SELECT prior + 1, number - 1 FROM (SELECT number, lag(number, 1, 0) OVER (ORDER BY number) "
    "AS prior FROM habeas_leaf) AS numbered WHERE number > prior + 1 ORDER BY number LIMIT 1000"
)


def gaps() -> list[str]:
    """Numbers that no leaf has, below one that there is."""
    return [
        f"no leaf has the number {first}" if first == last else
        f"no leaf has the numbers {first} to {last}"
        for first, last in rows.select(GAPS)
    ]  # fmt: skip


def leaves() -> int:
    return int(rows.select("SELECT count(*) FROM habeas_leaf")[0][0])


def unsealed() -> int:
    sql = "SELECT (SELECT count(*) FROM habeas_leaf) - (SELECT count(*) FROM habeas_leafplace)"
    return int(rows.select(sql)[0][0])
