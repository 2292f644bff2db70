"""Manuscripts on their way in: kept as they came, corrected passage by passage, then an issue.

A manuscript is kept for the editor who brought it in, and read anew each time: what it is taken for
follows from what it is and from what the editor said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from newsletter import manuscripts, model
from newsletter.errors import NotFound
from newsletter.manuscripts import Article, Finding, Part, Recognised

KEPT = timedelta(days=14)
"""How long a manuscript waits for its editor."""
MOST_KEPT = 10
"""Manuscripts that are kept for one editor; the oldest makes room."""
MOST_FEEDS = 6
"""Feeds that are offered again."""

_OF_PICTURES = (Part.PICTURE, Part.FIGURE, Part.FURNITURE)
_OF_NOTES = (Part.NOTE, Part.BODY, Part.FURNITURE)
_OF_TEXT = (
    *(Part.BODY, Part.SUBHEADING, Part.HEADLINE, Part.KICKER, Part.DATE, Part.AUTHOR, Part.LEAD),
    *(Part.PICTURE, Part.FIGURE, Part.APPEAL, Part.LICENCE, Part.RELATED, Part.TAGS),
    Part.FURNITURE,
)


def keep(
    session: Session, editor_id: int, content: bytes, now: datetime, **about: Any
) -> model.Manuscript:
    """Keep a manuscript for its editor; ``about`` are the other columns."""
    manuscript = model.Manuscript(editor_id=editor_id, content=content, created_at=now, **about)
    session.add(manuscript)
    session.flush()
    older = session.scalars(
        select(model.Manuscript.id)
        .where(model.Manuscript.editor_id == editor_id)
        .order_by(model.Manuscript.id.desc())
        .offset(MOST_KEPT)
    ).all()
    session.execute(delete(model.Manuscript).where(model.Manuscript.id.in_(older)))
    return manuscript


def fetch(session: Session, number: int, editor_id: int) -> model.Manuscript:
    """Return a manuscript with its content, to the editor who brought it in; raise NotFound."""
    found = session.get(model.Manuscript, number, options=[undefer(model.Manuscript.content)])
    if found is None or found.editor_id != editor_id:
        raise NotFound
    return found


def waiting(session: Session, editor_id: int) -> Sequence[model.Manuscript]:
    """List what an editor brought in and has made no issue of, the newest first."""
    return session.scalars(
        select(model.Manuscript)
        .where(model.Manuscript.editor_id == editor_id)
        .order_by(model.Manuscript.id.desc())
    ).all()


def discard(session: Session, manuscript: model.Manuscript) -> None:
    """Forget a manuscript."""
    session.delete(manuscript)
    session.flush()


def purge(session: Session, now: datetime, limit: int = 20) -> int:
    """Delete manuscripts whose time has passed; return how many, ``limit`` at most."""
    old = session.scalars(
        select(model.Manuscript.id).where(model.Manuscript.created_at < now - KEPT).limit(limit)
    ).all()
    session.execute(delete(model.Manuscript).where(model.Manuscript.id.in_(old)))
    return len(old)


def recognised(manuscript: model.Manuscript) -> Recognised:
    """Say what a manuscript's passages are, as its editor has corrected it so far."""
    read = manuscripts.recognise(
        manuscript.content, manuscript.name, url=manuscript.url, charset=manuscript.charset
    )
    findings = tuple(_corrected(each, manuscript.parts) for each in read.findings)
    return replace(read, findings=findings)


def _corrected(finding: Finding, parts: Mapping[str, str]) -> Finding:
    part = parts.get(str(finding.line), "")
    return replace(finding, part=Part(part)) if part in choices(finding) else finding


def choices(finding: Finding) -> Sequence[Part]:
    """Return what a passage can be taken for; nothing for one that the manuscript itself names."""
    if finding.fixed:
        return ()
    if finding.picture:
        return _OF_PICTURES
    if finding.markdown.startswith("[^"):
        return _OF_NOTES
    return _OF_TEXT


def correct(manuscript: model.Manuscript, parts: Mapping[int, str]) -> None:
    """Note what the editor takes passages for, by their lines."""
    said = {str(finding.line): finding for finding in recognised(manuscript).findings}
    changed = dict(manuscript.parts)
    for line, part in parts.items():
        finding = said.get(str(line))
        if finding and part != finding.part and part in choices(finding):
            changed[str(line)] = part
    manuscript.parts = changed


def article(manuscript: model.Manuscript, read: Recognised) -> Article:
    """Put the article together, with the stored names of its pictures.

    Raises InvalidManuscript, naming the line, for what is missing or wrong.
    """
    made = manuscripts.assemble(read.findings, read.given)
    names = {
        file: str(manuscript.pictures.get(file, "")) for file in manuscripts.picture_files(made)
    }
    return manuscripts.with_picture_files(made, names)


def files_of(read: Recognised) -> Sequence[str]:
    """Return the names of the pictures that the passages show, each once."""
    shown = (
        finding.picture.file
        for finding in read.findings
        if finding.picture and finding.part is not Part.FURNITURE
    )
    given = read.given.picture
    return tuple(dict.fromkeys(filter(None, (given.file if given else "", *shown))))


def feeds(session: Session) -> Sequence[model.Feed]:
    """List the feeds that manuscripts came from, the last used first."""
    return session.scalars(
        select(model.Feed).order_by(model.Feed.used_at.desc()).limit(MOST_FEEDS)
    ).all()


def note_feed(session: Session, url: str, title: str, now: datetime) -> None:
    """Remember a feed, to offer it again."""
    known = session.scalar(select(model.Feed).where(model.Feed.url == url))
    if known:
        known.title, known.used_at = title, now
    else:
        session.add(model.Feed(url=url, title=title, used_at=now))
    session.flush()


def forget_feed(session: Session, number: int) -> None:
    """Offer a feed no more."""
    session.execute(delete(model.Feed).where(model.Feed.id == number))
