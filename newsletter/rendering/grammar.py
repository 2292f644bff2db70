"""What templates of the desk may say: whatever is not named here cannot be said.

There is no macro, no import, no call but for translations, no filter that is not in the list.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jinja2 import TemplateAssertionError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables

from newsletter.language import translations
from newsletter.rendering.sandbox import Sandbox
from newsletter.rendering.slots import CLOSE, OPEN

LONGEST = 20_000
"""Characters of a template."""
_MOST = 1_000
"""The largest number that can be written, and the most times that a text is repeated."""
_MANY = 30
"""So many values may stand in one row."""

FILTERS = frozenset(
    {
        *("bare", "capitalize", "count", "d", "date", "day", "default", "direction", "e", "escape"),
        *("first", "fold", "join", "last", "length", "lower", "map", "max", "min", "moment"),
        *("number", "period", "select", "short_weekday", "spread", "tongue", "trim", "truncate"),
        *("underline", "upper", "weekday"),
    }
)
_TESTS = frozenset(
    {
        *("defined", "undefined", "none", "number", "string", "odd", "even"),
        *("eq", "equalto", "ne", "gt", "ge", "lt", "le", "in"),
    }
)
_CALLS = frozenset({"_", "gettext", "ngettext"})
_STATEMENTS = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.With),
    *(nodes.Assign, nodes.AssignBlock, nodes.Block, nodes.Extends, nodes.Include),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Call),
    *(nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Concat),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Tuple, nodes.List, nodes.Keyword),
)
_FORMAT = re.compile(r"%(?!%|\(\w+\)s)")
_DANGEROUS = re.compile(
    r"(?i)<\s*/?\s*(?P<tag>script|iframe|frame|object|embed|form|input|button|link|meta|base|svg"
    r"|style|video|audio)\b|(?P<handler>\bon[a-z]{3,}\s*=)|(?P<scheme>(?:java|vb)script\s*:)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: in which of its parts, on which line if it has one."""

    side: str
    line: int
    message: str


def faults(
    source: str,
    side: str,
    environment: Sandbox,
    known: Mapping[str, frozenset[str]],
    others: frozenset[str],
    language: str,
) -> Iterator[Fault]:
    """Say in ``language`` what a template cannot say, by its words alone.

    ``known`` are the variables with what is documented of each, nothing where it is a plain value;
    ``others`` the templates that it may include.
    """
    _ = translations(language).gettext
    if len(source) > LONGEST:
        yield Fault(side, 0, _("This is longer than 20,000 characters; shorten it."))
        return
    if OPEN in source or CLOSE in source:
        yield Fault(side, 0, _("There are characters in it that no keyboard writes; type it anew."))
        return
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        words = _("This cannot be read as a template: %(words)s.")
        message = str(error.message or "").rstrip(".")
        yield Fault(side, error.lineno, words % {"words": message})
        return
    except RecursionError:
        yield Fault(side, 0, _("This is nested too deep; say it more simply."))
        return
    yield from _Reader(side, known, others, language).read(tree)


class _Reader:
    """Reads the tree of a template, and says what it must not have."""

    def __init__(
        self, side: str, known: Mapping[str, frozenset[str]], others: frozenset[str], language: str
    ) -> None:
        self._side, self._known, self._others = side, known, others
        self.gettext = translations(language).gettext
        self._checks: Mapping[type[nodes.Node], Callable[[Any], str]] = {
            nodes.Call: self._call,
            nodes.Const: self._const,
            nodes.Concat: self._row,
            nodes.Extends: self._other,
            nodes.Filter: self._filter,
            nodes.For: self._for,
            nodes.Getattr: self._attribute,
            nodes.Include: self._other,
            nodes.List: self._row,
            nodes.Mul: self._product,
            nodes.TemplateData: self._data,
            nodes.Test: self._test,
            nodes.Tuple: self._row,
        }

    def read(self, tree: nodes.Template) -> Iterator[Fault]:
        """Yield what is wrong, line by line."""
        seen = set()
        for node in _all(tree):
            words = self._words(node)
            if words and (node.lineno, words) not in seen:
                seen.add((node.lineno, words))
                yield Fault(self._side, node.lineno or 0, words)
        with suppress(TemplateAssertionError):  # what is told of above
            yield from self._unknown(tree)

    def _unknown(self, tree: nodes.Template) -> Iterator[Fault]:
        own = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
        for name in sorted(find_undeclared_variables(tree) - self._known.keys() - _CALLS - own):
            line = next((n.lineno for n in tree.find_all(nodes.Name) if n.name == name), 0)
            yield Fault(self._side, line, unknown(name, self._known, self.gettext))

    def _words(self, node: nodes.Node) -> str:
        if not isinstance(node, _STATEMENTS):
            return self.gettext("Templates here know no “%(word)s”.") % {
                "word": type(node).__name__.lower()
            }
        return self._checks[type(node)](node) if type(node) in self._checks else ""

    def _call(self, node: nodes.Call) -> str:
        _, called = self.gettext, node.node
        if isinstance(called, nodes.Getattr) and called.attr == "splitlines" and not node.args:
            return ""
        if not isinstance(called, nodes.Name) or called.name not in _CALLS or node.dyn_args:
            return _("Nothing can be called here but _(…) and ngettext(…), which translate.")
        formats = node.args[: 2 if called.name == "ngettext" else 1]
        if node.dyn_kwargs or not formats or not all(_is_text(each) for each in formats):
            return _("What is translated has to stand there word for word.")
        if any(_FORMAT.search(each.value) for each in formats if isinstance(each, nodes.Const)):
            return _("A place in words that are translated is written as %(name)s.")
        return ""

    def _const(self, node: nodes.Const) -> str:
        value = node.value
        if isinstance(value, int | float) and abs(value) > _MOST:
            return self.gettext("Numbers go up to 1,000 here.")
        return ""

    def _product(self, node: nodes.Mul) -> str:
        if isinstance(node.left, nodes.Const) and isinstance(node.right, nodes.Const):
            return ""
        return self.gettext('Only a text that stands there can be repeated, as in "-" * 72.')

    def _row(self, node: nodes.Concat | nodes.List | nodes.Tuple) -> str:
        values = node.nodes if isinstance(node, nodes.Concat) else node.items
        return self.gettext("There are too many values in one row.") if len(values) > _MANY else ""

    def _other(self, node: nodes.Include | nodes.Extends) -> str:
        named = node.template.value if isinstance(node.template, nodes.Const) else None
        if named in self._others:
            return ""
        near = get_close_matches(str(named or ""), self._others, 1)
        words = self.gettext("There is no part “%(name)s” that could stand here.")
        return words % {"name": named or "…"} + self._perhaps(near)

    def _filter(self, node: nodes.Filter) -> str:
        if node.name not in FILTERS or node.node is None or node.dyn_args or node.dyn_kwargs:
            words = self.gettext("There is no filter “%(name)s” here.") % {"name": node.name}
            return words + self._perhaps(get_close_matches(node.name, FILTERS, 1))
        by_field = node.name == "map" and [each.key for each in node.kwargs] == ["attribute"]
        if node.name in {"map", "select"} and (node.args or (node.kwargs and not by_field)):
            return self.gettext('“map” takes a field, as in map(attribute="headline").')
        return ""

    def _for(self, node: nodes.For) -> str:
        return self.gettext("A loop cannot call itself.") if node.recursive else ""

    def _test(self, node: nodes.Test) -> str:
        if node.name in _TESTS:
            return ""
        words = self.gettext("There is no test “%(name)s” here.") % {"name": node.name}
        return words + self._perhaps(get_close_matches(node.name, _TESTS, 1))

    def _attribute(self, node: nodes.Getattr) -> str:
        if not isinstance(node.node, nodes.Name) or not self._known.get(node.node.name):
            return ""
        fields, root = self._known[node.node.name], node.node.name
        if node.attr in fields:
            return ""
        dotted = {f"{root}.{field}": frozenset[str]() for field in fields}
        return unknown(f"{root}.{node.attr}", dotted, self.gettext)

    def _data(self, node: nodes.TemplateData) -> str:
        found = _DANGEROUS.search(node.data)
        if not found or self._side != "html":
            return ""
        words = self.gettext("Mail programs drop “%(words)s” or take the mail for harmful.")
        return words % {"words": found[0].strip()}

    def _perhaps(self, near: Iterable[str]) -> str:
        return "".join(" " + self.gettext("Did you mean %(name)s?") % {"name": n} for n in near)


def unknown(name: str, known: Iterable[str], gettext: Callable[[str], str]) -> str:
    """Say that there is no ``name``, and what could have been meant."""
    words = gettext("There is no “%(name)s” here.") % {"name": name}
    near = get_close_matches(name, list(known), 1)
    return words + "".join(" " + gettext("Did you mean %(name)s?") % {"name": n} for n in near)


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)
