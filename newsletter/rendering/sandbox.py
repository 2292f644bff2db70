"""The room in which templates of the desk are kept and run: what they may say, see and use up.

What is not named here cannot be said: there is no macro, no import, no call but for translations,
no filter that is not in the list. Of what they are given they see fields, and no method. What they
use up is counted in turns of loops and in characters, not in time, so that the same template makes
the same mail on every machine.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import (
    StrictUndefined,
    TemplateAssertionError,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from newsletter.language import translations
from newsletter.rendering import letter
from newsletter.rendering.slots import CLOSE, OPEN

LONGEST = 20_000
"""Characters of a template."""
_TURNS = 5_000
"""Turns of loops that one mail takes."""
_CHARACTERS = 8_000_000
"""Characters that one mail puts together on its way."""
_MOST = 1_000
"""The largest number that can be written, and the most times that a text is repeated."""
_MANY = 30
"""So many values may stand in one row."""
_DEEP = 40
"""Columns that a text is indented by at most."""

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
_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: in which of its parts, on which line if it has one."""

    side: str
    line: int
    message: str


class UsedUp(Exception):
    """A template takes more turns or characters than a mail needs."""


class Unknown(UndefinedError):
    """A template asks for something that is not there: ``name``, of what ``offered`` lists."""

    def __init__(self, name: str, offered: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.offered = name, sorted(offered)


class _Asked(StrictUndefined):
    """What is not there, which remembers what there is."""

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None,
        exc: Any = UndefinedError,
    ) -> None:  # fmt: skip
        def unknown(_: str | None) -> Unknown:
            return Unknown(str(name), getattr(obj, "__dataclass_fields__", ()))

        super().__init__(hint, obj, name, unknown if exc is UndefinedError else exc)  # type: ignore[arg-type]


class Meter:
    """What is left of turns and characters for one mail."""

    def __init__(self) -> None:
        self.turns, self.characters = _TURNS, _CHARACTERS

    def turn(self) -> None:
        """Take a turn of a loop."""
        self.turns -= 1
        if self.turns < 0:
            raise UsedUp

    def weigh(self, characters: int) -> None:
        """Take some characters."""
        self.characters -= characters
        if self.characters < 0:
            raise UsedUp


_meter: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[None]:
    """Count what templates of the desk use up, from nothing."""
    token = _meter.set(Meter())
    try:
        yield
    finally:
        _meter.reset(token)


@pass_context
def _paced(_: object, values: Iterable[Any]) -> Iterator[Any]:
    """Yield ``values`` one by one, each for a turn."""
    meter = _meter.get()
    for value in values:
        if meter:
            meter.turn()
        yield value


@pass_context
def _taken(_: object, size: int) -> str:
    """Count the ``size`` characters that stand in a template around its values; say nothing."""
    if meter := _meter.get():
        meter.weigh(size)
    return ""


@pass_context
def _weighed(_: object, value: Any) -> Any:
    """Return ``value``, and count it if it is a text."""
    meter = _meter.get()
    if meter and isinstance(value, str):
        meter.weigh(len(value))
    return value


class Sandbox(ImmutableSandboxedEnvironment):
    """Runs templates of the desk among those of the house."""

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=_Asked, **options)
        for name in ("cycler", "dict", "joiner", "lipsum", "namespace", "range"):
            del self.globals[name]

    def enclose(self) -> None:
        """Bound the filters that could make much of little; to be called once they are there."""
        self.filters |= {
            "fold": lambda text, indent=0, mark="": letter.fold(
                str(text), max(0, min(int(indent), _DEEP)), str(mark)[:_DEEP]
            ),
            "underline": lambda text, stroke="-": letter.underline(str(text), str(stroke)[:1]),
            "_paced": _paced,
            "_taken": _taken,
            "_weighed": _weighed,
        }

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Let fields be seen, and of a text its lines."""
        if attr.startswith("_") or isinstance(obj, type):
            return False
        if isinstance(obj, LoopContext):
            return attr in _LOOP
        if isinstance(obj, str):
            return attr == "splitlines"
        if isinstance(obj, ZoneInfo):
            return attr == "key"
        if isinstance(obj, date):  # the methods are for templates of the house
            return attr in {"year", "month", "day", "date", "strftime", "tzinfo"}
        kind = type(obj)
        return is_dataclass(obj) and (
            attr in kind.__dataclass_fields__ or isinstance(getattr(kind, attr, None), property)
        )

    def _generate(self, source: nodes.Template, *rest: Any, **more: Any) -> str:
        # Those of the house are counted as well: they can be included again and again.
        source = _Metering().visit(source)
        source.set_environment(self)
        return super()._generate(source, *rest, **more)


class _Metering(NodeTransformer):
    """Has everything counted that a template turns or puts together."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - the library's name
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), "_paced")
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802
        self.generic_visit(node)
        around = [each for each in node.nodes if isinstance(each, nodes.TemplateData)]
        size = nodes.Const(sum(len(each.data) for each in around), lineno=node.lineno)
        node.nodes = [
            _filtered(size, "_taken"),
            *(each if each in around else _filtered(each, "_weighed") for each in node.nodes),
        ]
        return node

    def _made(self, node: nodes.Expr) -> nodes.Expr:
        self.generic_visit(node)
        return _filtered(node, "_weighed")

    visit_Filter = visit_Concat = visit_Add = visit_Mul = visit_Call = _made  # noqa: N815


def _filtered(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


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
