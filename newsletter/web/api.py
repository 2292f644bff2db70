"""The API: what other programs of the institute ask for, each with a key; JSON in and out.

No answer tells what is known of an address. See docs/api.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from newsletter import addresses, desk, issues, model, subscriptions, support
from newsletter.desk import keys
from newsletter.desk.keys import Scope
from newsletter.errors import Forbidden, Invalid, KeyInvalid, LimitReached, NewsletterError
from newsletter.language import LANGUAGES, spoken
from newsletter.web.context import database, links, settings
from newsletter.web.subscribing import wrong_address
from newsletter.web.typed import cleaned

LONGEST_WORDING = 1_000
"""Characters of what a person agreed to."""
FORM = "api"
"""What the consent log calls where somebody came from."""

SOURCE = "API"
"""Where gifts come from that do not say it."""

WRONG_ADDRESS = {
    "missing": "Give the address.",
    "syntax": "This is no e-mail address.",
    "disposable": "Addresses that last for minutes are not taken here.",
    "role": "Addresses of tasks, such as office@, are not taken here.",
    "domain": "The domain of this address takes no mail.",
}

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/publications")
def publications() -> Response:
    """List the publications, and how many get each, as it was counted last."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        _admit(session, Scope.FIGURES, now)
        languages = {each.id: each.language for each in issues.publications(session)}
        listed = [
            {
                "slug": each.slug,
                "name": each.name,
                "language": languages[each.id],
                "active": each.active,
                "paused": each.paused,
            }
            for each in desk.audiences(session, now)
        ]
    return jsonify(publications=listed)


@bp.post("/subscriptions")
def subscribe() -> tuple[Response, int]:
    """Take a person in, who is asked by mail; the answer is the same whatever is known."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        _admit(session, Scope.SUBSCRIPTIONS, now)
    with database.transaction() as session:
        form, wrong = _read(session)
        if form is None:
            return jsonify(error="invalid", wrong=wrong), 422
        subscriptions.propose(session, form, now, secret_key=settings.secret_key)
    return jsonify(status="accepted"), 202


@bp.post("/donations")
def give() -> tuple[Response, int]:
    """Record a gift: 201 if it is new, 200 if it is known by its transaction and left as it is."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        _admit(session, Scope.DONATIONS, now)
    with database.transaction() as session:
        given, wrong = _read_gift(session, now)
        if given is None:
            return jsonify(error="invalid", wrong=wrong), 422
        publication, source, gift = given
        recorded = support.record(session, publication, source, [gift], now, links)
    is_new = recorded.new == 1
    return jsonify(status="recorded" if is_new else "known"), 201 if is_new else 200


def _admit(session: Session, scope: Scope, now: datetime) -> model.ApiKey:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.recognise(session, token.strip()) if kind.lower() == "bearer" else None
    if key is None:
        raise KeyInvalid
    if scope not in key.scopes:
        raise Forbidden(f"This key may not do that; it lacks the scope {scope}.")
    keys.admit(session, key, now)
    return key


def _sent() -> dict[str, Any] | None:
    """Return the object that was sent, if it is one."""
    try:
        said: Any = request.get_json(silent=True)
    except RecursionError:  # a hundred thousand brackets
        return None
    return said if isinstance(said, dict) else None


def _read(session: Session) -> tuple[subscriptions.Form | None, Mapping[str, str]]:
    """Read what was sent; say by field what is wrong with it."""
    said = _sent()
    if said is None:
        return None, {"": "Send a JSON object, as application/json."}
    text = dict.fromkeys(("address", "name", "language", "wording"), "")
    text |= {name: said[name] for name in text if isinstance(said.get(name), str)}
    wrong = {}
    address = cleaned(text["address"])
    if trouble := wrong_address(address):
        wrong["address"] = WRONG_ADDRESS[trouble]
    known = {each.slug: each for each in issues.publications(session)}
    asked = said.get("publications")
    listed: list[Any] = asked if isinstance(asked, list) else []
    slugs = [each for each in listed if isinstance(each, str)]
    if not slugs or set(slugs) - known.keys() or len(slugs) < len(listed):
        wrong["publications"] = "List the slugs of publications that there are."
    wording = text["wording"].strip()
    written = all(each.isprintable() or each in "\t\r\n" for each in wording)
    if not wording or len(wording) > LONGEST_WORDING or not written:
        wrong["wording"] = "Say to the letter what the person agreed to, in 1,000 characters."
    language = text["language"]
    if language and language not in LANGUAGES:
        wrong["language"] = f"Give one of: {', '.join(LANGUAGES)}."
    if wrong:
        return None, wrong
    chosen = [known[slug] for slug in dict.fromkeys(slugs)]
    return (
        subscriptions.Form(
            address=addresses.parse(address),
            publications=tuple(each.id for each in chosen),
            language=language or spoken(chosen[0].language),
            name=cleaned(text["name"])[: subscriptions.MOST_NAME],
            form=FORM,
            wording=wording,
        ),
        {},
    )


def _read_gift(
    session: Session, now: datetime
) -> tuple[tuple[int, str, support.Gift] | None, Mapping[str, str]]:
    """Read a gift, of which publication and from where; say by field what is wrong."""
    said = _sent()
    if said is None:
        return None, {"": "Send a JSON object, as application/json."}
    names = ("date", "amount", "currency", "reference", "address", "transaction")
    told = {name: said.get(name, "") for name in (*names, "publication", "source")}
    texts = {
        name: str(value) for name, value in told.items() if isinstance(value, str | int | float)
    }
    wrong = {name: "Give a text." for name in told.keys() - texts.keys() if told[name] is not None}
    gift = None
    try:
        gift = support.read_gift({name: texts.get(name, "") for name in names}, now.date())
    except Invalid as error:
        read: Mapping[str, support.Told] = getattr(error, "wrong", {})
        wrong = {name: fault.message for name, fault in read.items()} | wrong
    if not texts.get("transaction", "").strip() and "transaction" not in wrong:
        wrong["transaction"] = "Say by what the gift is known again."
    publication = issues.find_by_slug(session, cleaned(texts.get("publication", "")))
    if publication is None:
        wrong["publication"] = "Give the slug of a publication that there is."
    source = texts.get("source", "").strip() or SOURCE
    if len(source) > support.LONGEST_SOURCE or not source.isprintable():
        wrong["source"] = "Name the bank or the service in up to 60 characters."
    if wrong or gift is None or publication is None:
        return None, wrong
    return (publication.id, source, gift), {}


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Keep answers out of caches and indexes."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _refuse(status: int, **headers: str) -> Any:
    def answer(error: NewsletterError) -> Response:
        told = jsonify(error=error.slug, message=error.message)
        told.status_code = status
        told.headers.update(headers)
        return told

    return answer


bp.register_error_handler(KeyInvalid, _refuse(401, **{"WWW-Authenticate": "Bearer"}))
bp.register_error_handler(Forbidden, _refuse(403))
bp.register_error_handler(LimitReached, _refuse(429, **{"Retry-After": "600"}))
