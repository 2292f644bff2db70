"""The room in which templates of the desk run: what they see, and what they may use up.

Of what they are given they see fields, and no method. What they use up is counted in turns of loops
and in characters, not in time, so that the same template makes the same mail on every machine. What
they may say at all is the matter of ``grammar``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import is_dataclass
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, UndefinedError, nodes, pass_context
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from newsletter.rendering import letter

_TURNS = 5_000
"""Turns of loops that one mail takes."""
_CHARACTERS = 8_000_000
"""Characters that one mail puts together on its way."""
_DEEP = 40
"""Columns that a text is indented by at most."""

_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})


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
