"""The team: invite, change roles, reset, remove. Owners only, and only who has just proved it."""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, model
from newsletter.desk import Permission, team
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.language import marked as _
from newsletter.model import Role
from newsletter.web.context import database, links
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to

ROLES = {
    Role.WRITER: (_("Writer"), _("Writes and submits.")),
    Role.EDITOR: (_("Editor"), _("Writes, approves and schedules.")),
    Role.OWNER: (_("Owner"), _("Does all of that, and looks after the team.")),
}
"""What each role is called, and what it does in a few words."""


@bp.get("/team")
@needs(Permission.TEAM)
def team_page() -> Response:
    """List the editors and the open invitations."""
    with database.reading() as session:
        return page(
            "team.html",
            team=team.teammates(session),
            invitations=team.invitations(session, datetime.now(UTC)),
            zone=desk.house_zone(session),
            roles=ROLES,
        )


@bp.get("/team/invite")
@needs(Permission.TEAM, fresh=True)
def invitation() -> Response:
    """Ask whom to invite, and as what."""
    return page("invite.html", roles=ROLES, troubles={}, given={"role": Role.WRITER})


@bp.post("/team/invite")
@needs(Permission.TEAM, fresh=True)
def invite() -> Response:
    """Invite by mail, and show the link once, to hand it over should the mail not come."""
    now = datetime.now(UTC)
    given = {name: request.form.get(name, "")[:320] for name in ("address", "name", "role")}
    try:
        role = _role(given["role"])
        with database.transaction() as session:
            token = team.invite(
                session, given["address"], role, now, actor=presence.actor, name=given["name"]
            )
            sender = desk.mail_invitation(
                session, token, given["address"], links, now, actor=presence.actor
            )
    except (Conflict, Invalid) as error:
        plain = error.slug == "invalid-address"
        words = (
            _("Enter an e-mail address like anna@institute.example.") if plain else error.message
        )
        troubles = {"address": say(words)}
        return page("invite.html", status=422, roles=ROLES, troubles=troubles, given=given)
    return _link_page(token, given["address"], team.INVITED.days, sender)


@bp.post("/team/invitations/<int:number>/withdraw")
@needs(Permission.TEAM)
def withdraw(number: int) -> Response:
    """End an open invitation."""
    with database.transaction() as session:
        team.withdraw(session, number, datetime.now(UTC), actor=presence.actor)
    return lead(to("team_page", done="withdrawn"))


@bp.get("/team/<int:number>")
@needs(Permission.TEAM, fresh=True)
def editor(number: int) -> Response:
    """Show one editor, and what an owner can do."""
    return _editor_page(number)


@bp.post("/team/<int:number>")
@needs(Permission.TEAM, fresh=True)
def change_role(number: int) -> Response:
    """Give an editor another role."""
    now = datetime.now(UTC)
    try:
        role = _role(request.form.get("role", ""))
        with database.transaction() as session:
            changed = team.fetch(session, number)
            team.change_role(session, changed, role, now, actor=presence.actor)
    except (Conflict, Invalid) as error:
        return _editor_page(number, say(error.message), status=409)
    return lead(to("team_page", done="role"))


@bp.get("/team/<int:number>/reset")
@needs(Permission.TEAM, fresh=True)
def resetting(number: int) -> Response:
    """Ask whether to take from an editor all ways to sign in."""
    with database.reading() as session:
        return page("reset.html", editor=_another(team.fetch(session, number)))


@bp.post("/team/<int:number>/reset")
@needs(Permission.TEAM, fresh=True)
def reset(number: int) -> Response:
    """Take from an editor all ways to sign in; show the link to a new password once."""
    with database.transaction() as session:
        chosen = _another(team.fetch(session, number))
        token = team.reset(session, chosen, datetime.now(UTC), actor=presence.actor)
        address = chosen.address
    return _link_page(token, address, team.HANDED_OVER.days)


@bp.get("/team/<int:number>/remove")
@needs(Permission.TEAM, fresh=True)
def removal(number: int) -> Response:
    """Ask whether to remove an editor."""
    with database.reading() as session:
        return page("remove.html", editor=_another(team.fetch(session, number)))


@bp.post("/team/<int:number>/remove")
@needs(Permission.TEAM, fresh=True)
def remove(number: int) -> Response:
    """Remove an editor; what they did stays in the trail."""
    with database.transaction() as session:
        chosen = _another(team.fetch(session, number))
        team.remove(session, chosen, datetime.now(UTC), actor=presence.actor)
    return lead(to("team_page", done="removed"))


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError as error:
        raise Invalid(_("Choose one of the roles.")) from error


def _another(editor: model.Editor) -> model.Editor:
    """Keep an owner from ending their own account by a slip of the hand."""
    if editor.id == presence.editor_id:
        raise NotFound
    return editor


def _link_page(token: str, address: str, days: int, sender: str = "") -> Response:
    """Show a link once: to hand over, or mailed already by ``sender``."""
    return page("link.html", link=links.join(token), address=address, days=days, sender=sender)


def _editor_page(number: int, trouble: str = "", *, status: int = 200) -> Response:
    with database.reading() as session:
        chosen = [each for each in team.teammates(session) if each.id == number]
        if not chosen:
            raise NotFound
        zone = desk.house_zone(session)
    return page(
        "editor.html", status=status, editor=chosen[0], roles=ROLES, trouble=trouble, zone=zone
    )
