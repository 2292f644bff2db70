"""What an editor does to a subscriber: add, correct, unsubscribe, suppress, send a link, erase.

Each act is written in the trail with the number of the subscriber; an address stands in no line.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.orm import Session

from newsletter import desk, issues, model, subscriptions
from newsletter.desk import Action, Permission
from newsletter.errors import Conflict, Invalid, InvalidAddress, LimitReached, NotFound
from newsletter.language import LANGUAGES
from newsletter.language import marked as _
from newsletter.subscriptions import Form
from newsletter.web.context import database, links, settings
from newsletter.web.desk.frame import page, say, say_languages
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.subscribers import person_page
from newsletter.web.typed import typed

FORM = "desk"
"""What the consent log calls what is done here."""

_NO_TAG = _("A tag is a word or two, with at most 40 characters and no comma.")


@bp.get("/subscribers/new")
@needs(Permission.SUBSCRIBERS)
def new_subscriber() -> Response:
    """Ask whom to add, and where the consent comes from."""
    with database.reading() as session:
        return _new_page(session, {"how": "ask"}, {})


@bp.post("/subscribers/new")
@needs(Permission.SUBSCRIBERS)
def add_subscriber() -> Response:
    """Ask the person by mail, or take the editor's word for it."""
    now = datetime.now(UTC)
    given = {
        name: typed(name)
        for name in ("address", "name", "language", "publication", "how", "source")
    }
    troubles: dict[str, str] = {}
    with database.transaction() as session:
        publications = {str(each.id): each for each in issues.publications(session)}
        publication = publications.get(given["publication"])
        if publication is None:
            troubles["publication"] = say(_("Choose a publication."))
        if given["how"] == "vouch" and not given["source"]:
            troubles["source"] = say(_("Say when and where this person agreed."))
        if publication is not None and not troubles:
            try:
                if given["how"] == "vouch":
                    number = _vouch(session, publication, given, now)
                    return lead(to("subscriber_page", number=number, done="subscriber-added"))
                _ask(session, publication, given, now)
                return lead(to("subscribers_page", done="subscriber-asked"))
            except InvalidAddress:
                troubles["address"] = say(
                    _("This is not an e-mail address. Write one like name@example.org.")
                )
            except Conflict:
                troubles["address"] = say(
                    _("This address is suppressed: no mail goes there, and it cannot be added.")
                )
        return _new_page(session, given, troubles, status=422)


@bp.get("/subscribers/<int:number>/correct")
@needs(Permission.SUBSCRIBERS)
def correcting(number: int) -> Response:
    """Show the name and the language of a person, to be corrected."""
    with database.reading() as session:
        person = _fetch(session, number)
        given = {"name": person.name, "language": person.language}
        return _correct_page(person, given, {})


@bp.post("/subscribers/<int:number>/correct")
@needs(Permission.SUBSCRIBERS)
def correct_subscriber(number: int) -> Response:
    """Correct the name and the language of a person."""
    given = {name: typed(name) for name in ("name", "language")}
    with database.transaction() as session:
        try:
            changed = subscriptions.correct(session, number, **given)
        except Invalid as error:
            troubles = {"language": say(error.message)}
            return _correct_page(_fetch(session, number), given, troubles, status=422)
        if changed:
            _note(session, Action.SUBSCRIBER_CORRECTED, f"{number}: {', '.join(changed)}")
    return lead(to("subscriber_page", number=number, done="subscriber-corrected"))


@bp.post("/subscribers/<int:number>/tags")
@needs(Permission.SUBSCRIBERS)
def tag_subscriber(number: int) -> Response:
    """Put a tag on a person."""
    given = typed("tag")
    try:
        with database.transaction() as session:
            before = subscriptions.tags_of(session, _fetch(session, number).id)
            name = subscriptions.tag(session, [number], given)
            if name not in before:
                _note(session, Action.SUBSCRIBER_TAGGED, f"{number}: {name}")
    except Invalid:
        with database.reading() as session:
            return person_page(session, number, tag=given, tag_trouble=say(_NO_TAG), status=422)
    return lead(to("subscriber_page", number=number, done="subscriber-tagged"))


@bp.post("/subscribers/<int:number>/tags/remove")
@needs(Permission.SUBSCRIBERS)
def untag_subscriber(number: int) -> Response:
    """Take a tag off a person."""
    given = typed("tag")
    with database.transaction() as session:
        if given in subscriptions.tags_of(session, _fetch(session, number).id):
            subscriptions.untag(session, [number], given)
            _note(session, Action.SUBSCRIBER_UNTAGGED, f"{number}: {given}")
    return lead(to("subscriber_page", number=number, done="subscriber-untagged"))


@bp.get("/subscribers/subscriptions/<int:number>/end")
@needs(Permission.SUBSCRIBERS)
def unsubscribing(number: int) -> Response:
    """Ask whether to end a subscription."""
    with database.reading() as session:
        wish = subscriptions.fetch_wish(session, number)
        return page(
            "subscribers/unsubscribe.html",
            person=_fetch(session, wish.subscriber_id),
            monitor=session.get_one(model.Publication, wish.publication_id),
        )


@bp.post("/subscribers/subscriptions/<int:number>/end")
@needs(Permission.SUBSCRIBERS)
def unsubscribe(number: int) -> Response:
    """End a subscription, because the person asked an editor for it."""
    with database.transaction() as session:
        wish = subscriptions.fetch_wish(session, number)
        subscriber = wish.subscriber_id
        slug = session.get_one(model.Publication, wish.publication_id).slug
        subscriptions.leave(session, number, datetime.now(UTC), form=FORM)
        _note(session, Action.SUBSCRIPTION_ENDED, f"{subscriber}: {slug}")
    return lead(to("subscriber_page", number=subscriber, done="unsubscribed"))


@bp.post("/subscribers/<int:number>/link")
@needs(Permission.SUBSCRIBERS)
def send_link_to_subscriber(number: int) -> Response:
    """Mail a person the link to their own page."""
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            subscriptions.send_manage_link_to(session, number, now, links)
            _note(session, Action.MANAGE_LINK_SENT, str(number))
    except LimitReached as error:
        with database.reading() as session:
            return person_page(session, number, say(error.message), status=429)
    return lead(to("subscriber_page", number=number, done="link-sent"))


@bp.get("/subscribers/<int:number>/suppress")
@needs(Permission.SUBSCRIBERS)
def suppressing(number: int) -> Response:
    """Ask whether to have no mail go to a person, and why."""
    with database.reading() as session:
        return page("subscribers/suppress.html", person=_fetch(session, number))


@bp.post("/subscribers/<int:number>/suppress")
@needs(Permission.SUBSCRIBERS)
def suppress_subscriber(number: int) -> Response:
    """Have no mail go to a person any more."""
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            subscriptions.suppress_subscriber(session, number, now, typed("words"))
            _note(session, Action.SUPPRESSED, str(number))
    except Conflict as error:
        with database.reading() as session:
            return person_page(session, number, say(error.message), status=409)
    return lead(to("subscriber_page", number=number, done="suppressed"))


@bp.get("/subscribers/<int:number>/erase")
@needs(Permission.PERSONAL_DATA, fresh=True)
def erasing(number: int) -> Response:
    """Say what erasing a person means."""
    with database.reading() as session:
        dossier = subscriptions.dossier(session, number)
        return page("subscribers/erase.html", person=dossier.person, holdings=dossier.holdings)


@bp.post("/subscribers/<int:number>/erase")
@needs(Permission.PERSONAL_DATA, fresh=True)
def erase_subscriber(number: int) -> Response:
    """Erase a person for good."""
    with database.transaction() as session:
        _fetch(session, number)
        subscriptions.erase(session, number, datetime.now(UTC))
        _note(session, Action.SUBSCRIBER_ERASED, str(number))
    return lead(to("subscribers_page", done="erased"))


def _new_page(
    session: Session, given: Mapping[str, str], troubles: Mapping[str, str], *, status: int = 200
) -> Response:
    publications = issues.publications(session)
    return page(
        "subscribers/new.html",
        status=status,
        publications=[(each.id, each.name) for each in publications],
        language_names=say_languages([*LANGUAGES, *(each.language for each in publications)]),
        given={"address": "", "name": "", "language": "", "publication": "", "source": "", **given},
        troubles=troubles,
    )


def _correct_page(
    person: model.Subscriber,
    given: Mapping[str, str],
    troubles: Mapping[str, str],
    *,
    status: int = 200,
) -> Response:
    return page(
        "subscribers/correct.html", status=status, person=person, given=given, troubles=troubles
    )


def _vouch(
    session: Session, publication: model.Publication, given: Mapping[str, str], now: datetime
) -> int:
    wish = subscriptions.add(
        session,
        publication,
        given["address"],
        now,
        secret_key=settings.secret_key,
        name=given["name"],
        language=given["language"],
        form=FORM,
        source=given["source"],
    )
    _note(session, Action.SUBSCRIBER_ADDED, f"{wish.subscriber_id}: {publication.slug}")
    return wish.subscriber_id


def _ask(
    session: Session, publication: model.Publication, given: Mapping[str, str], now: datetime
) -> None:
    form = Form(
        given["address"], (publication.id,), given["language"], name=given["name"], form=FORM
    )
    subscriptions.propose(session, form, now, secret_key=settings.secret_key)
    _note(session, Action.SUBSCRIBER_ASKED, publication.slug)


def _fetch(session: Session, number: int) -> model.Subscriber:
    person = session.get(model.Subscriber, number)
    if person is None:
        raise NotFound
    return person


def _note(session: Session, action: Action, about: str) -> None:
    desk.note(session, presence.actor, action, datetime.now(UTC), about)
