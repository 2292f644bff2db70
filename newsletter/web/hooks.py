"""Hooks: where payment services post what happens to gifts. Nothing here knows a cookie or a page.

What is genuine is answered with 200, be it new, known or about something else, so that nobody sends
it again; what is refused says why, and the service tries again by itself.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from newsletter import support
from newsletter.errors import NotFound, TooLarge
from newsletter.model import HookKind
from newsletter.support import Heard, Message, Verdict
from newsletter.web.context import database, links

LARGEST = 256 * 1024
"""Bytes of a message; an invoice of Stripe has some tens of thousands."""
SIGNATURE, TIMESTAMP = "Newsletter-Signature", "Newsletter-Timestamp"
"""The headers of a message in our own form."""

_REFUSALS = {Verdict.FORGED: 401, Verdict.LATE: 400, Verdict.UNREADABLE: 400}

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


@bp.post("/stripe/<int:number>")
def from_stripe(number: int) -> tuple[Response, int]:
    """Take in what Stripe tells."""
    signature = request.headers.get("Stripe-Signature", "")
    return _answer(number, HookKind.STRIPE, Message(_body(), signature))


@bp.post("/gifts/<int:number>")
def from_others(number: int) -> tuple[Response, int]:
    """Take in what any other service tells, in our own form."""
    head = request.headers
    message = Message(_body(), head.get(SIGNATURE, ""), head.get(TIMESTAMP, ""))
    return _answer(number, HookKind.SIGNED, message)


def _body() -> bytes:
    request.max_content_length = LARGEST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge(f"A message has {LARGEST // 1024} KB at most.") from error


def _answer(number: int, kind: HookKind, message: Message) -> tuple[Response, int]:
    now = datetime.now(UTC)
    if number >= 2**63:
        raise NotFound
    with database.reading() as session:
        if support.fetch_hook(session, number).kind is not kind:
            raise NotFound
        heard = support.refused(session, number, message, now)
    if heard is None:
        with database.transaction() as session:
            heard = support.hear(session, number, message, now, links)
    return _said(heard)


def _said(heard: Heard) -> tuple[Response, int]:
    if heard.fate is not None:
        return jsonify(status=heard.fate.value), 200
    status = _REFUSALS.get(heard.verdict, 422)
    error = "invalid" if status == 422 else heard.verdict.value
    return jsonify(error=error, message=heard.reason), status


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Keep answers out of caches and indexes."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.errorhandler(NotFound)
def show_nothing(error: NotFound) -> tuple[Response, int]:
    """Say in JSON that no hook is there."""
    return jsonify(error=error.slug, message=error.message), 404


@bp.errorhandler(TooLarge)
def show_too_large(error: TooLarge) -> tuple[Response, int]:
    """Say in JSON how large a message may be."""
    return jsonify(error=error.slug, message=error.message), 413
