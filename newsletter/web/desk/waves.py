"""Waves of an issue: planned beside its schedule, and decided while it is on its way."""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, issues, model
from newsletter.desk import Action, Permission
from newsletter.errors import Invalid, IssueNotEditable, NotFound
from newsletter.model import Variant
from newsletter.web.context import database
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.schedule import schedule_page
from newsletter.web.desk.sending import changed_page
from newsletter.web.desk.wave_form import typed_waves, with_trouble


@bp.post("/issues/<int:number>/schedule/waves")
@needs(Permission.SCHEDULE)
def choose_waves(number: int) -> Response:
    """Say in which waves an issue leaves; its approval ends where that changes its mails."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        before = issues.waves_of(session, issue)
        form = typed_waves(session, issue, request.form, now)
        if form.troubles:
            return schedule_page(session, issue, form, status=422)
        editor = session.get_one(model.Editor, presence.editor_id)
        try:
            was_approved = issues.choose_waves(
                session, issue, now, test=form.test, embargo=form.embargo, editor=editor
            )
        except IssueNotEditable:
            return schedule_page(session, issue, form, status=409)
        except Invalid as error:
            wrong = with_trouble(form, getattr(error, "field", "subject"), say(error.message))
            return schedule_page(session, issue, wrong, status=422)
        if (form.test, form.embargo) == before:
            return lead(to("schedule", number=number, done="unchanged"))
        desk.note(session, presence.actor, Action.WAVES_CHOSEN, now, f"{number}: {issue.subject}")
        if was_approved:
            desk.note(session, presence.actor, Action.REOPENED, now, f"{number}: {issue.subject}")
    return lead(to("schedule", number=number, done="waves-open" if was_approved else "waves"))


@bp.post("/issues/<int:number>/sending/subject/<variant>")
@needs(Permission.SEND)
def choose_subject(number: int, variant: str) -> Response:
    """Have the rest get one of two subjects now, and not at the end of the wait."""
    if variant not in list(Variant):
        raise NotFound
    now, chosen = datetime.now(UTC), Variant(variant)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        by = session.get_one(model.Editor, presence.editor_id).name
        decided = issues.decide(session, number, now, choice=chosen, by=by)
        if decided:
            about = f"{number}: {issue.subject}, {variant.upper()}"
            desk.note(session, presence.actor, Action.SUBJECT_CHOSEN, now, about)
    if not decided:
        return changed_page(number)
    return lead(to("sending_page", number=number, done="subject"))
