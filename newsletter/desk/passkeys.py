"""Passkeys (WebAuthn): a device signs a challenge of ours, after it has verified its holder.

Each challenge is signed by us, lives for minutes and is taken once. A passkey says itself whose it
is, so that signing in asks for no address, and tells nobody which addresses there are.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from newsletter import model
from newsletter.database import insert_missing
from newsletter.desk.audit import Actor
from newsletter.errors import Invalid, LinkInvalid
from newsletter.language import marked as _
from newsletter.links import Links

MOST_NAME = 60
MOST_PASSKEYS = 20
"""Passkeys of one editor."""

_FAILED = _("The passkey could not be used. Try again, or sign in another way.")


@dataclass(frozen=True, slots=True)
class House:
    """Who asks for the passkey: the name that the device shows, and our links."""

    name: str
    links: Links

    @property
    def origin(self) -> str:
        """Where our pages are, as a browser writes it (RFC 6454)."""
        parts = urlsplit(self.links.base_url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        port = "" if parts.port in {None, usual} else f":{parts.port}"
        return f"{parts.scheme}://{parts.hostname}{port}"

    @property
    def host(self) -> str:
        """What passkeys are bound to."""
        return urlsplit(self.links.base_url).hostname or ""


def registration_options(
    session: Session, house: House, actor: Actor, address: str, now: datetime
) -> str:
    """Return what the browser needs to make a passkey for an editor, as JSON."""
    editor_id = actor.editor_id or 0
    known = session.scalars(
        select(model.Passkey.credential).where(model.Passkey.editor_id == editor_id)
    )
    options = webauthn.generate_registration_options(
        rp_id=house.host,
        rp_name=house.name,
        user_id=_handle(editor_id),
        user_name=address,
        user_display_name=actor.name,
        challenge=house.links.passkey_challenge(editor_id, now).encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options)


def register(
    session: Session, house: House, editor_id: int, answer: str, name: str, now: datetime
) -> model.Passkey:
    """Keep the passkey that a browser made for an editor; raise Invalid."""
    if len(listed(session, editor_id)) >= MOST_PASSKEYS:
        raise Invalid(_("There are too many passkeys; remove one that you no longer use."))
    with _refusing():
        credential = parse_registration_credential_json(answer)
        challenge = _challenge(session, house, credential.response.client_data_json, editor_id, now)
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            require_user_verification=True,
        )
    taken = session.scalar(
        select(model.Passkey.id).where(model.Passkey.credential == verified.credential_id)
    )
    if taken is not None:
        raise Invalid(_FAILED)
    made = model.Passkey(
        editor_id=editor_id,
        credential=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=" ".join(name.split())[:MOST_NAME] or "–",
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def sign_in_options(house: House, now: datetime) -> str:
    """Return what the browser needs to ask for a passkey, whosever it is, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=house.host,
        challenge=house.links.passkey_challenge(0, now).encode(),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def check_known(session: Session, answer: str) -> None:
    """Raise Invalid unless the passkey that answered is one of ours; only looks.

    What a stranger makes up ends here, before anything is locked for it.
    """
    with _refusing():
        credential = parse_authentication_credential_json(answer).raw_id
        known = select(model.Passkey.id).where(model.Passkey.credential == credential)
        if session.scalar(known) is None:
            raise Invalid(_FAILED)


def recognise(session: Session, house: House, answer: str, now: datetime) -> model.Editor:
    """Return the editor whose passkey answered; raise Invalid."""
    with _refusing():
        credential = parse_authentication_credential_json(answer)
        passkey = session.scalar(
            select(model.Passkey)
            .where(model.Passkey.credential == credential.raw_id)
            .with_for_update()
        )
        handle = credential.response.user_handle
        if passkey is None or handle != _handle(passkey.editor_id):
            raise Invalid(_FAILED)
        challenge = _challenge(session, house, credential.response.client_data_json, 0, now)
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=house.host,
            expected_origin=house.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    passkey.sign_count, passkey.used_at = verified.new_sign_count, now
    session.flush()
    return session.get_one(model.Editor, passkey.editor_id)


def listed(session: Session, editor_id: int) -> Sequence[model.Passkey]:
    """List the passkeys of an editor, oldest first."""
    return session.scalars(
        select(model.Passkey).where(model.Passkey.editor_id == editor_id).order_by(model.Passkey.id)
    ).all()


def remove(session: Session, editor_id: int, passkey_id: int) -> str | None:
    """Remove one passkey of an editor; return its name, or None where there is none such."""
    removed = session.execute(
        delete(model.Passkey)
        .where(model.Passkey.id == passkey_id, model.Passkey.editor_id == editor_id)
        .returning(model.Passkey.name)
        .execution_options(synchronize_session=False)
    )
    return removed.scalar_one_or_none()


def _challenge(
    session: Session, house: House, client_data: bytes, editor_id: int, now: datetime
) -> bytes:
    """Return the challenge that was answered, if it is ours, made for this editor, and new."""
    challenge = parse_client_data_json(client_data).challenge
    made_for, ends_at = house.links.read_passkey_challenge(challenge.decode("ascii"), now)
    key = f"passkey:{challenge.decode('ascii')}"
    if made_for != editor_id or session.get(model.Challenge, key) is not None:
        raise Invalid(_FAILED)
    session.execute(
        delete(model.Challenge)
        .where(model.Challenge.ends_at < now, model.Challenge.key.startswith("passkey:"))
        .execution_options(synchronize_session=False)
    )
    insert_missing(session, model.Challenge, [{"key": key, "ends_at": ends_at}])
    return challenge


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever a made-up answer stumbles over into one refusal."""
    try:
        yield
    except (
        WebAuthnException, LinkInvalid, ValueError, TypeError, KeyError, AttributeError, EOFError,
        RecursionError,
    ) as error:  # fmt: skip
        raise Invalid(_FAILED) from error


def _handle(editor_id: int) -> bytes:
    return f"editor-{editor_id}".encode()
