"""A YAML text as plain values, with the place of each: errors name a line and a column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from habeas.core.errors import InvalidPolicy, Level, Problem
from habeas.core.policy.conditions import ConditionProblem

Path = tuple[str | int, ...]
MOST_NODES = 100_000  # in one file, counting what its aliases stand for
TEXT_KEYS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
PROPERTIES = re.compile(r"\A(?:[&!]\S*\s+)*")  # an anchor or a tag before a scalar
# One character of a scalar's value as its source writes it, by the style of the scalar
CHARACTER = re.compile(r".", re.DOTALL)
CHARACTERS = {
    "'": re.compile(r"''|.", re.DOTALL),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|\r?\n|.)|.", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is what the text says; a path of keys and indexes leads to where it says it."""

    file: str
    text: str
    value: object
    root: yaml.Node

    def problem(
        self, path: Path, sentence: str, hint: str = "", level: Level = Level.ERROR
    ) -> Problem:
        """A problem with what stands at `path`, or at its nearest parent that exists."""
        mark = self._node(path).start_mark
        return Problem(self.file, mark.line + 1, mark.column + 1, sentence, hint, level)

    def complaint(self, path: Path, found: ConditionProblem) -> Problem:
        """A problem inside the expression at `path`, at its offset in the expression's text."""
        node = self._node(path)
        index = node.start_mark.index
        if isinstance(node, yaml.ScalarNode):
            source = self.text[index : node.end_mark.index]
            index += _offset_in_source(source, node.style, node.value[: found.place])
        line, column = _position(self.text, index)
        return Problem(self.file, line, column, found.sentence, found.hint)

    def key_problem(self, path: Path, sentence: str, hint: str = "") -> Problem:
        """Like `problem`, at the key itself instead of at its value."""
        mark = self._key(path).start_mark
        return Problem(self.file, mark.line + 1, mark.column + 1, sentence, hint)

    def _node(self, path: Path) -> yaml.Node:
        node = self.root
        for step in path:
            below = _child(node, step)
            if below is None:
                return node
            node = below[1]
        return node

    def _key(self, path: Path) -> yaml.Node:
        parent = self._node(path[:-1])
        found = _child(parent, path[-1]) if path else None
        return parent if found is None else found[0]


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        # merged keys (<<) stand before the mapping's own, which win
        pairs = [(k, v) for k, v in node.value if k.value == str(step)]
        return pairs[-1] if pairs else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _offset_in_source(source: str, style: str | None, before: str) -> int:
    """Where the source of a scalar writes the character that follows `before` in its value.

    Folding and indentation change only blanks, so the characters that are none are counted.
    """
    start = len(source) - len(PROPERTIES.sub("", source)) + (1 if style else 0)
    if style in ("|", ">"):
        start = source.find("\n")
    left = len("".join(before.split()))
    for found in CHARACTERS.get(style or "", CHARACTER).finditer(source, start):
        if _is_blank(found[0]):
            continue
        if left == 0:
            return found.start()
        left -= 1
    return 0


def _is_blank(unit: str) -> bool:
    """Whether one character of a value, as its source writes it, is a blank (or no character)."""
    if len(unit) == 1 or unit[0] != "\\":
        return unit.isspace()
    return unit[1:].isspace() or unit[1] in "tnr"


def _position(text: str, index: int) -> tuple[int, int]:
    """The line and column, from 1, of a character of the text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


class _Loader(yaml.SafeLoader):
    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """A value such as the date 2024-13-45 is refused where it stands."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError):
            kind = node.tag.rpartition(":")[2]
            sentence = f"`{str(node.value)[:40]}` is no {kind}"
            raise yaml.constructor.ConstructorError(None, None, sentence, node.start_mark) from None


Refuser = Callable[[str, str, tuple[int, int]], InvalidPolicy]


def read_document(text: str, file: str) -> Document:
    """Read one YAML document. Raises InvalidPolicy with one located problem."""

    def refuse(sentence: str, hint: str, place: tuple[int, int] = (1, 1)) -> InvalidPolicy:
        problem = Problem(file, *place, sentence, hint)
        return InvalidPolicy(str(problem), problems=[problem])

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            raise refuse("the file is empty", "see docs/policies.md for an example")
        _refuse_what_cannot_be_meant(root, refuse)
        value = _Loader("").construct_document(root)
    except yaml.constructor.ConstructorError as error:
        hint = "if it is a text, put it in quotes"
        raise refuse(f"the YAML cannot be read: {error.problem}", hint, _place(error)) from None
    except yaml.MarkedYAMLError as error:
        said = f"{error.context}, {error.problem}" if error.context else error.problem
        hint = "check indentation, quotes and brackets here and on the line above"
        raise refuse(f"the YAML cannot be read: {said}", hint, _place(error)) from None
    except yaml.reader.ReaderError as error:
        sentence = f"the YAML cannot be read: {str(error).splitlines()[0]}"
        place = _position(text, error.position)
        raise refuse(sentence, "save the file as UTF-8 text", place) from None
    except RecursionError:
        raise refuse("the YAML is nested too deep", "flatten it") from None
    if not isinstance(value, dict):
        sentence = "the file is not a mapping of keys to values"
        raise refuse(sentence, "start with `policy: name` or `types:`", _place(root))
    return Document(file, text, value, root)


def _place(found: yaml.Node | yaml.MarkedYAMLError) -> tuple[int, int]:
    mark = found.start_mark if isinstance(found, yaml.Node) else found.problem_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _refuse_what_cannot_be_meant(root: yaml.Node, refuse: Refuser) -> None:
    """An alias may point at a node that contains it or unfold without end, and a mapping may name
    a key twice: YAML allows the first two and PyYAML the third, and none can be meant."""
    stack: list[tuple[yaml.Node, tuple[int, ...]]] = [(root, ())]
    visited = 0
    while stack:
        node, above = stack.pop()
        visited += 1
        if visited > MOST_NODES:
            sentence = f"the file has more than {MOST_NODES:,} values, aliases unfolded"
            raise refuse(sentence, "split it, or write less with aliases", _place(node))
        if id(node) in above:
            hint = "write the value out instead of using an alias (*name)"
            sentence = "this part contains itself (a cyclic alias)"
            raise refuse(sentence, hint, _place(node))
        inside = (*above, id(node))
        if isinstance(node, yaml.SequenceNode):
            stack += [(child, inside) for child in node.value]
        elif isinstance(node, yaml.MappingNode):
            _refuse_keys(node, refuse)
            stack += [(child, inside) for _, child in node.value]


def _refuse_keys(node: yaml.MappingNode, refuse: Refuser) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        place = _place(key)
        if not isinstance(key, yaml.ScalarNode):
            raise refuse("a key is not a plain word", "write `key: value`", place)
        if key.tag not in TEXT_KEYS:  # YAML takes 1, on, yes, null and 2024-01-01 for other things
            hint = f"put it in quotes: '{key.value}'"
            raise refuse(f"the key `{key.value}` is no text in YAML", hint, place)
        if key.value in seen:
            raise refuse(f"`{key.value}` stands here twice", "keep one of the two", place)
        seen.add(key.value)
