"""The directory: people looked up by what is known of them, a page at a time.

A page takes as long with a million people as with ten. It goes along an index, and where a row has
to be looked at to know whether it is meant, it looks at ``LOOKED_AT`` of them and says from where
to look further. Nothing is counted.

Who came in a file waits for the clock to enter them into the indexes, and is found meanwhile by a
look at those who wait.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Text,
    TextClause,
    and_,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from newsletter import addresses, model
from newsletter.database import with_room
from newsletter.errors import InvalidAddress
from newsletter.model import SubscriptionState, SuppressionReason

PAGE = 50
"""People on a page."""
LOOKED_AT = 12_000
"""Rows that are looked at for one page: 40 ms of work where each asks for a subscription."""
ENTERED = 20_000
"""People who are entered into the indexes in one transaction, which takes some tenths of a second.
"""
KEPT = timedelta(days=1)
"""How long it is known what a search was for."""
MOST_WORDS = 4
"""Words of a name that are compared."""

_ADDRESS, _SURNAME = 12, 8
"""Characters of an address, and of a surname, by which an index finds them."""
_LAST = "\U0010ffff"
"""Comes after every character that a name or an address has."""

# To the letter as the migration has them: that is how an index is known again.
_KEYS = {
    "sqlite": {
        "address": "substr(lower({0}.address), 1, 12)",
        "domain": "substr({0}.address, instr({0}.address, '@'))",
        "surname": (
            "substr(lower(replace({0}.name,"
            " rtrim({0}.name, replace({0}.name, ' ', '')), '')), 1, 8)"
        ),
    },
    "postgresql": {
        "address": '(substr(lower({0}.address), 1, 12) collate "C")',
        "domain": "substr({0}.address, strpos({0}.address, '@'))",
        "surname": "(substr(lower(split_part({0}.name, ' ', -1)), 1, 8) collate \"C\")",
    },
}

_INDEXED, _WAITING = text("subscribers.indexed"), text("not subscribers.indexed")
_NAMED = text("subscribers.name <> ''")
"""Only who has a name is in the index of surnames."""

Filter = Callable[[Any], ColumnElement[bool]]
"""Says of the columns of people who they must be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for.

    ``words`` are the beginning of an address, a whole domain with "@" in front, or words of a name;
    of several words of a name each must be there. ``publication`` and ``state`` are about a
    subscription.
    """

    words: str = ""
    publication: int | None = None
    state: SubscriptionState | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after whom, in which part of what is looked through."""

    number: int = 0
    part: int = 0


BEGINNING = Place()


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as the directory shows them; ``wishes`` are states by publication."""

    id: int
    address: str
    name: str
    language: str
    since: datetime
    wishes: Sequence[tuple[int, SubscriptionState]]
    suppressed: SuppressionReason | None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Some people, and where the next page begins; None after the last.

    With ``is_cut`` there may be more of them than the page shows: so many rows were looked at.
    """

    entries: Sequence[Entry]
    following: Place | None
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """People who lie side by side in an index, in the order of ``key``, else newest first."""

    key: ColumnElement[str] | None
    span: Sequence[ColumnElement[bool] | TextClause]
    filters: Sequence[Filter]


def look_up(session: Session, wanted: Wanted, place: Place = BEGINNING) -> LookedUp:
    """Return a page of those who are wanted: newest first, or by address and surname."""
    by_wish = wanted.publication is not None or wanted.state is not None
    if by_wish and not wanted.words and not wanted.language:
        return _by_wish(session, wanted, place)
    found: list[int] = []
    parts = list(_parts(session, wanted))
    number = place.number
    for index in range(place.part, len(parts)):
        ids, following = _walk(session, parts[index], number, PAGE - len(found))
        found += ids
        if following:
            return _page(session, found, Place(following, index))
        if len(found) == PAGE and index + 1 < len(parts):
            return _page(session, found, Place(0, index + 1))
        number = 0
    return _page(session, found, None)


def index(session: Session, *, limit: int = ENTERED) -> int:
    """Enter people who came in files into the indexes, those first who came first; count them."""
    person = model.Subscriber
    waiting = select(person.id).where(_WAITING).order_by(person.id).limit(limit)
    with with_room(session):
        entered = session.execute(
            update(person)
            .where(person.id.in_(waiting.with_for_update(skip_locked=True)))
            .values(indexed=True)
            .execution_options(synchronize_session=False, preserve_rowcount=True)
        )
    return cast("CursorResult[Any]", entered).rowcount


def is_waiting(session: Session) -> bool:
    """Tell whether there are people to enter into the indexes."""
    return session.scalar(select(model.Subscriber.id).where(_WAITING).limit(1)) is not None


def keep_search(session: Session, words: str, now: datetime, *, editor: int) -> int:
    """Keep what an editor searches for; return the number by which a page names it."""
    made = model.Search(id=secrets.randbits(62) + 1, editor_id=editor, words=words, at=now)
    session.add(made)
    session.flush()
    return made.id


def kept_search(session: Session, number: int, now: datetime, *, editor: int) -> str | None:
    """Return the words of the editor's search; None when it is not known, or not any more."""
    found = session.get(model.Search, number)
    if found is None or found.editor_id != editor or found.at <= now - KEPT:
        return None
    return found.words


def _by_wish(session: Session, wanted: Wanted, place: Place) -> LookedUp:
    """Read those of a publication, or in a state, off their index, newest subscription first."""
    wish = model.Subscription
    chosen = wanted.publication
    publications = [chosen] if chosen else session.scalars(select(model.Publication.id)).all()
    states = [wanted.state] if wanted.state else list(SubscriptionState)
    lanes = []
    for publication in publications:
        for state in states:
            lane = select(wish.id, wish.subscriber_id).where(
                wish.publication_id == publication, wish.state == state
            )
            if place.number:
                lane = lane.where(wish.id < place.number)
            if chosen is None:
                # Whoever has two in this state stands where the newer one does.
                other = aliased(wish)
                newer = exists().where(
                    other.subscriber_id == wish.subscriber_id,
                    other.state == state,
                    other.id > wish.id,
                )
                lane = lane.where(~newer)
            some = lane.order_by(wish.id.desc()).limit(PAGE + 1).subquery()
            lanes.append(select(some.c.id, some.c.subscriber_id))
    if not lanes:
        return LookedUp((), None, is_cut=False)
    every = union_all(*lanes).subquery()
    rows = session.execute(select(every).order_by(every.c.id.desc()).limit(PAGE + 1)).all()
    following = Place(rows[PAGE - 1].id) if len(rows) > PAGE else None
    return _page(session, [row.subscriber_id for row in rows[:PAGE]], following)


def _parts(session: Session, wanted: Wanted) -> Iterator[_Part]:
    """Yield what is to be looked through, one after the other; nobody is in two of them."""
    keys = _KEYS[session.get_bind().dialect.name]
    filters = tuple(_filters(wanted))
    said = wanted.words.strip()
    if not said:
        yield _Part(None, (), filters)
        return
    if said.startswith("@"):
        domain = _domain(said)
        if domain:
            yield _Part(None, (_INDEXED, _key(keys["domain"]) == domain), filters)
            yield _Part(None, (_WAITING,), (*filters, _is_at(keys["domain"], domain)))
        return
    words = said.split()[:MOST_WORDS]
    named = () if "@" in said else tuple(_has_word(word) for word in words)
    earlier: list[Filter] = []
    meant: list[Filter] = [_all(named)] if named else []
    needed: tuple[Filter, ...]
    if len(words) == 1:
        begins_so = _begins_so(said)
        span = _beginning(_key(keys["address"]), said, _ADDRESS)
        needed = (begins_so,) if len(said) > _ADDRESS else ()
        yield _Part(_key(keys["address"]), (_INDEXED, *span), (*filters, *needed))
        earlier.append(begins_so)
        meant.append(begins_so)
    # The surname comes last, or first where it is written so.
    for word in dict.fromkeys((words[-1], words[0])) if named else ():
        for spelling in _spellings(word):
            span = _beginning(_key(keys["surname"]), spelling, _SURNAME)
            needed = named if len(words) > 1 or len(word) > _SURNAME else ()
            others = tuple(_not(each) for each in earlier)
            yield _Part(
                _key(keys["surname"]), (_NAMED, _INDEXED, *span), (*filters, *needed, *others)
            )
            earlier.append(_has_surname(keys["surname"], spelling))
    if meant:
        yield _Part(None, (_WAITING,), (*filters, _any(meant)))
    if named:
        others = tuple(_not(each) for each in earlier)
        yield _Part(None, (), (*filters, _is_indexed, *named, *others))


def _filters(wanted: Wanted) -> Iterator[Filter]:
    language, wish = wanted.language, model.Subscription
    if language:
        yield lambda person: person.language == language
    if wanted.publication is not None or wanted.state is not None:
        asked = []
        if wanted.publication is not None:
            asked.append(wish.publication_id == wanted.publication)
        if wanted.state is not None:
            asked.append(wish.state == wanted.state)
        yield lambda person: exists().where(wish.subscriber_id == person.id, *asked)


def _walk(session: Session, part: _Part, number: int, limit: int) -> tuple[Sequence[int], int]:
    """Return up to ``limit`` of a part from after ``number``, and where to go on; 0 at its end."""
    person, key = model.Subscriber, part.key
    columns = (person.id, person.address, person.name, person.language, person.indexed)
    rows = select(*columns).where(*part.span)
    if key is None:
        rows = rows.where(person.id < number) if number else rows
        rows = rows.order_by(person.id.desc())
    else:
        last = number and session.scalar(select(key).where(person.id == number))
        if last:
            rows = rows.where(key >= last, tuple_(key, person.id) > tuple_(last, number))
        rows = rows.order_by(key, person.id)
    numbers = rows.with_only_columns(person.id)
    if not part.filters:
        found = session.scalars(numbers.limit(limit + 1)).all()
        return found[:limit], found[limit - 1] if len(found) > limit else 0
    looked = rows.limit(LOOKED_AT).subquery("looked")
    kept = select(looked.c.id).where(*(each(looked.c) for each in part.filters))
    found = session.scalars(kept.limit(limit + 1)).all()
    if len(found) > limit:
        return found[:limit], found[limit - 1]
    return found, session.scalar(numbers.offset(LOOKED_AT - 1).limit(1)) or 0


def _page(session: Session, found: Sequence[int], following: Place | None) -> LookedUp:
    person, wish = model.Subscriber, model.Subscription
    rows = session.execute(
        select(person, model.Suppression.reason)
        .outerjoin(model.Suppression, model.Suppression.digest == person.digest)
        .where(person.id.in_(found))
    )
    people = {one.id: (one, reason) for one, reason in rows}
    wishes: dict[int, list[tuple[int, SubscriptionState]]] = defaultdict(list)
    asked = (
        select(wish.subscriber_id, wish.publication_id, wish.state)
        .where(wish.subscriber_id.in_(found))
        .order_by(wish.publication_id)
    )
    for subscriber, publication, state in session.execute(asked):
        wishes[subscriber].append((publication, state))
    entries = [
        Entry(
            one.id,
            one.address,
            one.name,
            one.language,
            one.created_at,
            wishes[one.id],
            reason,
        )
        for one, reason in (people[number] for number in found if number in people)
    ]
    return LookedUp(entries, following, is_cut=following is not None and len(found) < PAGE)


def _key(expression: str, table: str = "subscribers") -> ColumnElement[str]:
    return literal_column(expression.format(table), Text)


def _beginning(key: ColumnElement[str], text: str, length: int) -> Sequence[ColumnElement[bool]]:
    """Say that a key of ``length`` characters begins like ``text``."""
    if len(text) >= length:
        # As a span too: of an equality PostgreSQL goes by the number, through all who are there.
        return (key >= func.lower(text[:length]), key <= func.lower(text[:length]))
    return (key >= func.lower(text), key < func.lower(text + _LAST))


def _begins_so(text: str) -> Filter:
    return lambda person: func.substr(func.lower(person.address), 1, len(text)) == func.lower(text)


def _has_surname(expression: str, word: str) -> Filter:
    return lambda _: and_(*_beginning(_key(expression, "looked"), word, _SURNAME))


def _has_word(word: str) -> Filter:
    """Say that one of the words of a name, or a part of a double one, begins so."""
    patterns = [f"% {_escaped(each)}%" for each in _spellings(word)]

    def condition(person: Any) -> ColumnElement[bool]:
        name = " " + func.replace(func.lower(person.name), "-", " ")
        return or_(*(name.like(func.lower(each), escape="\\") for each in patterns))

    return condition


def _is_at(expression: str, domain: str) -> Filter:
    return lambda _: _key(expression, "looked") == domain


def _is_indexed(person: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", person.indexed)


def _all(some: Sequence[Filter]) -> Filter:
    return lambda person: and_(*(each(person) for each in some))


def _any(some: Sequence[Filter]) -> Filter:
    return lambda person: or_(*(each(person) for each in some))


def _not(one: Filter) -> Filter:
    return lambda person: not_(one(person))


def _spellings(word: str) -> Sequence[str]:
    """Return a word in small letters, and as it may stand where these databases cannot fold it.

    SQLite, and PostgreSQL with the locale "C", know small letters of ASCII alone.
    """
    small = word.lower()
    if word.isascii():
        return (small,)
    return tuple(dict.fromkeys((small, small[:1].upper() + small[1:], small.upper())))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("-", " ")


def _domain(text: str) -> str:
    """Return "@" and a domain as addresses are kept with it; nothing for what is none."""
    try:
        return "@" + addresses.parse(f"x{text}").partition("@")[2]
    except InvalidAddress:
        return ""
