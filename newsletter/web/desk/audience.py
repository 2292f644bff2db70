"""The audience of an issue: everyone, a segment or a rule of its own, with how many that are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import deliveries, desk, issues, model, subscriptions
from newsletter.deliveries import EVERYONE, Rule
from newsletter.desk import Action, Permission
from newsletter.errors import NotFound
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.desk.rule_form import Typed, shown_rule, typed_rule

ALL, SEGMENT, OWN = "everyone", "segment", "rule"
"""The kinds of audiences."""

REASONS = {
    "frozen": _("In the audience"),
    "outside the audience": _("Outside the audience"),
    "other frequency": _("Get mail at other times, as a digest"),
    "paused": _("On pause"),
    "pending": _("Have not confirmed"),
    "unsubscribed": _("Have unsubscribed"),
    "suppressed": _("Must not be mailed"),
}
"""What the sums of a frozen audience are called."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: the kind, the segment's number, and the fields of a rule."""

    kind: str
    segment: model.Segment | None
    typed: Typed
    troubles: Mapping[str, str]

    @property
    def rule(self) -> Rule:
        """The rule that is meant."""
        if self.kind == SEGMENT:
            return Rule.parse(self.segment.rule) if self.segment else EVERYONE
        return self.typed.rule if self.kind == OWN else EVERYONE


@bp.get("/issues/<int:number>/audience")
@needs(Permission.SCHEDULE)
def audience(number: int) -> Response:
    """Show for whom an issue is, or was."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        if issue.state not in issues.TO_COME:
            return _over(session, issue)
        return _page(session, issue, _chosen(session, issue))


@bp.get("/issues/<int:number>/audience/count")
@needs(Permission.SCHEDULE)
def audience_count(number: int) -> Response:
    """Show how many the fields mean as they are being filled in: a part of the page."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        return _count(session, issue, _typed(session, issue, request.args))


@bp.post("/issues/<int:number>/audience")
@needs(Permission.SCHEDULE)
def choose_audience(number: int) -> Response:
    """Say for whom an issue is."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        if issue.state not in issues.TO_COME:
            return _over(session, issue, status=409)
        choice = _typed(session, issue, request.form)
        if choice.troubles:
            return _page(session, issue, choice, status=422)
        segment = choice.segment if choice.kind == SEGMENT else None
        issues.choose_audience(session, issue, rule=choice.rule, segment=segment)
        desk.note(session, presence.actor, Action.AUDIENCE_CHOSEN, now, issue.subject)
    return lead(to("audience", number=number, done="audience"))


def _chosen(session: Session, issue: model.Issue) -> Choice:
    """Return what the issue has."""
    rule = Rule.parse(issue.rule)
    segment = deliveries.fetch_segment(session, issue.segment_id) if issue.segment_id else None
    kind = SEGMENT if segment else ALL if rule.is_everyone else OWN
    return Choice(kind, segment, shown_rule(rule), {})


def _typed(session: Session, issue: model.Issue, form: Mapping[str, str]) -> Choice:
    """Return what the fields say."""
    kind = form.get("kind", ALL)
    typed = typed_rule(session, form)
    segment, troubles = None, dict(typed.troubles) if kind == OWN else {}
    if form.get("segment", "").isdecimal():
        try:
            segment = deliveries.fetch_segment(session, int(form["segment"][:18]))
        except NotFound:
            segment = None
    if segment and segment.publication_id != issue.publication_id:
        segment = None
    if kind == SEGMENT and segment is None:
        troubles["segment"] = say(_("Choose one of the segments."))
    if kind == OWN and typed.rule.is_everyone and not troubles:
        troubles["kind"] = say(_("Fill in at least one of the fields, or choose everyone."))
    if kind not in (ALL, SEGMENT, OWN):
        troubles["kind"] = say(_("Choose everyone, a segment or a rule."))
    return Choice(kind, segment, typed, troubles)


def _count(session: Session, issue: model.Issue, choice: Choice) -> Response:
    reach = None if choice.troubles else deliveries.reach(session, issue, choice.rule)
    return page("issue/_count.html", reach=reach, troubles=choice.troubles, rule=choice.rule)


def _page(session: Session, issue: model.Issue, choice: Choice, *, status: int = 200) -> Response:
    reach = None if choice.troubles else deliveries.reach(session, issue, choice.rule)
    return issue_page(
        "audience.html",
        session,
        issue,
        status=status,
        choice=choice,
        rule=choice.rule,
        typed=choice.typed,
        troubles=choice.troubles,
        segments=[
            (segment, Rule.parse(segment.rule))
            for segment in deliveries.segments(session, issue.publication_id)
        ],
        tags=subscriptions.tags(session),
        reach=reach,
        asked=_asked(session, issue) if reach and not reach.is_estimated else (),
    )


def _asked(session: Session, issue: model.Issue) -> Sequence[tuple[str, int]]:
    """Say how many would be shown which variant of the appeal; the last are those without one."""
    counts = issues.count_asked(session, issue, datetime.now(UTC))
    names = {
        number: variant.name
        for number in counts
        if (variant := session.get(model.AppealVariant, number))
    }
    found = [(name, counts[number]) for number, name in sorted(names.items())]
    return [*found, ("", counts.get(0, 0))] if counts else []


def _over(session: Session, issue: model.Issue, *, status: int = 200) -> Response:
    """Show whom the audience had when it was frozen, with the sums."""
    publication = issues.publication_of(session, issue)
    began = issue.published_at and issue.published_at.astimezone(ZoneInfo(publication.zone))
    return issue_page(
        "audience-frozen.html",
        session,
        issue,
        status=status,
        rule=Rule.parse(issue.rule),
        sums=issue.audience or {},
        reasons=REASONS,
        began=began,
    )
