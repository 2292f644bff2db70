"""Templates of the desk, which stand in for those of the same name that come with the house.

Whatever is wrong with them, the mail leaves: where one fails or leaves out what every mail must
have, those of the house take its place for that mail.
"""

from collections.abc import Iterator, Mapping


class Overrides:
    """The sources of templates by name; two with the same sources are equal."""

    __slots__ = ("_hash", "_sources")

    def __init__(self, sources: Mapping[str, str] | None = None) -> None:
        self._sources = dict(sorted((sources or {}).items()))
        self._hash = hash(tuple(self._sources.items()))

    def __hash__(self) -> int:
        """Return a number by which what was compiled is found again."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Tell whether both have the same sources."""
        return isinstance(other, Overrides) and self._sources == other._sources

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._sources)

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._sources)

    def get(self, name: str) -> str | None:
        """Return the source called ``name``, if there is one."""
        return self._sources.get(name)

    def having(self, sources: Mapping[str, str]) -> "Overrides":
        """Return these with ``sources`` in the place of those of their names."""
        return Overrides({**self._sources, **sources})

    def without(self, name: str) -> "Overrides":
        """Return these but for the one called ``name``."""
        return Overrides({each: self._sources[each] for each in self if each != name})


SHIPPED = Overrides()
"""No template of the desk: all come with the house."""
