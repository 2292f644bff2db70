"""What each passage was taken for -> Article: the one place where an article is put together.

A reader takes passages for something, an editor may take them for something else; the article is
what the passages then say. Every passage that is prose stands in it once, in its order.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from newsletter.language import marked as _
from newsletter.manuscripts import commonmark, dates, furniture
from newsletter.manuscripts.article import (
    APPEAL_SLOT,
    Appeal,
    Article,
    Finding,
    Licence,
    Part,
    Picture,
    Reading,
    Recognised,
)
from newsletter.manuscripts.furniture import Label
from newsletter.manuscripts.pictures import picture_markdown
from newsletter.manuscripts.refusals import EMPTY, NO_TEXT, refusal

PROSE = frozenset({Part.BODY, Part.SUBHEADING, Part.UNSURE, Part.NOTE})
"""What stands in the body with its words."""

_PICTURES = frozenset({Part.PICTURE, Part.FIGURE})
_BULLET = re.compile(r"^[-*•] ")
_NAMES = re.compile(r", | and | & | i | oraz |; ")
_BYLINE = re.compile(r"(?:by|written by|authors?:|autor(?:zy|ka)?:?)\s+", re.IGNORECASE)


def whole(recognised: Recognised) -> Reading:
    """Return what was recognised with its article; raise InvalidManuscript if it is none."""
    article = assemble(recognised.findings, recognised.given)
    return Reading(article, recognised.findings, recognised.pictures)


def assemble(findings: Sequence[Finding], given: Article) -> Article:
    """Return the article that the passages make; what none of them says is as ``given``.

    Raises InvalidManuscript, naming the line, where there is no headline or no text, and for a date
    that is none.
    """
    if not findings:
        raise refusal(None, EMPTY)
    dated = _date(findings) or given.dated
    headline = " ".join(_texts(findings, Part.HEADLINE)) or given.headline
    if not headline:
        first = next((finding for finding in findings if finding.part in PROSE), findings[0])
        raise refusal(
            first.line, _("there is no headline; put one on a line of its own above the text")
        )
    if not any(finding.part in PROSE for finding in findings):
        raise refusal(findings[-1].line, NO_TEXT)
    shown = _pictures(findings)
    lead = next((each for each in shown if each.part is Part.PICTURE), None)
    figures = {each.first: each.picture for each in shown if each is not lead}
    return replace(
        given,
        headline=headline,
        body=_body(findings, figures),
        kicker=" ".join(_texts(findings, Part.KICKER)) or given.kicker,
        dated=dated,
        lead="\n\n".join(_texts(findings, Part.LEAD)) or given.lead,
        picture=lead.picture if lead else given.picture,
        tags=_tags(findings) or given.tags,
        appeal=_appeal(findings) or given.appeal,
        licence=_licence(findings) or given.licence,
        related=_related(findings) or given.related,
        authors=_authors(findings) or given.authors,
    )


def _texts(findings: Sequence[Finding], part: Part) -> list[str]:
    return [each.text for each in findings if each.part is part and not each.fixed]


def _date(findings: Sequence[Finding]) -> date | None:
    for finding in findings:
        if finding.part is Part.DATE and not finding.fixed:
            _, value = furniture.labelled(finding.text) or (None, finding.text)
            return dates.fetch(value, finding.line)
    return None


def _tags(findings: Sequence[Finding]) -> tuple[str, ...]:
    tags: list[str] = []
    for text in _texts(findings, Part.TAGS):
        _, value = furniture.labelled(text) or (None, text)
        tags.extend(tag.strip(" #.") for tag in re.split("[,;]", value))
    return tuple(dict.fromkeys(filter(None, tags)))


def _authors(findings: Sequence[Finding]) -> tuple[str, ...]:
    names: list[str] = []
    for text in _texts(findings, Part.AUTHOR):
        names.extend(name.strip() for name in _NAMES.split(_BYLINE.sub("", text, count=1)))
    return tuple(dict.fromkeys(filter(None, names)))


def _appeal(findings: Sequence[Finding]) -> Appeal | None:
    """Return the words of the first appeal: a title, prose, a button; fewer are none of its own."""
    words: list[str] = []
    for finding in findings:
        if finding.part is Part.APPEAL and not finding.fixed:
            words.append(finding.text)
        elif words:
            break
    if len(words) < 3:
        return None
    title, *prose, button = words
    return Appeal(title, "\n\n".join(prose), button)


def _licence(findings: Sequence[Finding]) -> Licence | None:
    texts = _texts(findings, Part.LICENCE)
    if not texts:
        return None
    first = furniture.licence(texts[0]) or Licence(texts[0])
    return replace(first, image_terms=" ".join(filter(None, (first.image_terms, *texts[1:]))))


def _related(findings: Sequence[Finding]) -> tuple[str, ...]:
    texts = _texts(findings, Part.RELATED)
    return tuple(_BULLET.sub("", t) for t in texts if furniture.key(t) not in furniture.RELATED)


@dataclass(slots=True)
class _Shown:
    """A picture, and the passages from ``first`` up to ``end`` that say what it is."""

    part: Part
    first: int
    end: int
    kinds: set[str]
    picture: Picture


def _pictures(findings: Sequence[Finding]) -> list[_Shown]:
    """Return the pictures: a file, a credit and an alt text that follow one another are one."""
    shown: list[_Shown] = []
    for at, finding in enumerate(findings):
        if finding.part not in _PICTURES or finding.fixed:
            continue
        kind, told = _told(finding)
        last = shown[-1] if shown else None
        if last and last.part is finding.part and last.end == at and kind not in last.kinds:
            last.end += 1
            last.kinds.add(kind)
            last.picture = Picture(
                credit=told.credit or last.picture.credit,
                file=told.file or last.picture.file,
                alt=told.alt or last.picture.alt,
            )
        else:
            shown.append(_Shown(finding.part, at, at + 1, {kind}, told))
    return shown


def _told(finding: Finding) -> tuple[str, Picture]:
    """Return what a passage says of a picture, and how: by showing it, or as alt text or credit."""
    if finding.picture:
        return "file", finding.picture
    label, value = furniture.labelled(finding.text) or (None, finding.text)
    if label is Label.ALT:
        return "alt", Picture(alt=value)
    return "credit", Picture(credit=finding.text if value else "")


def _body(findings: Sequence[Finding], figures: Mapping[int, Picture]) -> str:
    """Return the text as Markdown, with its pictures and the place of the appeal."""
    blocks: list[str] = []
    notes: list[Finding] = []
    is_slot_free = True
    for at, finding in enumerate(findings):
        if at in figures:
            blocks.append(picture_markdown(figures[at]))
        elif finding.part is Part.APPEAL and is_slot_free and not finding.fixed:
            blocks.append(APPEAL_SLOT)
            is_slot_free = False
        elif finding.part is Part.NOTE and finding.markdown:
            notes.append(finding)
        elif finding.part is Part.SUBHEADING:
            blocks.append(commonmark.as_heading(finding.markdown, finding.text))
        elif finding.part in PROSE:
            blocks.append(commonmark.as_prose(finding.markdown, finding.text))
    text = "\n\n".join(blocks)
    for note in notes:
        called = commonmark.calls_note(text, note.markdown)
        blocks.append(note.markdown if called else commonmark.as_prose("", note.text))
    return "\n\n".join(blocks)
