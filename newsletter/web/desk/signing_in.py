"""Signing in and out: by password and code, or by passkey; showing once more who one is.

An attempt is counted before the password is looked at, in a transaction of its own; hashing takes
long and holds none. The answer to a wrong password is the same for every address.
"""

from datetime import UTC, datetime

from flask import Response, request

from newsletter.desk import (
    Action,
    Actor,
    Permission,
    codes,
    gate,
    note,
    passkeys,
    passwords,
    sign_ins,
    team,
)
from newsletter.desk.gate import Door
from newsletter.errors import Invalid, LinkInvalid, NotFound
from newsletter.language import marked as _
from newsletter.web.context import database, links, settings
from newsletter.web.desk import guard
from newsletter.web.desk.frame import page, say, say_when, zone
from newsletter.web.desk.guard import back, bp, for_strangers, lead, needs, presence, to
from newsletter.web.origin import network

_WRONG = _("The address or the password is not right.")
_WRONG_CODE = _("The code is not right. Each code is good once; wait for the next one.")
_WRONG_PROOF = _("The password or the code is not right.")


@bp.get("/sign-in")
@for_strangers
def sign_in() -> Response:
    """Show the form; who is signed in goes on."""
    if guard.here():
        return lead(back())
    return _form()


@bp.post("/sign-in")
@for_strangers
def check_password() -> Response:
    """Compare the password; ask for a code where the editor has them, else sign in."""
    now = datetime.now(UTC)
    address, password = request.form.get("address", ""), request.form.get("password", "")
    door = door_of(address)
    if closed := knock(door, now):
        return _form(say_wait(closed), status=429)
    with database.reading() as session:
        candidate = team.candidate(session, address)
    if not candidate.matches(password):
        with database.transaction() as session:
            stranger = Actor(origin=network())
            note(session, stranger, Action.SIGN_IN_FAILED, now, candidate.name)
        return _form(say(_WRONG), status=403)
    editor_id = candidate.editor_id or 0  # a password that matched is somebody's
    if candidate.has_codes:
        with database.transaction() as session:
            gate.excuse(session, door, now)
        return page("code.html", tag=links.code_tag(editor_id, now), next=_next(), trouble="")
    outdated = passwords.is_outdated(candidate.password_hash or "")
    fresh_hash = passwords.hashed(password) if outdated else ""
    return _let_in(editor_id, now, "password", door=door, password_hash=fresh_hash)


@bp.post("/sign-in/code")
@for_strangers
def check_code() -> Response:
    """Take the code of an editor whose password was right a moment ago."""
    now = datetime.now(UTC)
    tag = request.form.get("tag", "")
    try:
        editor_id = links.read_code_tag(tag, now)
        with database.reading() as session:
            door = door_of(team.fetch(session, editor_id).address)
    except (LinkInvalid, NotFound):
        return lead(to("sign_in", done="slow"))
    if closed := knock(door, now):
        return page("code.html", status=429, tag=tag, next=_next(), trouble=say_wait(closed))
    with database.transaction() as session:
        editor = team.fetch(session, editor_id)
        actor = Actor.of(editor, network())
        kind = codes.take(session, editor, request.form.get("code", ""), now)
        if kind is None:
            stranger = Actor(origin=network())
            note(session, stranger, Action.SIGN_IN_FAILED, now, editor.name)
        elif kind == "recovery":
            note(session, actor, Action.RECOVERY_CODE_USED, now)
    if kind is None:
        return page("code.html", status=403, tag=tag, next=_next(), trouble=say(_WRONG_CODE))
    return _let_in(editor_id, now, "code", door=door)


@bp.get("/sign-in/passkey")
@for_strangers
def passkey_options() -> Response:
    """Send what the browser needs to ask for a passkey."""
    options = passkeys.sign_in_options(guard.house(), datetime.now(UTC))
    return Response(options, mimetype="application/json")


@bp.post("/sign-in/passkey")
@for_strangers
def check_passkey() -> Response:
    """Sign in whoever's passkey answered."""
    now = datetime.now(UTC)
    try:
        answer = request.form.get("answer", "")
        with database.reading() as session:
            passkeys.check_known(session, answer)
        with database.transaction() as session:
            editor_id = passkeys.recognise(session, guard.house(), answer, now).id
    except Invalid as error:
        return _form(say(error.message), status=403)
    return _let_in(editor_id, now, "passkey")


@bp.post("/sign-out")
@needs(Permission.ACCOUNT)
def sign_out() -> Response:
    """End this sign-in."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        sign_ins.end(session, presence.editor_id, presence.sign_in)
        note(session, presence.actor, Action.SIGNED_OUT, now)
    return guard.drop_cookie(lead(to("sign_in", done="signed-out")))


@bp.get("/prove")
@needs(Permission.ACCOUNT)
def prove() -> Response:
    """Ask once more who it is, before something dangerous."""
    return _proof_form()


@bp.post("/prove")
@needs(Permission.ACCOUNT)
def check_proof() -> Response:
    """Take the password, with a code where there are codes, or the passkey of who is signed in."""
    now = datetime.now(UTC)
    if answer := request.form.get("answer", ""):
        try:
            with database.transaction() as session:
                editor = passkeys.recognise(session, guard.house(), answer, now)
                if editor.id != presence.editor_id:
                    raise Invalid(_("This passkey is another editor’s."))
        except Invalid as error:
            return _proof_form(say(error.message), status=403)
        return _renew(now)
    door = door_of(presence.address)
    if closed := knock(door, now):
        return _proof_form(say_wait(closed), status=429)
    with database.reading() as session:
        candidate = team.candidate(session, presence.address)
    right = candidate.matches(request.form.get("password", ""))
    if right and candidate.has_codes:
        with database.transaction() as session:
            editor = team.fetch(session, presence.editor_id)
            right = codes.take(session, editor, request.form.get("code", ""), now) is not None
    if not right:
        with database.transaction() as session:
            note(session, presence.actor, Action.SIGN_IN_FAILED, now, presence.name)
        return _proof_form(say(_WRONG_PROOF), status=403)
    with database.transaction() as session:
        gate.open_up(session, door, now)
    return _renew(now)


def door_of(address: str) -> Door:
    """Name the door that an attempt with ``address`` counts at, from this network."""
    return Door.of(address, network(), settings.secret_key)


def knock(door: Door, now: datetime) -> datetime | None:
    """Count an attempt before it is made; or return until when to wait, having only looked."""
    with database.reading() as session:
        closed = gate.closed_until(session, door, now)
    if closed:
        return closed
    with database.transaction() as session:
        return gate.knock(session, door, now)


def say_wait(closed: datetime) -> str:
    """Say until when to wait."""
    words = say(_("Too many attempts. Try again after %(when)s, or use a passkey."))
    return words % {"when": say_when(closed, zone())}


def let_in(editor_id: int, now: datetime, how: str, answer: Response) -> Response:
    """Sign an editor in, in this browser, whose earlier sign-in ends."""
    earlier = guard.here()
    with database.transaction() as session:
        editor = team.fetch(session, editor_id)
        if earlier:
            sign_ins.end(session, earlier.editor_id, earlier.sign_in)
        origin = network()
        token = sign_ins.begin(session, editor, now, origin=origin, program=guard.program())
        note(session, Actor.of(editor, origin), Action.SIGNED_IN, now, how)
    return guard.set_cookie(answer, token)


def _let_in(
    editor_id: int, now: datetime, how: str, *, door: Door | None = None, password_hash: str = ""
) -> Response:
    with database.transaction() as session:
        if door:
            gate.open_up(session, door, now)
            gate.tidy(session, now)
        if password_hash:
            team.fetch(session, editor_id).password_hash = password_hash
    return let_in(editor_id, now, how, lead(back()))


def _renew(now: datetime) -> Response:
    with database.transaction() as session:
        token = sign_ins.renew(session, presence, now, origin=network())
    return guard.set_cookie(lead(back()), token)


def _next() -> str:
    return request.values.get("next", "")


def _form(trouble: str = "", *, status: int = 200) -> Response:
    with database.reading() as session:
        set_up = team.has_owner(session)
    address = request.form.get("address", "")[:320]
    return page(
        "sign-in.html", status=status, trouble=trouble, address=address, next=_next(), set_up=set_up
    )


def _proof_form(trouble: str = "", *, status: int = 200) -> Response:
    with database.reading() as session:
        has_passkeys = bool(passkeys.listed(session, presence.editor_id))
    return page(
        "prove.html", status=status, trouble=trouble, next=_next(), has_passkeys=has_passkeys
    )
