"""What a payment service posts to us: whether it is genuine, in time, and new.

Nothing is read from a body before its signature fits. A message that is not accepted is a verdict
and no exception: a forged one is none of our business, a late or repeated one is.
"""

import enum
import hmac
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

TOLERANCE = timedelta(minutes=5)
"""How far the clock of the sender may be from ours; a message older than that was kept back."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class Verdict(enum.StrEnum):
    """What a message turned out to be; only a GENUINE one may change a sum."""

    GENUINE = "genuine"
    REPLAYED = "replayed"
    """Signed, but taken in before: the sender did not hear that it had arrived, or someone else
    sends it again."""
    LATE = "late"
    """Signed and new, but at another time: kept back by someone, or a clock is wrong."""
    FORGED = "forged"
    """Not signed with a secret of ours, or changed since."""
    UNREADABLE = "unreadable"
    """The header of the signature, or a body that is signed, is not of the form agreed on."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict; ``event`` is the sender's name of what happened, empty unless it is signed."""

    verdict: Verdict
    event: str = ""
    reason: str = ""


def judge_stripe(
    body: bytes,
    header: str,
    secrets: Sequence[str],
    now: datetime,
    known: Collection[str] = (),
    tolerance: timedelta = TOLERANCE,
) -> Judgement:
    """Judge a message by the header ``Stripe-Signature``: ``t=…,v1=…`` and perhaps more of both.

    While a secret is changed there are several in force, and the header has a ``v1`` for each. What
    is signed is the time, a dot and the body as it came. ``known`` are the events taken in before.
    """
    pairs = list(_pairs(header))
    times = [value for name, value in pairs if name == "t"]
    given = [value for name, value in pairs if name == "v1"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not given:
        return Judgement(Verdict.UNREADABLE, reason="Stripe-Signature is t=<seconds>,v1=<digest>")
    return _judge(body, times[0], given, secrets, now, known, tolerance)


def judge_hmac(
    body: bytes,
    signature: str,
    timestamp: str,
    secrets: Sequence[str],
    now: datetime,
    known: Collection[str] = (),
    tolerance: timedelta = TOLERANCE,
) -> Judgement:
    """Judge a message by HMAC-SHA256 over its ``timestamp`` in seconds, a dot and the body.

    ``signature`` is that in hexadecimal, with or without ``sha256=`` before it.
    """
    if not _SECONDS.fullmatch(timestamp):
        return Judgement(Verdict.UNREADABLE, reason="the timestamp is in seconds since 1970")
    given = [signature.strip().removeprefix("sha256=")]
    return _judge(body, timestamp, given, secrets, now, known, tolerance)


def sign(body: bytes, timestamp: int, secret: str) -> str:
    """Return the signature of ``body`` at ``timestamp``, the same in both schemes."""
    return _digest(body, str(timestamp), secret)


def _judge(
    body: bytes,
    timestamp: str,
    given: Sequence[str],
    secrets: Sequence[str],
    now: datetime,
    known: Collection[str],
    tolerance: timedelta,
) -> Judgement:
    if not any(secrets):
        return Judgement(Verdict.FORGED, reason="no secret is set that a signature could fit")
    if not _fits(body, timestamp, given, secrets):
        return Judgement(Verdict.FORGED, reason="no signature fits a secret of ours")
    event = _event(body)
    if not event:
        return Judgement(Verdict.UNREADABLE, reason="the body is a JSON object with an id")
    if event in known:
        return Judgement(Verdict.REPLAYED, event, "it was taken in before")
    away = int(timestamp) - now.timestamp()
    if abs(away) > tolerance.total_seconds():
        when = "before" if away < 0 else "after"
        return Judgement(Verdict.LATE, event, f"it was signed {abs(away):.0f} s {when} now")
    return Judgement(Verdict.GENUINE, event)


def _fits(body: bytes, timestamp: str, given: Sequence[str], secrets: Sequence[str]) -> bool:
    """Compare every signature with every secret's, so that the time tells nothing of which fits."""
    fits = False
    signatures = [each.lower() for each in given if _DIGEST.fullmatch(each.lower())]
    for secret in filter(None, secrets):
        expected = _digest(body, timestamp, secret)
        for signature in signatures:
            fits |= hmac.compare_digest(expected, signature)
    return fits


def _digest(body: bytes, timestamp: str, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a header; at most twenty, which no honest one has."""
    for pair in header.split(",", 20)[:20]:
        name, _, value = pair.strip().partition("=")
        yield name, value


def _event(body: bytes) -> str:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    event = said.get("id") if isinstance(said, dict) else None
    return event if isinstance(event, str) and 0 < len(event) <= 255 else ""
