"""HTML that Word writes: a list in it is paragraphs, each with a sign that looks like a list's."""

import re
from dataclasses import dataclass

from newsletter.manuscripts.hypertext import Element

_ITEM = re.compile(r"mso-list:\s*(?P<list>l\d{1,4})\s+level(?P<level>[1-9])", re.IGNORECASE)
_SIGN = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_NUMBER = re.compile(r"\(?(?P<number>[0-9]{1,4}|[a-z]|[ivx]{1,6})[.)]", re.IGNORECASE)


@dataclass(slots=True)
class _List:
    """A list that goes on: its level and its name in Word, itself, and its last item."""

    level: int
    name: str
    element: Element
    last: Element


def make_lists(root: Element) -> None:
    """Make lists of the paragraphs that Word calls so, those of lower levels in one another."""
    parents = {id(each.parent): each.parent for each in root.walk() if _item(each)}
    for parent in filter(None, parents.values()):
        parent.children = _listed(parent)


def _item(element: Element) -> re.Match[str] | None:
    return _ITEM.search(element.get("style")) if element.tag == "p" else None


def _listed(parent: Element) -> list[Element | str]:
    """Return the children of ``parent``, with lists in the place of their items."""
    found: list[Element | str] = []
    lists: list[_List] = []
    for child in parent.children:
        if isinstance(child, Element) and (item := _item(child)):
            level, name = int(item["level"]), item["list"]
            while lists and not _goes_on(lists[-1], level, name):
                lists.pop()
            sign = _taken_sign(child)
            if not lists or lists[-1].level < level:
                outer = lists[-1].last if lists else parent
                fresh = _list(sign, outer)
                (outer.children if lists else found).append(fresh)
                lists.append(_List(level, name, fresh, child))
            child.tag, child.parent = "li", lists[-1].element
            lists[-1].element.children.append(child)
            lists[-1].last = child
        elif not (lists and isinstance(child, str) and child.isspace()):
            lists.clear()
            found.append(child)
    return found


def _goes_on(one: _List, level: int, name: str) -> bool:
    """Tell whether an item is one of this list, or of a list in it."""
    return one.level < level or (one.level, one.name) == (level, name)


def _taken_sign(item: Element) -> str:
    """Take what looks like the sign of a list out of an item, and return it."""
    for each in item.walk():
        if _SIGN.search(each.get("style")):
            sign, each.children = each.text(), []
            return sign
    return ""


def _list(sign: str, parent: Element) -> Element:
    number = _NUMBER.fullmatch(sign)
    if number is None:
        return Element("ul", parent=parent)
    first = number["number"]
    return Element("ol", {"start": first} if first.isdecimal() else {}, parent)
