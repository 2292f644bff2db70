"""Notices and digests: mails in the taste of the issues; ``templates/emails/<name>/``."""

from dataclasses import dataclass, replace
from textwrap import shorten

from newsletter.rendering import letter
from newsletter.rendering.colour import dark, light
from newsletter.rendering.counting import count_links
from newsletter.rendering.edition import Digest, Masthead, Words
from newsletter.rendering.issue import INLINER, without_unseen
from newsletter.rendering.slots import Slot
from newsletter.rendering.templates import render

LONGEST_LEAD = 600
"""Characters of a lead that a digest shows: with 31 issues it stays below what Gmail cuts off."""


@dataclass(frozen=True, slots=True)
class NoticeSheet:
    """What the layout of every mail asks for."""

    masthead: Masthead
    title: str


def notice(name: str, masthead: Masthead, language: str, **facts: object) -> Words:
    """Render the notice ``name`` in the reader's ``language``, from the three templates of it.

    ``masthead`` is the publication's in whose name it is sent. The ``facts``, all of which a
    template may rely on, are those of the call; links among them are this reader's own.
    """
    return _words(name, without_unseen(masthead), language, without_unseen(facts))


def digest(gathered: Digest) -> Words:
    """Render the mail of a digest, with slots where a reader's own values go."""
    clean = without_unseen(gathered)
    own = {name.casefold() for name in (clean.masthead.kicker, clean.masthead.name)}
    entries = tuple(
        replace(
            entry,
            kicker="" if entry.kicker.casefold() in own else entry.kicker,
            lead=shorten(entry.lead, LONGEST_LEAD, placeholder="…"),
        )
        for entry in clean.entries
    )
    facts = {
        "digest": replace(clean, entries=entries),
        "unsubscribe_url": Slot.UNSUBSCRIBE_URL.value,
        "preferences_url": Slot.PREFERENCES_URL.value,
    }
    words = _words("digest", clean.masthead, clean.masthead.language, facts)
    html, targets = count_links(words.html, gathered.counted)
    return replace(words, html=html, targets=targets)


def _words(name: str, masthead: Masthead, language: str, facts: dict[str, object]) -> Words:
    given = {
        "masthead": masthead,
        "light": light(masthead.accent),
        "dark": dark(masthead.accent),
        "form": "mail",
        **facts,
    }
    subject = " ".join(render(f"emails/{name}/subject.txt", language, **given).split())
    given["sheet"] = NoticeSheet(masthead, subject)
    return Words(
        subject=subject,
        html=INLINER.inline(render(f"emails/{name}/body.html", language, **given)),
        text=letter.tidy(render(f"emails/{name}/body.txt", language, **given)),
    )
