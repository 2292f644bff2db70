"""Becoming an editor by a one-time link: the first owner, who is invited, who has a new password.

GET shows a form and spends nothing, because mail programs and scanners follow links.
"""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import addresses
from newsletter.desk import passwords, team
from newsletter.errors import Conflict, Invalid
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, for_strangers, lead, to
from newsletter.web.desk.signing_in import let_in
from newsletter.web.origin import network


@bp.get("/join/<token>")
@for_strangers
def join(token: str) -> Response:
    """Show what the link is for, and ask for a name and a password."""
    return _form(token)


@bp.post("/join/<token>")
@for_strangers
def accept(token: str) -> Response:
    """Make an editor of whoever has the link, or set the new password; sign in."""
    now = datetime.now(UTC)
    with database.reading() as session:
        invitation = team.fetch_invitation(session, token, now)
        fixed, kept_name = invitation.address, invitation.name
        is_new = invitation.editor_id is None
    name = request.form.get("name", "") if is_new else kept_name
    address = fixed or request.form.get("address", "")
    password = request.form.get("password", "")
    troubles = {}
    if is_new and not name.strip():
        troubles["name"] = _("Enter your name; the others see it beside what you do.")
    try:
        addresses.parse(address)
    except Invalid:
        troubles["address"] = _("Enter an e-mail address like anna@institute.example.")
    try:
        passwords.check(password, [*name.split(), address.split("@")[0]])
    except Invalid as error:
        troubles["password"] = error.message
    if troubles:
        return _form(token, troubles, status=422)
    password_hash = passwords.hashed(password)
    try:
        with database.transaction() as session:
            editor = team.accept(
                session,
                token,
                now,
                password_hash=password_hash,
                name=name,
                address=address,
                origin=network(),
            )
            editor_id = editor.id
    except Conflict as error:
        return _form(token, {"address": error.message}, status=409)
    answer = lead(to("account", done="welcome") if is_new else to("today"))
    return let_in(editor_id, now, "link", answer)


def _form(token: str, troubles: dict[str, str] | None = None, *, status: int = 200) -> Response:
    with database.reading() as session:
        invitation = team.fetch_invitation(session, token, datetime.now(UTC))
    said = {name: say(words) for name, words in (troubles or {}).items()}
    given = {name: request.form.get(name, "")[:320] for name in ("name", "address")}
    return page("join.html", status=status, invitation=invitation, troubles=said, given=given)
