"""Appeals: how they are called, for whom they are, when, where and how often they are shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.errors import Invalid, NotFound
from newsletter.language import marked as _
from newsletter.rendering import Placement
from newsletter.support.currencies import in_units, of_units
from newsletter.support.variants import (
    LANGUAGE,
    LONGEST_NAME,
    Wording,
    add_variant,
    refuse,
    refuse_used,
    sayings,
    wording_faults,
)

EVERY = range(1, 101)
"""In which issues of a publication a reader gets an appeal at most: each, every second, …"""
DAYS = range(3651)
"""How long an appeal may rest for a reader, or be silent for whoever gave."""
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Terms:
    """All that is said of an appeal beside its words.

    ``placement`` is a rule as ``Placement`` writes it. The reader gets the appeal in every
    ``every``-th issue of a publication at most, once in ``rest_days`` at most, and not within
    ``silent_days`` of a gift.
    """

    name: str
    language: str
    for_all: bool = False
    publications: tuple[int, ...] = ()
    placement: str = "slot"
    starts_on: date | None = None
    ends_on: date | None = None
    goal: Decimal | None = None
    goal_currency: str = ""
    goal_until: date | None = None
    every: int = 1
    rest_days: int = 0
    silent_days: int = 0


def appeals(session: Session) -> Sequence[model.Appeal]:
    """List all appeals by name."""
    return session.scalars(select(model.Appeal).order_by(model.Appeal.name, model.Appeal.id)).all()


def fetch_appeal(session: Session, number: int) -> model.Appeal:
    """Return the appeal with that number; raise NotFound."""
    found = session.get(model.Appeal, number)
    if found is None:
        raise NotFound
    return found


def terms_of(session: Session, appeal: model.Appeal) -> Terms:
    """Return all that is said of an appeal beside its words."""
    return terms(session, [appeal])[appeal.id]


def terms(session: Session, found: Iterable[model.Appeal]) -> Mapping[int, Terms]:
    """Return all that is said of appeals beside their words, by their numbers."""
    known = {each.id: each for each in found}
    tied = model.AppealPublication
    places: dict[int, list[int]] = {number: [] for number in known}
    for number, place in session.execute(
        select(tied.appeal_id, tied.publication_id)
        .where(tied.appeal_id.in_(known))
        .order_by(tied.publication_id)
    ):
        places[number].append(place)
    return {
        number: Terms(
            **{name: getattr(each, name) for name in _SAME},
            goal=None if each.goal is None else of_units(each.goal, each.goal_currency),
            publications=tuple(places[number]),
        )
        for number, each in known.items()
    }


def add_appeal(session: Session, terms: Terms, wording: Wording) -> model.Appeal:
    """Add an appeal with its first variant in its own language; raise Invalid."""
    refuse(appeal_faults(terms) | wording_faults(wording))
    appeal = model.Appeal(name="", language="")
    session.add(appeal)
    _settle(session, appeal, terms)
    add_variant(session, appeal, "A", 1, {terms.language: wording})
    return appeal


def adopt_appeal(
    session: Session, publication: model.Publication, words: manuscripts.Appeal
) -> None:
    """Take over the appeal that a manuscript brought, for a publication that has none yet."""
    tied = model.AppealPublication
    has_one = exists().where(tied.publication_id == publication.id)
    if session.scalar(select(or_(has_one, exists().where(model.Appeal.for_all)))):
        return
    appeal = model.Appeal(name=words.title or publication.name, language=publication.language)
    session.add(appeal)
    session.flush()
    session.add(tied(appeal_id=appeal.id, publication_id=publication.id))
    variant = model.AppealVariant(appeal_id=appeal.id, name="A")
    session.add(variant)
    session.flush()
    said = {"title": words.title, "text": words.text, "button": words.button}
    session.add(model.AppealWords(variant_id=variant.id, language=publication.language, **said))
    session.flush()


def change_appeal(session: Session, appeal: model.Appeal, terms: Terms) -> Sequence[str]:
    """Change the terms of an appeal; return which are not as they were. Raises Invalid.

    What was approved before keeps its words and its place, but caps, silence, dates and weights are
    those of the moment at which an issue leaves.
    """
    refuse(appeal_faults(terms))
    before = terms_of(session, appeal)
    if terms.language != before.language:
        lacking = [
            each.variant.name
            for each in sayings(session, [appeal.id])[appeal.id]
            if terms.language not in each.wordings
        ]
        if lacking:
            words = _("Variant %(name)s has no words in that language yet.")
            raise Invalid(words, field="language", name=lacking[0])
    _settle(session, appeal, terms)
    after = terms_of(session, appeal)
    return [each for each, value in asdict(after).items() if asdict(before)[each] != value]


def remove_appeal(session: Session, appeal: model.Appeal) -> None:
    """Delete an appeal; raise Conflict if it was ever approved, shown or given to."""
    row = model.AppealVariant
    for number in session.scalars(select(row.id).where(row.appeal_id == appeal.id)):
        refuse_used(session, number)
    session.execute(delete(model.AppealChoice).where(model.AppealChoice.appeal_id == appeal.id))
    session.delete(appeal)
    session.flush()


def appeal_faults(terms: Terms) -> dict[str, Invalid]:
    """Say what is wrong with each of the terms."""
    found: dict[str, Invalid] = {}

    def wrong(field: str, words: str) -> None:
        found.setdefault(field, Invalid(words, field=field))

    if not terms.name.strip() or len(terms.name) > LONGEST_NAME or not terms.name.isprintable():
        wrong("name", _("Give the appeal a name of up to 80 characters, for the desk."))
    if not LANGUAGE.fullmatch(terms.language):
        wrong("language", _("Choose a language."))
    try:
        Placement.parse(terms.placement)
    except Invalid as error:
        found["placement"] = error
    if terms.starts_on and terms.ends_on and terms.starts_on > terms.ends_on:
        wrong("ends_on", _("The last day is before the first."))
    if terms.goal is not None:
        if not terms.goal > 0 or terms.goal >= 10**12:
            wrong("goal", _("Write an amount such as 25 or 12.50."))
        if not _CURRENCY.fullmatch(terms.goal_currency):
            wrong("goal_currency", _("Write the three letters of a currency, such as EUR."))
    elif terms.goal_until:
        wrong("goal", _("Say how much is to be given until that day."))
    if terms.every not in EVERY:
        wrong("every", _("Write a number from 1, for each issue, to 100."))
    for name in ("rest_days", "silent_days"):
        if getattr(terms, name) not in DAYS:
            wrong(name, _("Write a number of days from 0 to 3650."))
    return found


_SAME = {each.name for each in fields(Terms)} - {"goal", "publications"}


def _settle(session: Session, appeal: model.Appeal, terms: Terms) -> None:
    for name in _SAME:
        setattr(appeal, name, getattr(terms, name))
    appeal.name, appeal.placement = terms.name.strip(), str(Placement.parse(terms.placement))
    appeal.goal = None if terms.goal is None else in_units(terms.goal, terms.goal_currency)
    appeal.goal_currency = "" if terms.goal is None else terms.goal_currency
    session.flush()
    tied = model.AppealPublication
    session.execute(delete(tied).where(tied.appeal_id == appeal.id))
    wanted = set() if terms.for_all else set(terms.publications)
    there = session.scalars(select(model.Publication.id).where(model.Publication.id.in_(wanted)))
    session.add_all(tied(appeal_id=appeal.id, publication_id=number) for number in there.all())
    session.flush()
