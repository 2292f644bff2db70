"""Footnotes of pages and Word documents: links that lead to a note which leads back to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter.manuscripts.hypertext import BLOCKS, Element

_NOTE_SIGN = re.compile(r"[\[(]?(?:[0-9]{1,3}|[*†‡]{1,3}|[ivx]{1,5}|[a-z])[\])]?\.?")


@dataclass(slots=True)
class Notes:
    """The footnotes of a document: what calls each, and where it stands."""

    calls: dict[int, str] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    backs: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, root: Element) -> "Notes":
        """Find the links that lead to a note which leads back to them."""
        elements = list(root.walk())
        named = {name: e for e in elements for name in (e.get("id"), e.get("name")) if name}
        notes = cls()
        numbers: dict[int, str] = {}
        ways: dict[int, _WaysBack] = {}
        for link in elements:
            target = _goal(link, named)
            if target is None or id(link) in notes.backs or not _NOTE_SIGN.fullmatch(link.text()):
                # In what Word writes each of the two leads to the other: the first one calls.
                continue
            place = _place(target)
            if place is None or _stands_in(link, place):
                continue
            if id(place) not in ways:
                ways[id(place)] = _WaysBack(place, named)
            back = ways[id(place)].find(link)
            if back is not None:
                number = numbers.setdefault(id(place), str(len(numbers) + 1))
                notes.calls[id(link)] = number
                notes.places[id(place)] = number
                notes.backs.add(id(back))
        return notes


class _WaysBack:
    """The links in a note, by what they lead to: the first for each place that is near enough.

    A note leads back to the link that called it, to what stands in that link or around it, or to
    what stands beside it.
    """

    def __init__(self, place: Element, named: dict[str, Element]) -> None:
        self._around: dict[int, tuple[int, Element]] = {}
        self._goals: dict[int, tuple[int, Element]] = {}
        self._beside: dict[int, tuple[int, Element]] = {}
        for at, each in enumerate(place.walk()):
            goal = _goal(each, named)
            if goal is None or id(goal) in self._goals:
                continue
            self._goals[id(goal)] = at, each
            if goal.parent is not None:
                self._beside.setdefault(id(goal.parent), (at, each))
            for outer in _outward(goal):
                self._around.setdefault(id(outer), (at, each))

    def find(self, link: Element) -> Element | None:
        """Return the first link that leads to where ``link`` stands, itself not in the note."""
        found = [self._around.get(id(link)), self._beside.get(id(link.parent))]
        found += [self._goals.get(id(outer)) for outer in _outward(link)]
        return min(filter(None, found), key=lambda way: way[0], default=(0, None))[1]


def _goal(link: Element, named: dict[str, Element]) -> Element | None:
    """Return the element to which a link of the page leads."""
    href = link.get("href")
    return named.get(href[1:]) if link.tag == "a" and href[:1] == "#" else None


def _place(target: Element) -> Element | None:
    """Return the block that a note's name stands in or on."""
    place = next((each for each in _outward(target) if each.tag in BLOCKS), None)
    return place if place is None or place.tag in {"li", "p", "div", "dd", "aside"} else None


def _stands_in(element: Element, other: Element) -> bool:
    return any(each is other for each in _outward(element))


def _outward(element: Element) -> Iterator[Element]:
    """Yield ``element``, the one that it stands in, and so on."""
    place: Element | None = element
    while place is not None:
        yield place
        place = place.parent
