"""Notices and digests: mails in the taste of the issues; ``templates/emails/<name>/``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from textwrap import shorten

from newsletter.rendering import letter, needs
from newsletter.rendering.colour import dark, light
from newsletter.rendering.counting import count_links
from newsletter.rendering.edition import Digest, Masthead, Words
from newsletter.rendering.issue import INLINER, without_unseen
from newsletter.rendering.needs import Need
from newsletter.rendering.overrides import SHIPPED, Overrides
from newsletter.rendering.slots import Slot
from newsletter.rendering.templates import render
from newsletter.rendering.whole import whole

LONGEST_LEAD = 600
"""Characters of a lead that a digest shows: with 31 issues it stays below what Gmail cuts off."""


@dataclass(frozen=True, slots=True)
class NoticeSheet:
    """What the layout of every mail asks for."""

    masthead: Masthead
    title: str


def notice(
    name: str,
    masthead: Masthead,
    language: str,
    overrides: Overrides = SHIPPED,
    /,
    **facts: object,
) -> Words:
    """Render the notice ``name`` in the reader's ``language``, from the three templates of it.

    ``masthead`` is the publication's in whose name it is sent. The ``facts``, all of which a
    template may rely on, are those of the call; links among them are this reader's own.
    """
    return whole(overrides, lambda some: notice_with(name, masthead, language, some, facts))


def notice_with(
    name: str,
    masthead: Masthead,
    language: str,
    overrides: Overrides,
    facts: Mapping[str, object],
) -> Words:
    """Render a notice with just these ``overrides``; raise what is wrong with them."""
    clean, told = without_unseen(masthead), without_unseen(dict(facts))
    return _words(name, clean, language, overrides, told, needs.of_notice(clean, told))


def digest(gathered: Digest) -> Words:
    """Render the mail of a digest, with slots where a reader's own values go."""
    return whole(gathered.overrides, lambda overrides: digest_with(gathered, overrides))


def digest_with(gathered: Digest, overrides: Overrides) -> Words:
    """Render a digest with just these ``overrides``; raise what is wrong with them."""
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
    clean = replace(clean, entries=entries)
    facts = {
        "digest": clean,
        "unsubscribe_url": Slot.UNSUBSCRIBE_URL.value,
        "preferences_url": Slot.PREFERENCES_URL.value,
    }
    wanted = needs.of_digest(clean, Slot.UNSUBSCRIBE_URL.value)
    words = _words("digest", clean.masthead, clean.masthead.language, overrides, facts, wanted)
    html, targets = count_links(words.html, gathered.counted)
    return replace(words, html=html, targets=targets)


def _words(
    name: str,
    masthead: Masthead,
    language: str,
    overrides: Overrides,
    facts: Mapping[str, object],
    wanted: Iterable[Need],
) -> Words:
    given: dict[str, object] = {
        "masthead": masthead,
        "light": light(masthead.accent),
        "dark": dark(masthead.accent),
        "form": "mail",
        **facts,
    }
    subject = render(f"emails/{name}/subject.txt", language, overrides, **given)
    subject = " ".join(subject.split())
    given["sheet"] = NoticeSheet(masthead, subject)
    html = render(f"emails/{name}/body.html", language, overrides, **given)
    text = letter.tidy(render(f"emails/{name}/body.txt", language, overrides, **given))
    if overrides:
        needs.check(wanted, subject, html, text)
    return Words(subject=subject, html=INLINER.inline(html), text=text)
