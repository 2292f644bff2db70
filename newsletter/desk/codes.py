"""Codes of an app (TOTP, RFC 6238), and the recovery codes that stand in for it once each."""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import choice

import pyotp
import segno
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Invalid
from newsletter.language import marked as _

RECOVERY_CODES = 10

_STEP = 30
"""Seconds that a code is for; the one before and the one after are taken too (RFC 6238, 5.2)."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """Return a secret for an app, 160 bits in base32."""
    return pyotp.random_base32(32)


def app_url(secret: str, address: str, house: str) -> str:
    """Return what an app reads: the secret, and whose it is at which ``house``."""
    return pyotp.TOTP(_checked(secret)).provisioning_uri(name=address, issuer_name=house)


def qr_svg(url: str) -> str:
    """Draw ``url`` as a QR code: an SVG element for a page, dark on light in any colours."""
    return segno.make(url, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff")


def turn_on(
    session: Session, editor: model.Editor, secret: str, code: str, now: datetime
) -> Sequence[str]:
    """Ask for codes from now on, if ``code`` shows that the app knows ``secret``.

    Returns the recovery codes, which are not kept: only their hashes are. Raises Invalid.
    """
    step = _step_of(_checked(secret), code, now, after=0)
    if step is None:
        raise Invalid(_("This is not the code that the app shows now; type the one it shows."))
    editor.totp_secret, editor.totp_step = secret, step
    return renew_recovery(session, editor)


def renew_recovery(session: Session, editor: model.Editor) -> Sequence[str]:
    """Make new recovery codes; the old ones are void."""
    _forget_recovery(session, editor)
    made = ["-".join(_letters(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    session.add_all(model.RecoveryCode(editor_id=editor.id, digest=_digest(code)) for code in made)
    session.flush()
    return made


def turn_off(session: Session, editor: model.Editor) -> None:
    """Ask for no code any more."""
    _forget_recovery(session, editor)
    editor.totp_secret = None
    session.flush()


def recovery_left(session: Session, editor_id: int) -> int:
    """Count the recovery codes that were not used."""
    return (
        session.scalar(select(func.count()).where(model.RecoveryCode.editor_id == editor_id)) or 0
    )


def take(session: Session, editor: model.Editor, code: str, now: datetime) -> str | None:
    """Take a code once; say of which kind it was, "app" or "recovery", or None for a wrong one.

    The editor's row is locked, so that of two who bring the same code one is late.
    """
    session.refresh(editor, with_for_update=True)
    if editor.totp_secret is None:
        return None
    step = _step_of(editor.totp_secret, code, now, after=editor.totp_step)
    if step is not None:
        editor.totp_step = step
        session.flush()
        return "app"
    used = session.execute(
        delete(model.RecoveryCode)
        .where(
            model.RecoveryCode.editor_id == editor.id,
            model.RecoveryCode.digest == _digest(code),
        )
        .returning(model.RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return "recovery" if used.all() else None


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the step of time that ``code`` is for, if it is near and later than ``after``."""
    typed = re.sub(r"\s", "", code)
    totp = pyotp.TOTP(secret)
    here = int(now.timestamp()) // _STEP
    for step in (here - 1, here, here + 1):
        if step > after and compare_digest(totp.at(step * _STEP).encode(), typed.encode()):
            return step
    return None


def _checked(secret: str) -> str:
    if not _SECRET.fullmatch(secret):
        raise Invalid(_("This is not the code that the app shows now; type the one it shows."))
    return secret


def _forget_recovery(session: Session, editor: model.Editor) -> None:
    session.execute(
        delete(model.RecoveryCode)
        .where(model.RecoveryCode.editor_id == editor.id)
        .execution_options(synchronize_session=False)
    )


def _letters(count: int) -> str:
    return "".join(choice(_ALPHABET) for _ in range(count))


def _digest(code: str) -> bytes:
    return sha256(re.sub(r"[^a-z0-9]", "", code.lower()).encode()).digest()
