"""Variants of an appeal: the ways to say it, each with its weight and its words by language."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.language import marked as _

MOST_VARIANTS = 5
WEIGHTS = range(1, 101)
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
"""A language by its tag (BCP 47)."""
LONGEST_NAME = 80
_LONGEST = {"title": 120, "text": 2000, "button": 120}
_HTTPS = re.compile(r"https://[^\s/@\\]+(/\S*)?")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a variant in one language; without a ``destination`` the publication has one."""

    title: str
    text: str
    button: str
    destination: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """A variant with its words by language; ``fallback`` is the language that it surely has."""

    variant: model.AppealVariant
    wordings: Mapping[str, Wording]
    fallback: str

    def spoken(self, language: str) -> tuple[str, Wording]:
        """Return the words nearest to ``language``, and the language that they are in."""
        primary = language.split("-")[0].lower()
        known = {tag.lower(): tag for tag in sorted(self.wordings, reverse=True)}
        near = {tag.split("-")[0]: known[tag] for tag in known}
        tag = known.get(language.lower()) or known.get(primary) or near.get(primary)
        tag = tag or (self.fallback if self.fallback in self.wordings else min(self.wordings))
        return tag, self.wordings[tag]


def sayings(session: Session, appeals: Collection[int]) -> Mapping[int, Sequence[Saying]]:
    """Return the variants of each appeal with their words, in the order of their numbers."""
    rows = session.execute(
        select(model.AppealVariant, model.Appeal.language)
        .join(model.Appeal, model.Appeal.id == model.AppealVariant.appeal_id)
        .where(model.AppealVariant.appeal_id.in_(appeals))
        .order_by(model.AppealVariant.id)
    ).all()
    wordings: dict[int, dict[str, Wording]] = defaultdict(dict)
    numbers = [variant.id for variant, _language in rows]
    for each in session.scalars(
        select(model.AppealWords)
        .where(model.AppealWords.variant_id.in_(numbers))
        .order_by(model.AppealWords.language)
    ):
        said = Wording(each.title, each.text, each.button, each.destination)
        wordings[each.variant_id][each.language] = said
    found: dict[int, list[Saying]] = {number: [] for number in appeals}
    for variant, language in rows:
        found[variant.appeal_id].append(Saying(variant, wordings[variant.id], language))
    return found


def fetch_variant(session: Session, appeal: model.Appeal, number: int) -> Saying:
    """Return the variant with that number of an appeal; raise NotFound."""
    for each in sayings(session, [appeal.id])[appeal.id]:
        if each.variant.id == number:
            return each
    raise NotFound


def add_variant(
    session: Session,
    appeal: model.Appeal,
    name: str,
    weight: int,
    wordings: Mapping[str, Wording],
) -> model.AppealVariant:
    """Add a variant, with words in the appeal's own language at least; raise Invalid, Conflict."""
    variant = model.AppealVariant
    count = session.scalar(select(func.count()).where(variant.appeal_id == appeal.id)) or 0
    if count >= MOST_VARIANTS:
        raise Conflict(_("An appeal has five variants at most."))
    if appeal.language not in wordings:
        raise Invalid(_("The words in the appeal’s own language are missing."), field="language")
    added = variant(appeal_id=appeal.id, name=name, weight=weight)
    refuse(variant_faults(name, weight))
    session.add(added)
    session.flush()
    for language, wording in wordings.items():
        put_words(session, added, language, wording)
    return added


def change_variant(
    session: Session, variant: model.AppealVariant, name: str, weight: int, *, is_on: bool
) -> None:
    """Change how often a variant is chosen, or switch it off and on; raise Invalid."""
    refuse(variant_faults(name, weight))
    variant.name, variant.weight, variant.is_on = name.strip(), weight, is_on
    session.flush()


def remove_variant(session: Session, variant: model.AppealVariant) -> None:
    """Delete a variant; raise Conflict for the last, and for one that was ever approved or shown.

    That one can be switched off.
    """
    row = model.AppealVariant
    count = session.scalar(select(func.count()).where(row.appeal_id == variant.appeal_id)) or 0
    if count == 1:
        raise Conflict(_("An appeal needs one variant; this is the last."))
    refuse_used(session, variant.id)
    session.execute(delete(model.AppealChoice).where(model.AppealChoice.variant_id == variant.id))
    session.delete(variant)
    session.flush()


def put_words(
    session: Session, variant: model.AppealVariant, language: str, wording: Wording
) -> None:
    """Say a variant in a language, in the place of what was said in it; raise Invalid."""
    if not LANGUAGE.fullmatch(language):
        raise Invalid(_("Choose a language."), field="language")
    refuse(wording_faults(wording))
    kept = {name: text.strip() for name, text in asdict(wording).items()}
    row = session.get(model.AppealWords, (variant.id, language))
    if row is None:
        session.add(model.AppealWords(variant_id=variant.id, language=language, **kept))
    else:
        for name, text in kept.items():
            setattr(row, name, text)
    session.flush()


def drop_words(session: Session, variant: model.AppealVariant, language: str) -> None:
    """Say a variant in a language no more; raise Conflict for the appeal's own."""
    if session.get_one(model.Appeal, variant.appeal_id).language == language:
        raise Conflict(_("These are the words that are shown where others are missing."))
    row = session.get(model.AppealWords, (variant.id, language))
    if row is not None:
        session.delete(row)
        session.flush()


def wording_faults(wording: Wording) -> dict[str, Invalid]:
    """Say what is wrong with each of the words of a variant."""
    found: dict[str, Invalid] = {}
    for name, most in _LONGEST.items():
        text = getattr(wording, name)
        if not text.strip() or len(text) > most:
            words = _("This is missing, or longer than %(most)s characters.")
            found[name] = Invalid(words, field=name, most=most)
    if wording.destination and not _HTTPS.fullmatch(wording.destination):
        words = _("The address for donations begins with https:// and has no spaces.")
        found["destination"] = Invalid(words, field="destination")
    return found


def variant_faults(name: str, weight: int) -> dict[str, Invalid]:
    """Say what is wrong with the name and the weight of a variant."""
    found: dict[str, Invalid] = {}
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        words = _("Give the variant a name of up to 80 characters.")
        found["name"] = Invalid(words, field="name")
    if weight not in WEIGHTS:
        words = _("A weight is a number from 1 to 100.")
        found["weight"] = Invalid(words, field="weight")
    return found


def refuse_used(session: Session, variant: int) -> None:
    """Raise Conflict if a variant was ever approved, shown or given to."""
    used = [
        exists().where(row.appeal_variant_id == variant) for row in (model.Content, model.Donation)
    ]
    used.append(exists().where(model.Showing.variant_id == variant))
    if session.scalar(select(or_(*used))):
        raise Conflict(_("It was approved or shown already, and what it brought hangs on it."))


def refuse(found: Mapping[str, Invalid]) -> None:
    """Raise the first of what is wrong."""
    for error in found.values():
        raise error
