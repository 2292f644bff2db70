"""One's own account: password, codes, passkeys, and where one is signed in."""

from datetime import UTC, datetime

from flask import Response, request
from markupsafe import Markup

from newsletter import desk
from newsletter.desk import (
    Action,
    Permission,
    codes,
    gate,
    note,
    passkeys,
    passwords,
    sign_ins,
    team,
)
from newsletter.errors import Invalid, NotFound
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk import guard
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.signing_in import door_of, knock, say_wait


@bp.get("/account")
@needs(Permission.ACCOUNT)
def account() -> Response:
    """Show how one signs in, and where one is signed in."""
    now = datetime.now(UTC)
    with database.reading() as session:
        return page(
            "account.html",
            recovery_left=codes.recovery_left(session, presence.editor_id),
            passkeys=passkeys.listed(session, presence.editor_id),
            sign_ins=sign_ins.listed(session, presence.editor_id, now),
            zone=desk.house_zone(session),
        )


@bp.get("/account/password")
@needs(Permission.ACCOUNT)
def password() -> Response:
    """Ask for the old password and the new."""
    return page("password.html", troubles={})


@bp.post("/account/password")
@needs(Permission.ACCOUNT)
def change_password() -> Response:
    """Set a new password; every other browser is signed out."""
    now = datetime.now(UTC)
    old, new = request.form.get("old", ""), request.form.get("password", "")
    try:
        passwords.check(new, [*presence.name.split(), presence.address.split("@")[0]])
    except Invalid as error:
        return page("password.html", status=422, troubles={"password": say(error.message)})
    door = door_of(presence.address)
    if closed := knock(door, now):
        return page("password.html", status=429, troubles={"old": say_wait(closed)})
    with database.reading() as session:
        candidate = team.candidate(session, presence.address)
    if not candidate.matches(old):
        trouble = say(_("This is not your password."))
        return page("password.html", status=403, troubles={"old": trouble})
    password_hash = passwords.hashed(new)
    with database.transaction() as session:
        gate.open_up(session, door, now)
        team.fetch(session, presence.editor_id).password_hash = password_hash
        sign_ins.end_all(session, presence.editor_id, but=presence.sign_in)
        token = sign_ins.renew(session, presence, now)
        note(session, presence.actor, Action.PASSWORD_CHANGED, now)
    return guard.set_cookie(lead(to("account", done="password")), token)


@bp.get("/account/codes")
@needs(Permission.ACCOUNT, fresh=True)
def codes_on() -> Response:
    """Show a secret for an app, once: as a picture to scan, and to type."""
    return _secret_page(codes.new_secret())


@bp.post("/account/codes")
@needs(Permission.ACCOUNT, fresh=True)
def turn_codes_on() -> Response:
    """Ask for codes from now on, if the app shows the right one; show the recovery codes."""
    now = datetime.now(UTC)
    secret = request.form.get("secret", "")
    try:
        with database.transaction() as session:
            editor = team.fetch(session, presence.editor_id)
            made = codes.turn_on(session, editor, secret, request.form.get("code", ""), now)
            sign_ins.end_all(session, presence.editor_id, but=presence.sign_in)
            token = sign_ins.renew(session, presence, now)
            note(session, presence.actor, Action.CODES_ON, now)
    except Invalid as error:
        return _secret_page(secret, say(error.message), status=422)
    return guard.set_cookie(page("recovery.html", codes=made, turned_on=True), token)


@bp.get("/account/codes/recovery")
@needs(Permission.ACCOUNT, fresh=True)
def recovery() -> Response:
    """Ask whether to make new recovery codes."""
    return page("recovery-new.html")


@bp.post("/account/codes/recovery")
@needs(Permission.ACCOUNT, fresh=True)
def renew_recovery() -> Response:
    """Make new recovery codes and show them once; the old ones are void."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        editor = team.fetch(session, presence.editor_id)
        if editor.totp_secret is None:
            raise NotFound
        made = codes.renew_recovery(session, editor)
        note(session, presence.actor, Action.RECOVERY_CODES_MADE, now)
    return page("recovery.html", codes=made, turned_on=False)


@bp.get("/account/codes/off")
@needs(Permission.ACCOUNT, fresh=True)
def codes_off() -> Response:
    """Ask whether to do without codes."""
    return page("codes-off.html")


@bp.post("/account/codes/off")
@needs(Permission.ACCOUNT, fresh=True)
def turn_codes_off() -> Response:
    """Ask for codes no more."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        codes.turn_off(session, team.fetch(session, presence.editor_id))
        note(session, presence.actor, Action.CODES_OFF, now)
    return lead(to("account", done="codes-off"))


@bp.get("/account/passkeys")
@needs(Permission.ACCOUNT, fresh=True)
def passkey() -> Response:
    """Ask for a name for a new passkey."""
    return page("passkey.html", trouble="", program=guard.program())


@bp.get("/account/passkeys/options")
@needs(Permission.ACCOUNT, fresh=True)
def new_passkey_options() -> Response:
    """Send what the browser needs to make a passkey."""
    with database.reading() as session:
        options = passkeys.registration_options(
            session, guard.house(), presence.actor, presence.address, datetime.now(UTC)
        )
    return Response(options, mimetype="application/json")


@bp.post("/account/passkeys")
@needs(Permission.ACCOUNT, fresh=True)
def add_passkey() -> Response:
    """Keep the passkey that the browser made."""
    now = datetime.now(UTC)
    answer, name = request.form.get("answer", ""), request.form.get("name", "")
    try:
        with database.transaction() as session:
            made = passkeys.register(session, guard.house(), presence.editor_id, answer, name, now)
            note(session, presence.actor, Action.PASSKEY_ADDED, now, made.name)
    except Invalid as error:
        return page("passkey.html", status=422, trouble=say(error.message), program=guard.program())
    return lead(to("account", done="passkey"))


@bp.get("/account/passkeys/<int:number>/remove")
@needs(Permission.ACCOUNT, fresh=True)
def passkey_removal(number: int) -> Response:
    """Ask whether to remove a passkey."""
    with database.reading() as session:
        own = [each for each in passkeys.listed(session, presence.editor_id) if each.id == number]
    if not own:
        raise NotFound
    return page("passkey-remove.html", passkey=own[0])


@bp.post("/account/passkeys/<int:number>/remove")
@needs(Permission.ACCOUNT, fresh=True)
def remove_passkey(number: int) -> Response:
    """Remove a passkey of one's own."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        name = passkeys.remove(session, presence.editor_id, number)
        if name is None:
            raise NotFound
        note(session, presence.actor, Action.PASSKEY_REMOVED, now, name)
    return lead(to("account", done="passkey-removed"))


@bp.post("/account/sign-ins/<int:number>/end")
@needs(Permission.ACCOUNT)
def end_sign_in(number: int) -> Response:
    """Sign out in another browser."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        if not sign_ins.end(session, presence.editor_id, number):
            raise NotFound
        note(session, presence.actor, Action.SIGN_IN_ENDED, now)
    return lead(to("account", done="ended"))


@bp.post("/account/sign-ins/end")
@needs(Permission.ACCOUNT)
def end_others() -> Response:
    """Sign out in every other browser."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        sign_ins.end_all(session, presence.editor_id, but=presence.sign_in)
        note(session, presence.actor, Action.SIGN_IN_ENDED, now)
    return lead(to("account", done="ended-all"))


def _secret_page(secret: str, trouble: str = "", *, status: int = 200) -> Response:
    try:
        url = codes.app_url(secret, presence.address, guard.house().name)
    except Invalid:  # somebody changed the form
        secret = codes.new_secret()
        url = codes.app_url(secret, presence.address, guard.house().name)
    return page(
        "codes.html",
        status=status,
        secret=secret,
        url=url,
        drawn=Markup(codes.qr_svg(url)),  # noqa: S704 - drawn by us, of nothing but squares
        trouble=trouble,
    )
