"""What every mail must have, whoever wrote its template: in HTML and in text.

What is needed is looked for in the words themselves, so that a template which has it for a specimen
and leaves it out for some issue is found out when that issue is rendered.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from newsletter.language import marked as _
from newsletter.rendering.edition import Digest, Masthead

_COMMENT = re.compile(r"(?s)<!--.*?-->")

UNSUBSCRIBE = _("the link to unsubscribe")
ADDRESS = _("the postal address")
LICENCE = _("the licence")
CREDIT = _("the credit of a picture")
TEXT = _("the text of an article")
HEADLINE = _("the headline")
APPEAL = _("the link of the appeal")
LINK = _("the link that the mail is sent for")
NAMES = _("the names of the publications")
EMBARGO = _("until when the text is under an embargo")
SUBJECT = _("a subject of one line, of 1 to 200 characters")


SIZE = _("a size that mail programs take")
MOST = 1_000_000
"""Characters that a mail has in HTML or in text at most; what is cut off is told elsewhere."""


class Lacking(Exception):
    """A mail has not what it must have: ``needs`` names it, and in which part it is missing."""

    def __init__(self, needs: Iterable[tuple[str, str]]) -> None:
        self.needs = tuple(needs)
        super().__init__(", ".join(f"{side}: {need}" for need, side in self.needs))


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be there; as it stands in ``html``, and in ``text``."""

    name: str
    html: str
    text: str


def said(name: str, words: str) -> Iterator[Need]:
    """Need every line of ``words``."""
    for line in filter(None, map(str.strip, words.splitlines())):
        yield Need(name, escape(line), line)


def linked(name: str, url: str) -> Need:
    """Need a link to ``url`` in HTML, and its address in text."""
    return Need(name, f'href="{escape(url)}"', url)


def check(needs: Iterable[Need], subject: str, html: str, text: str) -> None:
    """Raise Lacking unless the words of a mail have all ``needs``."""
    wide, plain = _even(_COMMENT.sub("", html)), _even(text)
    lacking = dict.fromkeys(
        (need.name, side)
        for need in needs
        for side, wanted, words in (("html", need.html, wide), ("text", need.text, plain))
        if _even(wanted) not in words
    )
    if not 1 <= len(subject) <= 200:
        lacking[SUBJECT, "subject"] = None
    for side, words in (("html", html), ("text", text)):
        if len(words) > MOST:
            lacking[SIZE, side] = None
    if lacking:
        raise Lacking(lacking)


def _even(words: str) -> str:
    """Write quotes and spaces one way, as they may be written in several."""
    words = words.replace("&#39;", "'").replace("&#x27;", "'")
    return " ".join(words.replace("&#34;", "&quot;").split())


def of_digest(digest: Digest, unsubscribe_url: str) -> Iterator[Need]:
    """Say what a digest must have."""
    yield linked(UNSUBSCRIBE, unsubscribe_url)
    yield from said(ADDRESS, digest.masthead.postal_address)
    for entry in digest.entries:
        yield from said(HEADLINE, entry.headline)
        yield linked(LINK, entry.url)


def of_notice(masthead: Masthead, facts: Mapping[str, object]) -> Iterator[Need]:
    """Say what a notice must have: what it is sent for, and from where it comes."""
    yield from said(ADDRESS, masthead.postal_address)
    for name, value in facts.items():
        if name == "unsubscribe_url":
            yield linked(UNSUBSCRIBE, str(value))
        elif name in _ACTS:
            yield linked(LINK, str(value))
        elif name == "publications" and isinstance(value, tuple):
            for each in value:
                yield from said(NAMES, str(each))


_ACTS = ("confirm_url", "manage_url", "undo_url", "agree_url", "join_url")
"""What a notice is sent for: the reader's own link."""
