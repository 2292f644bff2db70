"""The API: what other programs of the institute ask for, each with a key; JSON in and out.

No answer tells what is known of an address. See docs/api.md.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from newsletter import addresses, desk, issues, model, subscriptions
from newsletter.desk import keys
from newsletter.desk.keys import Scope
from newsletter.errors import Forbidden, KeyInvalid, LimitReached, NewsletterError
from newsletter.language import LANGUAGES, spoken
from newsletter.web.context import database, settings
from newsletter.web.subscribing import wrong_address
from newsletter.web.typed import cleaned

LONGEST_WORDING = 1_000
"""Characters of what a person agreed to."""
FORM = "api"
"""What the consent log calls where somebody came from."""

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


def _admit(session: Session, scope: Scope, now: datetime) -> model.ApiKey:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.recognise(session, token.strip()) if kind.lower() == "bearer" else None
    if key is None:
        raise KeyInvalid
    if scope not in key.scopes:
        raise Forbidden(f"This key may not do that; it lacks the scope {scope}.")
    keys.admit(session, key, now)
    return key


def _read(session: Session) -> tuple[subscriptions.Form | None, Mapping[str, str]]:
    """Read what was sent; say by field what is wrong with it."""
    said: Any = request.get_json(silent=True)
    if not isinstance(said, dict):
        return None, {"": "Send a JSON object, as application/json."}
    text = dict.fromkeys(("address", "name", "language", "wording"), "")
    text |= {name: said[name] for name in text if isinstance(said.get(name), str)}
    wrong = {}
    address = cleaned(text["address"])
    if trouble := wrong_address(address):
        wrong["address"] = WRONG_ADDRESS[trouble]
    known = {each.slug: each for each in issues.publications(session)}
    asked = said.get("publications")
    slugs = [each for each in asked if isinstance(each, str)] if isinstance(asked, list) else []
    if not slugs or not isinstance(asked, list) or set(asked) - known.keys():
        wrong["publications"] = "List the slugs of publications that there are."
    wording = text["wording"].strip()
    if not wording or len(wording) > LONGEST_WORDING:
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
