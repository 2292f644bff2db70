"""Segments: audiences under a name; listed, saved, changed and deleted."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import deliveries, desk, issues, model, subscriptions
from newsletter.deliveries import Rule
from newsletter.desk import Action, Permission
from newsletter.errors import Conflict, Invalid
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.rule_form import Typed, shown_rule, typed_rule
from newsletter.web.typed import typed


@bp.get("/subscribers/segments")
@needs(Permission.SEGMENTS)
def segments_page() -> Response:
    """List the segments."""
    with database.reading() as session:
        names = {each.id: each.name for each in issues.publications(session)}
        rows = [
            (segment, names[segment.publication_id], Rule.parse(segment.rule))
            for segment in deliveries.segments(session)
        ]
        return page("segments.html", rows=rows, has_publications=bool(names))


@bp.get("/subscribers/segments/new")
@needs(Permission.SEGMENTS)
def new_segment() -> Response:
    """Ask what a new segment is."""
    with database.reading() as session:
        home = request.args.get("publication", "")
        return _page(session, None, {"name": "", "publication": home}, shown_rule(Rule()))


@bp.post("/subscribers/segments/new")
@needs(Permission.SEGMENTS)
def add_segment() -> Response:
    """Save a new segment."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        given = {"name": typed("name"), "publication": typed("publication")}
        rule = typed_rule(session, request.form)
        home = _home(session, given["publication"])
        troubles = dict(rule.troubles)
        if home is None:
            troubles["publication"] = say(_("Choose the publication whose subscribers these are."))
        elif not troubles:
            try:
                deliveries.add_segment(session, home.id, given["name"], rule.rule, now)
            except (Conflict, Invalid) as error:
                troubles = _trouble(error, rule)
        if troubles:
            return _page(session, None, given, rule, troubles, status=422)
        desk.note(session, presence.actor, Action.SEGMENT_SAVED, now, given["name"])
    return lead(to("segments_page", done="segment"))


@bp.get("/subscribers/segments/<int:number>")
@needs(Permission.SEGMENTS)
def segment(number: int) -> Response:
    """Show a segment, to change it."""
    with database.reading() as session:
        found = deliveries.fetch_segment(session, number)
        return _page(session, found, {"name": found.name}, shown_rule(Rule.parse(found.rule)))


@bp.post("/subscribers/segments/<int:number>")
@needs(Permission.SEGMENTS)
def change_segment(number: int) -> Response:
    """Change what a segment is."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        found = deliveries.fetch_segment(session, number)
        given, rule = {"name": typed("name")}, typed_rule(session, request.form)
        troubles = dict(rule.troubles)
        if not troubles:
            try:
                deliveries.change_segment(session, found, given["name"], rule.rule, now)
            except (Conflict, Invalid) as error:
                troubles = _trouble(error, rule)
        if troubles:
            return _page(session, found, given, rule, troubles, status=422)
        desk.note(session, presence.actor, Action.SEGMENT_SAVED, now, found.name)
    return lead(to("segments_page", done="segment"))


@bp.post("/subscribers/segments/<int:number>/delete")
@needs(Permission.SEGMENTS)
def delete_segment(number: int) -> Response:
    """Delete a segment for which no issue waits."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        found = deliveries.fetch_segment(session, number)
        try:
            deliveries.delete_segment(session, found)
        except Conflict:
            shown = shown_rule(Rule.parse(found.rule))
            return _page(session, found, {"name": found.name}, shown, status=409)
        desk.note(session, presence.actor, Action.SEGMENT_DELETED, now, found.name)
    return lead(to("segments_page", done="segment-deleted"))


@bp.get("/subscribers/segments/count")
@needs(Permission.SEGMENTS)
def segment_count() -> Response:
    """Show how many the fields mean as they are being filled in: a part of the page."""
    with database.reading() as session:
        rule = typed_rule(session, request.args)
        home = _home(session, request.args.get("publication", ""))
        reach = _reach(session, home, rule)
        return page("issue/_count.html", reach=reach, troubles=rule.troubles, rule=rule.rule)


def _page(
    session: Session,
    found: model.Segment | None,
    given: Mapping[str, str],
    rule: Typed,
    troubles: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    number = str(found.publication_id) if found else given["publication"]
    home = _home(session, number)
    return page(
        "segment.html",
        status=status,
        segment=found,
        given=given,
        typed=rule,
        rule=rule.rule,
        troubles=troubles or {},
        home=home,
        homes=issues.publications(session),
        awaited=deliveries.awaited_by(session, found) if found else (),
        tags=subscriptions.tags(session),
        reach=_reach(session, home, rule),
    )


def _reach(
    session: Session, home: model.Publication | None, rule: Typed
) -> deliveries.Reach | None:
    """Say how many of a publication's subscribers would get an issue for whom the rule asks."""
    if home is None or rule.troubles:
        return None
    some = model.Issue(publication_id=home.id, slug="", subject="", created_at=home.created_at)
    return deliveries.reach(session, some, rule.rule)


def _home(session: Session, number: str) -> model.Publication | None:
    if not number.isdecimal() or len(number) > 18:
        return None
    return issues.find_publication(session, int(number))


def _trouble(error: Conflict | Invalid, rule: Typed) -> dict[str, str]:
    """Say what is wrong with a name or a rule, beside the field that it is about."""
    if isinstance(error, Conflict):
        return {"name": say(_("There is a segment of that name already."))}
    if rule.rule.is_everyone:
        return {
            "languages": say(_("Fill in at least one of the fields; without any it is everyone."))
        }
    words = _("Give it a name of at most %(most)s characters.")
    return {"name": say(words) % {"most": deliveries.LONGEST_NAME}}
