"""Hooks: where payment services post; added, given a secret, looked after, removed."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response

from newsletter import desk, issues, model, support
from newsletter.desk import Action, Permission, note
from newsletter.errors import Conflict, Invalid
from newsletter.language import marked as _
from newsletter.model import HookKind
from newsletter.support import Verdict
from newsletter.web.context import database, links
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, kind_of, lead, needs, presence, to
from newsletter.web.desk.reports_frame import asked_for
from newsletter.web.typed import typed

_FAULTS = {
    Verdict.FORGED: _("Its signature fits no secret. Is the secret here the one of the service?"),
    Verdict.LATE: _("It was signed more than five minutes before or after. Is a clock wrong?"),
    Verdict.UNREADABLE: _("It was not signed, or in another manner."),
}

_NO_SECRET = _("This is no signing secret; Stripe shows it with the endpoint: whsec_ and letters.")


def why(hook: model.Hook) -> str:
    """Say why the last message that was refused was; nothing if none was."""
    if not hook.fault:
        return ""
    fault, _colon, fields = hook.fault.partition(": ")
    if fault not in list(Verdict):
        return say(_("It was signed, but this could not be read: %(fields)s")) % {"fields": fields}
    return say(_FAULTS[Verdict(fault)])


@bp.get("/settings/giving/hooks/new/<kind>")
@needs(Permission.SETTINGS)
def new_hook(kind: str) -> Response:
    """Ask for which service a hook is."""
    return _form(kind_of(HookKind, kind), {"source": "Stripe" if kind == HookKind.STRIPE else ""})


@bp.post("/settings/giving/hooks/new/<kind>")
@needs(Permission.SETTINGS, fresh=True)
def add_hook(kind: str) -> Response:
    """Add a hook; what we make the secret of is shown it, this once."""
    now, chosen = datetime.now(UTC), kind_of(HookKind, kind)
    given = {name: typed(name) for name in ("source", "publication")}
    troubles = {}
    if not 0 < len(given["source"]) <= support.LONGEST_SOURCE:
        troubles["source"] = say(_("Name the bank or the service in up to 60 characters."))
    with database.transaction() as session:
        publication = asked_for(issues.publications(session), given["publication"])
        if publication is None:
            troubles["publication"] = say(_("Choose a publication from the list."))
        if troubles or publication is None:
            return _form(chosen, given, troubles)
        try:
            hook = support.add_hook(session, chosen, given["source"], publication.id, now)
        except Conflict:
            words = say(_("There is a hook of that name. Gifts of one name are taken once."))
            return _form(chosen, given, {"source": words})
        note(session, presence.actor, Action.HOOK_ADDED, now, hook.source)
        secret = "" if chosen is HookKind.STRIPE else support.make_secret(session, hook, now)
        session.flush()
        session.expunge(hook)
    return _shown(hook, secret) if secret else lead(to("hook_page", number=hook.id))


@bp.get("/settings/giving/hooks/<int:number>")
@needs(Permission.SETTINGS)
def hook_page(number: int) -> Response:
    """Show a hook: its address, when it was heard, why it was refused."""
    return _page(number)


@bp.post("/settings/giving/hooks/<int:number>/secret")
@needs(Permission.SETTINGS, fresh=True)
def change_hook_secret(number: int) -> Response:
    """Take the secret that Stripe has made, or make one and show it, this once."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        hook = support.fetch_hook(session, number)
        if hook.kind is HookKind.SIGNED:
            secret = support.make_secret(session, hook, now)
        else:
            secret = typed("secret")
            try:
                support.set_secret(session, hook, secret, now)
            except Invalid:
                return _page(number, {"secret": say(_NO_SECRET)})
        note(session, presence.actor, Action.HOOK_SECRET_CHANGED, now, hook.source)
        session.flush()
        session.expunge(hook)
    if hook.kind is HookKind.SIGNED:
        return _shown(hook, secret)
    return lead(to("hook_page", number=number, done="hook-secret"))


@bp.get("/settings/giving/hooks/<int:number>/remove")
@needs(Permission.SETTINGS)
def removing_hook(number: int) -> Response:
    """Ask whether to hear no more from a service."""
    with database.reading() as session:
        return page("settings/hook-remove.html", hook=support.fetch_hook(session, number))


@bp.post("/settings/giving/hooks/<int:number>/remove")
@needs(Permission.SETTINGS)
def remove_hook(number: int) -> Response:
    """Hear no more from a service."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        hook = support.fetch_hook(session, number)
        note(session, presence.actor, Action.HOOK_REMOVED, now, hook.source)
        support.remove_hook(session, hook)
    return lead(to("ways_page", done="hook-removed"))


def _form(
    kind: HookKind, given: Mapping[str, str], troubles: Mapping[str, str] | None = None
) -> Response:
    with database.reading() as session:
        publications = [(each.slug, each.name) for each in issues.publications(session)]
    return page(
        "settings/hook-new.html",
        status=422 if troubles else 200,
        kind=kind.value,
        given=given,
        troubles=troubles or {},
        publications=publications,
    )


def _page(number: int, troubles: Mapping[str, str] | None = None) -> Response:
    now = datetime.now(UTC)
    with database.reading() as session:
        hook = support.fetch_hook(session, number)
        publication = issues.find_publication(session, hook.publication_id)
        return page(
            "settings/hook.html",
            status=422 if troubles else 200,
            hook=hook,
            address=links.hook(hook.kind.value, hook.id),
            fallback=publication.name if publication else "",
            fault=why(hook),
            refused=support.is_refused(hook),
            old_until=hook.old_until if hook.old_until and hook.old_until > now else None,
            events=support.STRIPE_EVENTS,
            troubles=troubles or {},
            zone=desk.house_zone(session),
        )


def _shown(hook: model.Hook, secret: str) -> Response:
    return page(
        "settings/hook-secret.html",
        hook=hook,
        secret=secret,
        address=links.hook(hook.kind.value, hook.id),
        hours=int(support.OVERLAP.total_seconds() // 3600) if hook.old_secret else 0,
    )
