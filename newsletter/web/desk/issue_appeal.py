"""The appeal of an issue: its publication's by rule, or what is chosen for this issue alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.orm import Session

from newsletter import issues, model, support
from newsletter.desk import Action, Permission, may, note
from newsletter.errors import Forbidden, Invalid, IssueNotEditable
from newsletter.issues import Chosen
from newsletter.language import marked as _
from newsletter.model import Frequency, IssueState
from newsletter.web.context import database
from newsletter.web.desk.appeal_form import given_place, said, typed_place
from newsletter.web.desk.composer import writing
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import asks_of, issue_page
from newsletter.web.typed import typed

KINDS = ("usual", "none", "own")


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields hold: a kind, which appeal and variant ("3/7"), and where in the text."""

    given: Mapping[str, str]
    troubles: Mapping[str, str]
    choice: Chosen | None = None


@bp.get("/issues/<int:number>/appeal")
@needs(Permission.WRITE)
def issue_appeal(number: int) -> Response:
    """Show what an issue asks for and why, to choose something else."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        return _page(session, issue, _shown(issues.chosen_of(session, issue)))


@bp.post("/issues/<int:number>/appeal")
@needs(Permission.WRITE)
def choose_appeal(number: int) -> Response:
    """Say what an issue asks for; its approval ends where that changes its mails."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        before, form = issues.chosen_of(session, issue), _typed()
        if form.troubles:
            return _page(session, issue, form, status=422)
        if not _may_choose(issue):
            raise Forbidden
        try:
            was_approved = issues.choose_appeal(session, issue, form.choice, now, writing(session))
        except IssueNotEditable:
            return _page(session, issue, form, status=409)
        except Invalid as error:
            wrong = Form(form.given, {"which": said(error)})
            return _page(session, issue, wrong, status=422)
        if issues.chosen_of(session, issue) == before:
            return lead(to("issue_appeal", number=number, done="unchanged"))
        about = f"{number}: {issue.subject}"
        note(session, presence.actor, Action.APPEAL_CHOSEN, now, about)
        if was_approved:
            note(session, presence.actor, Action.REOPENED, now, about)
    done = "asked-open" if was_approved else "asked"
    return lead(to("issue_appeal", number=number, done=done))


def _may_choose(issue: model.Issue) -> bool:
    """Tell whether whoever is signed in may: an approval is for editors to end."""
    return issue.state is IssueState.DRAFT or may(presence.role, Permission.REOPEN)


def _shown(choice: Chosen | None) -> Form:
    choice = choice or Chosen()
    kind = "none" if not choice.is_shown else "own" if choice.appeal else "usual"
    which = f"{choice.appeal}/{choice.variant}" if choice.variant else str(choice.appeal or "")
    return Form({"kind": kind, "which": which, **given_place(choice.placement)}, {})


def _typed() -> Form:
    given = {name: typed(name) for name in ("kind", "which", "place", "paragraph", "share")}
    troubles: dict[str, str] = {}
    if given["kind"] not in KINDS:
        troubles["kind"] = say(_("Choose one of these."))
    if given["kind"] == "none":
        return Form(given, troubles, Chosen(is_shown=False))
    appeal = variant = 0
    if given["kind"] == "own":
        first, _slash, second = given["which"].partition("/")
        appeal, variant = _number(first), _number(second)
        if not appeal:
            troubles["which"] = say(_("Choose an appeal from the list."))
    place = typed_place(given, troubles)
    return Form(given, troubles, Chosen(appeal=appeal, variant=variant, placement=place))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _page(session: Session, issue: model.Issue, form: Form, *, status: int = 200) -> Response:
    now, publication = datetime.now(UTC), issues.publication_of(session, issue)
    due = support.due_appeals(session, [publication], now).get(publication.id, ())
    usual = due[0] if due else None
    is_open = issue.state in issues.TO_COME and issue.frequency is Frequency.EACH
    return issue_page(
        "appeal.html",
        session,
        issue,
        status=status,
        given=form.given,
        troubles=form.troubles,
        usual=usual,
        usual_terms=support.terms_of(session, usual) if usual else None,
        usual_place=given_place(usual.placement) if usual else None,
        rivals=max(0, len(due) - 1),
        asks=asks_of(session, issue, now),
        choices=_choices(session),
        is_open=is_open,
        may_choose=is_open and _may_choose(issue),
        is_draft=issue.state is IssueState.DRAFT,
    )


def _choices(session: Session) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """List all appeals with what of each can be chosen: all its variants, or one."""
    found = support.appeals(session)
    sayings = support.sayings(session, [each.id for each in found])
    choices = []
    for each in found:
        variants = [one.variant for one in sayings[each.id] if one.wordings]
        options = [(str(each.id), say(_("All its variants")))] if variants else []
        options += [
            (f"{each.id}/{one.id}", say(_("Variant %(name)s alone")) % {"name": one.name})
            for one in variants
            if len(variants) > 1
        ]
        if options:
            choices.append((each.name, options))
    return choices
