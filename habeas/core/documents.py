"""A YAML text as plain values, with the place of each: errors name a line and a column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import yaml

from habeas.core.conditions import Complaint
from habeas.core.errors import InvalidPolicy, Level, Problem

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is what the text says; `node_at` finds where it says it."""

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

    def complaint(self, path: Path, found: Complaint) -> Problem:
        """A problem inside the expression at `path`, at its offset in the expression's text."""
        node = self._node(path)
        line, column = node.start_mark.line, node.start_mark.column
        if isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
            source = self.text[node.start_mark.index : node.end_mark.index]
            before = source[: found.place + (1 if node.style else 0)]
            line += before.count("\n")
            column = (
                len(before) - before.rfind("\n") - 1 if "\n" in before else column + len(before)
            )
        return Problem(self.file, line + 1, column + 1, found.sentence, found.hint)

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
        pairs = [(k, v) for k, v in node.value if k.value == str(step)]
        return pairs[0] if pairs else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def read_document(text: str, file: str) -> Document:
    """Read one YAML document. Raises InvalidPolicy with one located problem."""

    def refuse(sentence: str, hint: str, mark: yaml.Mark | None) -> InvalidPolicy:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = Problem(file, line, column, sentence, hint)
        return InvalidPolicy(str(problem), problems=[problem])

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        sentence = f"the YAML cannot be read: {error.problem}"
        hint = "check indentation, quotes and brackets here and on the line above"
        raise refuse(sentence, hint, error.problem_mark) from None
    except yaml.YAMLError as error:
        sentence = f"the YAML cannot be read: {str(error).splitlines()[0]}"
        raise refuse(sentence, "save the file as UTF-8 text", None) from None
    except RecursionError:
        raise refuse("the YAML is nested too deep", "flatten it", None) from None
    if root is None:
        raise refuse("the file is empty", "see docs/policies.md for an example", None)
    _refuse_cycles(root, refuse)
    try:
        value = yaml.SafeLoader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        raise refuse(f"the YAML cannot be read: {error.problem}", "", error.problem_mark) from None
    except ValueError as error:  # for example the date 2024-13-45
        raise refuse(f"the YAML cannot be read: {error}", "put it in quotes", None) from None
    if not isinstance(value, dict):
        sentence = "the file is not a mapping of keys to values"
        raise refuse(sentence, "start with `policy: name` or `types:`", root.start_mark)
    return Document(file, text, value, root)


Refuse = Callable[[str, str, "yaml.Mark | None"], InvalidPolicy]


def _refuse_cycles(root: yaml.Node, refuse: Refuse) -> None:
    """An alias may point at a node that contains it, and a mapping may name a key twice: YAML
    allows the first and PyYAML the second, and neither can be meant."""
    stack: list[tuple[yaml.Node, tuple[int, ...]]] = [(root, ())]
    while stack:
        node, above = stack.pop()
        if id(node) in above:
            hint = "write the value out instead of using an alias (*name)"
            raise refuse("this part contains itself (a cyclic alias)", hint, node.start_mark)
        inside = (*above, id(node))
        if isinstance(node, yaml.SequenceNode):
            stack += [(child, inside) for child in node.value]
        elif isinstance(node, yaml.MappingNode):
            _refuse_twins(node, refuse)
            stack += [(child, inside) for _, child in node.value]


def _refuse_twins(node: yaml.MappingNode, refuse: Refuse) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise refuse("a key is not a plain word", "", key.start_mark)
        if key.value in seen:
            sentence = f"`{key.value}` stands here twice"
            raise refuse(sentence, "keep one of the two", key.start_mark)
        seen.add(key.value)
