"""The bot challenge: work for a machine, set and checked here, without third parties (ALTCHA).

A browser solves it while its reader is typing. Who cannot, for want of scripts, presses a button on
a second page instead, not too fast, and within narrower limits.
"""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import altcha
from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import subscriptions
from newsletter.errors import LinkInvalid
from newsletter.web.context import links, settings
from newsletter.web.origin import network

ALGORITHM, COST = "PBKDF2/SHA-256", 2_000
LEAST_STEPS, MOST_STEPS = 128, 256
"""How often a browser does that to solve a challenge: half a second on a desk, seconds on a phone.

How often is drawn when the challenge is set; waiting for luck would now and then take ten times as
long.
"""
LIFE = timedelta(minutes=30)
"""How long a challenge may be solved."""
LEAST = timedelta(seconds=2)
"""In less time nobody reads a page and presses its button."""


def fresh(now: datetime) -> dict[str, object]:
    """Set a challenge, as the solver in ``static/vendor`` reads it; nothing is kept of it here."""
    challenge = altcha.create_challenge(
        algorithm=ALGORITHM,
        cost=COST,
        counter=LEAST_STEPS + secrets.randbelow(MOST_STEPS - LEAST_STEPS),
        expires_at=now + LIFE,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("solution"),
    )
    return dict(challenge.to_dict())


def is_passed(session: Session, said: object, now: datetime) -> bool:
    """Tell whether the request may go on: by a challenge that counts once, or by the button.

    ``said`` is all that its form says; a button was shown for that alone. Raises LimitReached when
    a network has pressed too many.
    """
    if _is_solved(session, request.form.get("altcha", "")):
        return True
    try:
        form, shown_at = links.read_press(request.form.get("press", ""), now)
    except LinkInvalid:
        return False
    if form != _number(said) or now < shown_at + LEAST:
        return False
    subscriptions.count(session, "sign-up-unsolved", now)
    subscriptions.admit_unsolved(session, network(), now, secret_key=settings.secret_key)
    return True


def press_tag(said: object, now: datetime) -> str:
    """Return the tag of the button that goes on with what a form said."""
    return links.press_tag(_number(said), now)


def answer(now: datetime) -> Response:
    """Answer with a fresh challenge."""
    given = Response(json.dumps(fresh(now)), mimetype="application/json")
    given.headers["Cache-Control"] = "no-store"
    return given


def _is_solved(session: Session, payload: str) -> bool:
    verdict = altcha.verify_solution(
        payload, _secret("challenge"), hmac_key_secret=_secret("solution")
    )
    if not verdict.verified:
        return False
    parameters = json.loads(base64.b64decode(payload))["challenge"]["parameters"]
    ends_at = datetime.fromtimestamp(parameters["expiresAt"], UTC)
    return subscriptions.spend(session, str(parameters["nonce"]), ends_at)


def _number(said: object) -> int:
    return int.from_bytes(sha256(repr(said).encode()).digest()[:7], "big")


def _secret(purpose: str) -> str:
    return f"newsletter.{purpose}:{settings.secret_key}"
