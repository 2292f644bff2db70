"""Signing up: a form comes in and is answered; what it comes to is found out a second later.

``ask`` looks at nothing that is known about an address, so its answer cannot tell. ``work_off``
knows, and is watched by nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter import addresses, issues, model
from newsletter.database import insert_missing
from newsletter.deliveries.claim import FINAL
from newsletter.errors import Invalid
from newsletter.links import Links
from newsletter.model import SubscriptionState
from newsletter.subscriptions import blocking, letters, limits
from newsletter.subscriptions.counters import count
from newsletter.subscriptions.people import kept_name
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import Line, begin, locked_people, step, version, wishes_of

MANAGE = "manage"
"""The form by which a person asks for the link to everything held about them."""
_BLOCKED = "blocked"
"""The form of what came from a blocked network: it is kept like any other, and dropped later."""


@dataclass(frozen=True, slots=True)
class Form:
    """A sign-up as it was sent in.

    ``origin`` is the network, as far as the operator keeps it; ``wording`` is what the person was
    shown, to the letter; ``form`` says where: "page", "embed".
    """

    address: str
    publications: tuple[int, ...]
    language: str
    name: str = ""
    form: str = "page"
    wording: str = ""
    origin: str = ""


def ask(session: Session, form: Form, now: datetime, *, secret_key: str, network: str) -> None:
    """Take a sign-up in, with the same statements and the same answer whatever is known.

    Raises InvalidAddress; Invalid when no publication, or an unknown one, is asked for;
    LimitReached when ``network``, which is not kept, asks too often. What is blocked, or too much
    for one mailbox, is dropped later without a word.
    """
    kept = addresses.parse(form.address)
    wanted = tuple(dict.fromkeys(form.publications))
    known = session.scalars(
        select(model.Publication.id).where(model.Publication.id.in_(wanted))
    ).all()
    if not wanted or len(known) != len(wanted):
        raise Invalid("Choose at least one publication")
    _take_in(session, kept, form, wanted, now, secret_key=secret_key, network=network)


def propose(session: Session, form: Form, now: datetime, *, secret_key: str) -> None:
    """Take in a person whom an editor names, to be asked by mail like whoever fills a form in.

    What is blocked, suppressed, or too much for one mailbox, comes to nothing, as there. Raises
    InvalidAddress.
    """
    kept = addresses.parse(form.address)
    session.add(_sign_up_row(kept, form, form.publications, now, secret_key))
    session.flush()


def send_manage_link(
    session: Session, address: str, now: datetime, links: Links, *, secret_key: str, network: str
) -> None:
    """Take in that a person wants the link to everything held about them; the same for everyone.

    It goes to an address that is known, and to no other. Raises InvalidAddress and LimitReached.
    """
    kept = addresses.parse(address)
    form = Form(kept, (), "", form=MANAGE)
    _take_in(session, kept, form, (), now, secret_key=secret_key, network=network)


def _take_in(
    session: Session,
    address: str,
    form: Form,
    wanted: tuple[int, ...],
    now: datetime,
    *,
    secret_key: str,
    network: str,
) -> None:
    limits.admit(session, network, now, secret_key=secret_key)
    blocked = blocking.blocks_network(session, network)
    kept = replace(form, form=_BLOCKED) if blocked else form
    session.add(_sign_up_row(address, kept, wanted, now, secret_key))
    session.flush()


def _sign_up_row(
    address: str, form: Form, wanted: tuple[int, ...], now: datetime, secret_key: str
) -> model.SignUp:
    return model.SignUp(
        address=address,
        digest=addresses.digest(address, secret_key),
        publications=list(wanted),
        language=form.language,
        form=form.form,
        at=now,
        name=kept_name(form.name),
        wording=form.wording,
        version=version(form.wording),
        origin=form.origin,
    )


def work_off(
    session: Session, now: datetime, links: Links, *, secret_key: str, limit: int = 100
) -> int:
    """Turn forms that came in, oldest first, into subscriptions and mails; return how many.

    Several workers at once share them out. Forms for one address that are there together come to
    one mail.
    """
    forms = session.scalars(
        select(model.SignUp)
        .order_by(model.SignUp.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not forms:
        return 0
    counts: Counter[str] = Counter()
    open_forms = _not_dropped(session, forms, counts)
    known = _known(session, {form.digest for form in open_forms})
    tasks: dict[tuple[bytes, bool], list[model.SignUp]] = defaultdict(list)
    for form in open_forms:
        manages = form.form == MANAGE
        if not manages or form.digest in known:
            tasks[form.digest, manages].append(form)
    granted = limits.mails(
        session, [some[0].address for some in tasks.values()], now, secret_key=secret_key
    )
    counts["sign-up-limited"] = granted.count(False)
    left = {key: some for (key, some), go in zip(tasks.items(), granted, strict=True) if go}
    _answer(session, left, links, now)
    session.execute(
        delete(model.SignUp)
        .where(model.SignUp.id.in_([form.id for form in forms]))
        .execution_options(synchronize_session=False)
    )
    for name, by in sorted(counts.items()):
        count(session, name, now, by)
    return len(forms)


def _not_dropped(
    session: Session, forms: Sequence[model.SignUp], counts: Counter[str]
) -> Sequence[model.SignUp]:
    """Leave out what is blocked, and whoever must not be asked; count what becomes of each."""
    blocked = blocking.blocked(session, {form.address for form in forms})
    final = set(
        session.scalars(
            select(model.Suppression.digest).where(
                model.Suppression.digest.in_({form.digest for form in forms}),
                model.Suppression.reason.in_(FINAL),
            )
        )
    )
    welcome = [form for form in forms if form.form != _BLOCKED and form.address not in blocked]
    kept = [form for form in welcome if form.digest not in final]
    counts["sign-up-blocked"] = len(forms) - len(welcome)
    counts["sign-up-suppressed"] = len(welcome) - len(kept)
    counts["sign-up"] = sum(form.form != MANAGE for form in kept)
    return kept


def _known(session: Session, digests: Collection[bytes]) -> set[bytes]:
    rows = select(model.Subscriber.digest).where(model.Subscriber.digest.in_(digests))
    return set(session.scalars(rows))


def _answer(
    session: Session,
    tasks: Mapping[tuple[bytes, bool], Sequence[model.SignUp]],
    links: Links,
    now: datetime,
) -> None:
    """Do what each group of forms asks for, and put one mail for each into the outbox."""
    publications = {publication.id: publication for publication in issues.publications(session)}
    newcomers = {
        digest: _row(some, publications, now)
        for (digest, manages), some in sorted(tasks.items(), key=lambda task: task[0][0])
        if not manages
    }
    insert_missing(session, model.Subscriber, list(newcomers.values()))
    digests = {digest for digest, _ in tasks}
    people = {
        person.digest: person
        for person in locked_people(session, model.Subscriber.digest.in_(digests))
    }
    wishes: dict[int, dict[int, model.Subscription]] = defaultdict(dict)
    for wish in wishes_of(session, [person.id for person in people.values()]):
        wishes[wish.subscriber_id][wish.publication_id] = wish
    for (digest, manages), some in tasks.items():
        person = people.get(digest)
        if person is None:  # erased since
            continue
        mine = wishes[person.id]
        if manages:
            home = home_of(mine.values(), publications)
            if home is not None:
                letters.send_manage(session, person, home, links, now)
        else:
            _sign_up(session, person, mine, some, publications, links, now)
    session.flush()


def _sign_up(
    session: Session,
    person: model.Subscriber,
    mine: dict[int, model.Subscription],
    forms: Sequence[model.SignUp],
    publications: Mapping[int, model.Publication],
    links: Links,
    now: datetime,
) -> None:
    if all(wish.state is SubscriptionState.PENDING for wish in mine.values()):
        # Nobody has shown yet that the address is theirs: the newest form has the best claim.
        person.name = forms[-1].name or person.name
        person.language = forms[-1].language or person.language
    asked: dict[int, None] = {}
    said: set[tuple[object, ...]] = set()
    for form in forms:
        line = Line(form.form, form.wording, form.version, form.origin, at=form.at)
        for number in form.publications:
            if number not in publications or (number, replace(line, at=None)) in said:
                continue
            said.add((number, replace(line, at=None)))
            asked[number] = None
            if number not in mine:
                mine[number] = begin(session, person.id, number, Event.ASK, now, line)
            else:
                step(session, mine[number], Event.ASK, now, line)
    waiting = [number for number in mine if mine[number].state is SubscriptionState.PENDING]
    if any(number in waiting for number in asked):
        letters.send_confirm(session, person, _named(waiting, publications), links, now)
    elif asked:
        letters.send_already_subscribed(session, person, _named(asked, publications), links, now)


def home_of(
    wishes: Iterable[model.Subscription], publications: Mapping[int, model.Publication]
) -> model.Publication | None:
    """Choose in whose name a person is written to: best what they get, else what there is."""
    mine = sorted(
        wishes,
        key=lambda wish: (wish.state is not SubscriptionState.ACTIVE, wish.publication_id),
    )
    numbers = [wish.publication_id for wish in mine] or list(publications)
    return publications[numbers[0]] if numbers else None


def _named(
    numbers: Iterable[int], publications: Mapping[int, model.Publication]
) -> Sequence[model.Publication]:
    return sorted((publications[number] for number in numbers), key=lambda each: each.name)


def _row(
    forms: Sequence[model.SignUp],
    publications: Mapping[int, model.Publication],
    now: datetime,
) -> Mapping[str, object]:
    first = forms[0]
    languages = [
        publications[number].language for number in first.publications if number in publications
    ]
    return {
        "address": first.address,
        "digest": first.digest,
        "name": first.name,
        "language": first.language or next(iter(languages), "en"),
        "created_at": now,
    }
