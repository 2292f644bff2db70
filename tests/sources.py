"""The program's own modules, read but not run, for the checks in ``house``."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import newsletter

PACKAGE = Path(newsletter.__file__).parent
CHECKOUT = PACKAGE.parent


@dataclass(frozen=True, slots=True)
class Source:
    """One module: its ``name`` below ``newsletter``, like web.pages, and its tree."""

    name: str
    tree: ast.Module

    @property
    def part(self) -> str:
        """The part of the house that it belongs to: web for web.pages."""
        return self.name.split(".")[0]

    def imports(self) -> Iterator[str]:
        """Yield the full name of everything imported, wherever in the module that is done."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def calls(self) -> Iterator[str]:
        """Yield what is called, as it is written: database.transaction."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)

    def attributes(self) -> Iterator[str]:
        """Yield every attribute that is looked at, as it is written: os.environ."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                yield ast.unparse(node)


def source(name: str, text: str) -> Source:
    """Read ``text`` as the module ``name``."""
    return Source(name, ast.parse(text))


@cache
def program() -> Sequence[Source]:
    """Read every module of the program; ``newsletter`` itself has the name ``__init__``."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
        found.append(source(name.removesuffix(".__init__"), file.read_text(encoding="utf-8")))
    return found
