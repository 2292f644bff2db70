"""API keys: make one, which is shown once, see when each was last used, revoke one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk
from newsletter.desk import Permission, keys
from newsletter.desk.keys import Scope
from newsletter.errors import Invalid
from newsletter.language import marked as _
from newsletter.web.context import database, settings
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed

SCOPES: Mapping[str, tuple[str, str]] = {
    Scope.SUBSCRIPTIONS: (
        _("Bring people in"),
        _("Each is asked by mail before anything else is sent there."),
    ),
    Scope.DONATIONS: (
        _("Record donations"),
        _("Each once, by what the bank or the service calls it."),
    ),
    Scope.FIGURES: (
        _("Read figures"),
        _("Which publications there are, and how many get each."),
    ),
}
"""What a key may do: what it is called, and what it means."""


@bp.get("/settings/keys")
@needs(Permission.SETTINGS)
def keys_page() -> Response:
    """List the keys, and ask what a new one is for."""
    return _page()


@bp.post("/settings/keys")
@needs(Permission.SETTINGS, fresh=True)
def make_api_key() -> Response:
    """Make a key and show it, this once."""
    now, name = datetime.now(UTC), typed("name")
    scopes = request.form.getlist("scope")
    try:
        with database.transaction() as session:
            token = keys.make(session, name, scopes, now, actor=presence.actor)
    except Invalid as error:
        field = str(getattr(error, "field", "name"))
        return _page(name, scopes, {field: say(error.message)})
    return page("settings/key.html", name=name, token=token, base_url=settings.base_url)


@bp.get("/settings/keys/<int:number>/revoke")
@needs(Permission.SETTINGS)
def revoking_api_key(number: int) -> Response:
    """Ask whether to end a key."""
    with database.reading() as session:
        return page("settings/key-revoke.html", key=keys.fetch(session, number))


@bp.post("/settings/keys/<int:number>/revoke")
@needs(Permission.SETTINGS)
def revoke_api_key(number: int) -> Response:
    """End a key."""
    with database.transaction() as session:
        keys.revoke(session, number, datetime.now(UTC), actor=presence.actor)
    return lead(to("keys_page", done="key-revoked"))


def _page(
    name: str = "", chosen: Sequence[str] = (), troubles: Mapping[str, str] | None = None
) -> Response:
    with database.reading() as session:
        return page(
            "settings/keys.html",
            status=422 if troubles else 200,
            keys=keys.listed(session),
            scopes=SCOPES,
            name=name,
            chosen=chosen,
            troubles=troubles or {},
            zone=desk.house_zone(session),
        )
