"""Templates of the desk: written anew piece by piece, kept revision by revision, given back.

A piece may be written for one publication or for all, for readers of one language or of any. Of
several that fit, the one for the publication holds, then the one for the language; where none fits,
the one that comes with the house does. What was approved before keeps the words that it was
approved with.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from newsletter import model, rendering
from newsletter.database import insert_missing
from newsletter.errors import Invalid, NotFound, Outdated
from newsletter.language import LANGUAGES, spoken
from newsletter.model import TemplateRevision
from newsletter.rendering import PIECES, SHIPPED, Fault, Overrides, Piece


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a template is for: readers of a publication, or of all; of a language, or of any."""

    publication: int | None = None
    language: str = ""

    @property
    def _here(self) -> ColumnElement[bool]:
        revision = TemplateRevision
        return (revision.publication_id.is_not_distinct_from(self.publication)) & (
            revision.language == self.language
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A piece as it is written somewhere, and what is wrong with it by now."""

    piece: Piece
    place: Place
    revision: TemplateRevision
    faults: Sequence[Fault]


def overrides(session: Session, publication: int | None, language: str) -> Overrides:
    """Return the templates of the desk for the mails of a publication in ``language``."""
    return overrides_of(session, [(publication, language)])[publication]


def overrides_of(
    session: Session, wanted: Iterable[tuple[int | None, str]]
) -> Mapping[int | None, Overrides]:
    """Return the templates of the desk for several publications, each with its language."""
    asked = dict(wanted)
    newest = [each for each in _newest(session, asked) if each.sources]
    if not newest:
        return dict.fromkeys(asked, SHIPPED)
    return {
        publication: _chosen(newest, publication, spoken(language))
        for publication, language in asked.items()
    }


def _newest(session: Session, publications: Iterable[int | None]) -> Sequence[TemplateRevision]:
    """Return the newest revision of each piece in each place that is for one of these or for all.

    The widest places come first.
    """
    revision = TemplateRevision
    known = [each for each in publications if each is not None]
    latest = (
        select(func.max(revision.id))
        .where(or_(revision.publication_id.is_(None), revision.publication_id.in_(known)))
        .group_by(revision.publication_id, revision.language, revision.piece)
    )
    rows = session.scalars(select(revision).where(revision.id.in_(latest)))
    return sorted(rows, key=lambda row: (row.publication_id is not None, row.language != ""))


def _chosen(
    newest: Iterable[TemplateRevision], publication: int | None, language: str
) -> Overrides:
    """Put the sources that fit one over another; ``newest`` has the widest places first."""
    sources: dict[str, str] = {}
    for row in newest:
        fits = row.publication_id in {None, publication} and row.language in {"", language}
        if fits and row.piece in PIECES:
            sources |= PIECES[row.piece].named(row.sources)
    return Overrides(sources)


def fetch_piece(name: str) -> Piece:
    """Return the piece called ``name``; raise NotFound."""
    if name not in PIECES:
        raise NotFound
    return PIECES[name]


def check_place(session: Session, place: Place) -> None:
    """Raise NotFound if there is no such publication or language."""
    number = place.publication
    known = number is None or session.get(model.Publication, number) is not None
    if not known or place.language not in {"", *LANGUAGES}:
        raise NotFound


def written(session: Session, language: str) -> Sequence[Written]:
    """List what is written anew, in the order of the pieces; faults are said in ``language``.

    A template with faults is not used; an update of the program may have brought them about.
    """
    every = session.scalars(select(model.Publication.id)).all()
    order = list(PIECES)
    rows = [row for row in _newest(session, every) if row.sources and row.piece in PIECES]
    found = []
    for row in sorted(rows, key=lambda row: order.index(row.piece)):
        piece, place = PIECES[row.piece], Place(row.publication_id, row.language)
        wrong = prove(session, piece, place, row.sources, language)
        found.append(Written(piece, place, row, wrong))
    return found


def latest(session: Session, piece: Piece, place: Place) -> TemplateRevision | None:
    """Return the newest revision of ``piece`` in ``place``, if it was ever written there."""
    return next(iter(history(session, piece, place, limit=1)), None)


def history(
    session: Session, piece: Piece, place: Place, *, before: int | None = None, limit: int = 50
) -> Sequence[TemplateRevision]:
    """List what ``piece`` was in ``place``, newest first, from before the revision ``before``."""
    revision = TemplateRevision
    query = select(revision).where(place._here, revision.piece == piece.name)
    if before is not None:
        query = query.where(revision.number < before)
    return session.scalars(query.order_by(revision.number.desc()).limit(limit)).all()


def fetch_revision(
    session: Session, piece: Piece, place: Place, number: int
) -> TemplateRevision | None:
    """Return a revision by its number, none for 0: what holds elsewhere. Raises NotFound."""
    if number <= 0:
        return None
    found = next(iter(history(session, piece, place, before=number + 1, limit=1)), None)
    if found is None or found.number != number:
        raise NotFound
    return found


def around(session: Session, piece: Piece, place: Place) -> Mapping[str, str]:
    """Return what holds in ``place`` where ``piece`` is not written there, by side."""
    beside = _beside(session, piece, place)
    return {side: beside.get(file) or piece.shipped()[side] for side, file in piece.files.items()}


def sources_of(
    session: Session, piece: Piece, place: Place, revision: TemplateRevision | None
) -> Mapping[str, str]:
    """Return ``piece`` as ``revision`` has it, by side, and elsewhere as what holds around it."""
    return {**around(session, piece, place), **(revision.sources if revision else {})}


def _beside(session: Session, piece: Piece, place: Place) -> Overrides:
    """Return the templates of the desk in ``place`` but for what ``piece`` is written there."""
    left = [
        row
        for row in _newest(session, [place.publication])
        if row.piece != piece.name or not _is_at(row, place)
    ]
    return _chosen(left, place.publication, place.language)


def _is_at(row: TemplateRevision, place: Place) -> bool:
    return (row.publication_id, row.language) == (place.publication, place.language)


def prove(
    session: Session, piece: Piece, place: Place, sources: Mapping[str, str], language: str
) -> Sequence[Fault]:
    """Say in ``language`` what is wrong with templates, by themselves and in all their mails."""
    beside = _beside(session, piece, place)
    return rendering.prove(piece, sources, beside, place.language, language)


def trial(session: Session, piece: Piece, place: Place, sources: Mapping[str, str]) -> Overrides:
    """Return the templates of the desk as they would be with these ``sources``."""
    return _beside(session, piece, place).having(piece.named(sources))


def save(
    session: Session,
    piece: Piece,
    place: Place,
    sources: Mapping[str, str],
    now: datetime,
    editor: model.Editor | None,
    *,
    base: int,
) -> bool:
    """Keep ``piece`` as it was written; return whether anything changed.

    What is as it holds around is not kept, so that it follows what changes there; if all of it is,
    the piece is given back. ``base`` is the number of the revision that was written on, 0 for none.
    Raises Outdated where it is not the newest, and Invalid for what cannot be used, which its
    ``faults`` explain.
    """
    check_place(session, place)
    before = latest(session, piece, place)
    number = before.number if before else 0
    if number != base:
        raise Outdated
    wide = around(session, piece, place)
    own = {side: words for side, words in sources.items() if words != wide[side]}
    if own == (before.sources if before else {}):
        return False
    if own and (wrong := prove(session, piece, place, own, LANGUAGES[0])):
        raise Invalid(wrong[0].message, faults=wrong)
    row = {
        "publication_id": place.publication,
        "language": place.language,
        "piece": piece.name,
        "number": number + 1,
        "sources": own,
        "at": now,
        "editor_id": editor.id if editor else None,
        "who": editor.name if editor else "",
    }
    if not insert_missing(session, TemplateRevision, [row]):
        raise Outdated
    return True
