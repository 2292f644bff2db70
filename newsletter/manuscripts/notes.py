"""Footnotes of pages and Word documents: links that lead to a note which leads back to them."""

import re
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
        for link in elements:
            target = named.get(link.get("href")[1:]) if link.get("href")[:1] == "#" else None
            if link.tag != "a" or target is None or not _NOTE_SIGN.fullmatch(link.text()):
                continue
            place, back = _place(target), _way_back(target, link, named)
            if back is not None and place is not None and not _stands_in(link, place):
                number = numbers.setdefault(id(place), str(len(numbers) + 1))
                notes.calls[id(link)] = number
                notes.places[id(place)] = number
                notes.backs.add(id(back))
        return notes


def _place(target: Element) -> Element | None:
    """Return the block that a note's name stands in or on."""
    place: Element | None = target
    while place is not None and place.tag not in BLOCKS:
        place = place.parent
    return place if place is None or place.tag in {"li", "p", "div", "dd", "aside"} else None


def _way_back(target: Element, link: Element, named: dict[str, Element]) -> Element | None:
    """Return the link in a note that leads to where it was called."""
    place = _place(target)
    for each in place.walk() if place is not None else ():
        goal = named.get(each.get("href")[1:]) if each.get("href")[:1] == "#" else None
        if each.tag == "a" and goal is not None and each is not link:
            near = goal is link or _stands_in(link, goal) or _stands_in(goal, link)
            if near or (goal.parent is not None and goal.parent is link.parent):
                return each
    return None


def _stands_in(element: Element, other: Element) -> bool:
    place: Element | None = element
    while place is not None:
        if place is other:
            return True
        place = place.parent
    return False
