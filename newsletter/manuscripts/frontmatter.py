"""YAML front matter -> fields with their lines, and back; it refuses what it does not know.

Nothing is constructed from YAML: its nodes are read as the text that stands there, so that
``headline: 1984`` and ``headline: no`` are headlines, and no tag can make an object.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from newsletter.errors import InvalidManuscript
from newsletter.language import marked as _
from newsletter.manuscripts import characters
from newsletter.manuscripts.refusals import refusal

FENCE = "---"
"""The line that opens front matter and the line that closes it."""

_MOST_CHARACTERS = 100_000
_WIDTH = 96
_TAG = "tag:yaml.org,2002:"
_SCALARS = {_TAG + name for name in ("str", "int", "float", "bool", "timestamp", "merge", "value")}

Value = str | date | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of front matter, at ``line`` counted from 1."""

    name: str
    line: int
    node: yaml.Node

    def word(self) -> str:
        """Return the value as one line; nothing if it is left empty."""
        return characters.line(self._scalar(self.node))

    def words(self) -> str:
        """Return the value, which may have several lines; nothing if it is left empty."""
        return characters.passage(self._scalar(self.node))

    def items(self) -> tuple[str, ...]:
        """Return the lines of a list that are not empty."""
        if self.is_empty():
            return ()
        if not isinstance(self.node, yaml.SequenceNode):
            raise self._refusal(
                self.node, _("“%(name)s” must be a list; write it as [first, second]")
            )
        lines = (characters.line(self._scalar(item)) for item in self.node.value)
        return tuple(filter(None, lines))

    def fields(self, names: Collection[str]) -> dict[str, "Field"]:
        """Return the fields of a mapping, which may have these ``names``."""
        if self.is_empty():
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            example = "\n".join(f"  {name}: …" for name in names)
            raise self._refusal(
                self.node,
                _("“%(name)s” must have fields of its own below it:\n%(example)s"),
                example=example,
            )
        return _fields(self.node, names, f"{self.name}.")

    def is_empty(self) -> bool:
        """Tell whether the name stands there without a value."""
        return self.node.tag == f"{_TAG}null"

    def _scalar(self, node: yaml.Node) -> str:
        if node.tag == f"{_TAG}null":
            return ""
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
            return str(node.value)
        raise self._refusal(node, _("“%(name)s” must be plain text; put it in double quotes"))

    def _refusal(self, node: yaml.Node, words: str, **facts: str) -> InvalidManuscript:
        return refusal(node.start_mark.line + 1, words, name=self.name, **facts)


def has_front_matter(text: str) -> bool:
    """Tell whether ``text`` begins with front matter."""
    return text.lstrip().split("\n", 1)[0].rstrip() == FENCE


def cut(text: str) -> tuple[str, str, int]:
    """Cut ``text`` into its front matter, its body, and the line at which the body begins.

    The front matter keeps its opening as empty lines, so that its lines keep their numbers.
    """
    lines = text.split("\n")
    opening = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[opening].rstrip() != FENCE:
        return "", text, 1
    for at in range(opening + 1, len(lines)):
        if lines[at].rstrip() == FENCE:
            front = "\n" * (opening + 1) + "\n".join(lines[opening + 1 : at])
            return front, "\n".join(lines[at + 1 :]), at + 2
    raise refusal(
        opening + 1, _("the front matter that begins here never ends; put a line --- after it")
    )


def read(front: str, names: Collection[str]) -> dict[str, Field]:
    """Return the fields of front matter, which may have these ``names``."""
    if len(front) > _MOST_CHARACTERS:
        raise refusal(1, _("the front matter is too long; move its text below the second ---"))
    try:
        root = yaml.compose(front, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise refusal(
            mark.line + 1 if mark else 1,
            _("the front matter is not valid YAML (%(problem)s); put the value in double quotes"),
            problem=str(error.problem or error.context),
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        raise refusal(
            1, _("the front matter is not valid YAML; write one “name: value” on each line")
        ) from None
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        line = root.start_mark.line + 1
        raise refusal(
            line, _("the front matter has no fields; write one “name: value” on each line")
        )
    return _fields(root, names, "")


def write(fields: Mapping[str, Value]) -> str:
    """Return front matter with its two fences that reads back as ``fields``."""
    text = yaml.dump(
        dict(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )
    return f"{FENCE}\n{text}{FENCE}\n"


def _fields(mapping: yaml.MappingNode, names: Collection[str], prefix: str) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for key, value in mapping.value:
        line = key.start_mark.line + 1
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if name not in names:
            known = ", ".join(names)
            raise refusal(
                line,
                _("“%(name)s” is no field; take one of %(known)s"),
                name=f"{prefix}{name[:40]}",
                known=known,
            )
        if name in fields:
            raise refusal(
                line,
                _("“%(name)s” stands there twice; keep one of the two"),
                name=prefix + name,
            )
        fields[name] = Field(prefix + name, line, value)
    return fields


class _Dumper(yaml.SafeDumper):
    """Writes YAML as people do: lists indented, text of several paragraphs as a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        text = characters.legible(text)  # what a reader drops must not decide how to quote
        style = "|" if "\n" in text else None
        return self.represent_scalar(f"{_TAG}str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)
