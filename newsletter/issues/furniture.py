"""What publications carry into every issue: licences, each kept once for them all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from newsletter import manuscripts, model
from newsletter.errors import Invalid, NotFound
from newsletter.issues.details import LONGEST_LINE, check_web_address
from newsletter.issues.publications import slugify

LONGEST_TERMS = 2000
"""Characters of terms."""

Furniture = model.Licence
Kind = type[model.Licence]

_NEEDED: Mapping[Kind, Sequence[str]] = {
    model.Licence: ("name", "text_terms"),
}
_ADDRESS: Mapping[Kind, str] = {model.Licence: "url"}
_LINES = {"name"}

TRANSLATED = ("name", "text_terms", "image_terms", "url")
"""What a licence may say in each language."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A licence, what it is called, and the publications that carry it, by name."""

    row: Furniture
    title: str
    carriers: Sequence[str]


def furniture(session: Session, kind: Kind) -> Sequence[Carried]:
    """List all licences by what they are called."""
    carries = model.Publication.licence_id
    carriers: dict[int | None, list[str]] = {}
    rows = select(carries, model.Publication.name).order_by(model.Publication.name)
    for number, name in session.execute(rows):
        carriers.setdefault(number, []).append(name)
    called: InstrumentedAttribute[str] = getattr(kind, _NEEDED[kind][0])
    found = session.scalars(select(kind).order_by(called, kind.id)).all()
    return [
        Carried(row, getattr(row, called.key) or row.slug, carriers.get(row.id, ()))
        for row in found
    ]


def fetch_furniture(session: Session, kind: Kind, number: int) -> Furniture:
    """Return the licence with that number; raise NotFound."""
    found = session.get(kind, number)
    if found is None:
        raise NotFound
    return found


def words_of(licence: model.Licence, language: str) -> manuscripts.Licence:
    """Return the words of a licence in ``language``, and its own where there are none."""
    said = licence.translations.get(language.partition("-")[0].lower(), {})
    own = {column: getattr(licence, column) for column in TRANSLATED}
    return manuscripts.Licence(**own | {column: said[column] for column in own if said.get(column)})


def licences_named(session: Session, names: Iterable[str]) -> Mapping[str, model.Licence]:
    """Find the licences that texts have of their own, by the names that the texts have for them."""
    wanted = set(names) - {""}
    if not wanted:
        return {}
    rows = session.scalars(select(model.Licence).where(model.Licence.slug.in_(wanted)))
    return {row.slug: row for row in rows}


def add_furniture(session: Session, kind: Kind, **details: Any) -> Furniture:
    """Add a licence; raise Invalid naming what is wrong."""
    _refuse(kind, details)
    named = slugify(details[_NEEDED[kind][0]]) or kind.__tablename__[:-1]
    taken = set(session.scalars(select(kind.slug).where(kind.slug.startswith(named))))
    columns: dict[str, Any] = {"slug": next(slug for slug in _slugs(named) if slug not in taken)}
    added = kind(**columns | details)
    session.add(added)
    session.flush()
    return added


def change_furniture(session: Session, row: Furniture, **details: Any) -> Sequence[str]:
    """Change what ``details`` name, and return what is not as it was; raise Invalid."""
    _refuse(type(row), details)
    changed = [column for column in details if getattr(row, column) != details[column]]
    for column in changed:
        setattr(row, column, details[column])
    session.flush()
    return changed


def furniture_faults(kind: Kind, details: Mapping[str, Any]) -> Mapping[str, Invalid]:
    """Say what is wrong with each of the columns that ``details`` name."""
    found: dict[str, Invalid] = {}
    for column, text in details.items():
        if isinstance(text, bool):
            continue
        if isinstance(text, dict):
            found |= _translation_faults(kind, text)
            continue
        try:
            _check(kind, column, text)
        except Invalid as error:
            found[column] = error
    return found


def _translation_faults(
    kind: Kind, translations: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Invalid]:
    """Say what is wrong with words in other languages, by column and language: ``url_pl``."""
    return {
        f"{column}_{language}": error
        for language, words in translations.items()
        for column, error in furniture_faults(
            kind, {column: text for column, text in words.items() if text.strip()}
        ).items()
    }


def _check(kind: Kind, column: str, text: str) -> None:
    most = LONGEST_LINE if column in _LINES else LONGEST_TERMS
    if column in _NEEDED[kind] and not text.strip():
        raise Invalid(f"The {column.replace('_', ' ')} is missing")
    if len(text) > most:
        raise Invalid(f"The {column.replace('_', ' ')} is longer than {most} characters")
    if column == _ADDRESS[kind]:
        check_web_address(text)


def _refuse(kind: Kind, details: Mapping[str, Any]) -> None:
    for error in furniture_faults(kind, details).values():
        raise error


def _slugs(named: str) -> Iterator[str]:
    yield named
    yield from (f"{named}-{number}" for number in count(2))
