"""For whom of a publication's subscribers an issue is: everyone, a segment, a rule of its own."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import deliveries, model
from newsletter.deliveries.audience import EVERYONE, Rule
from newsletter.errors import Invalid
from newsletter.issues.appeals import asking_of
from newsletter.issues.turning import turn
from newsletter.model import IssueState

TO_COME = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED)
"""The states in which an issue's audience is still to be frozen."""


def choose_audience(
    session: Session,
    issue: model.Issue,
    *,
    rule: Rule = EVERYONE,
    segment: model.Segment | None = None,
) -> None:
    """Say for whom an issue is; with neither it is for everyone.

    The approval of its content stays. Raises Conflict when the audience is frozen already, Invalid
    for a segment of another publication.
    """
    if segment and segment.publication_id != issue.publication_id:
        raise Invalid(f"The segment {segment.name} is one of another publication")
    turn(
        session,
        issue,
        TO_COME,
        "its audience is chosen before it begins",
        segment_id=segment.id if segment else None,
        rule=None if segment or rule.is_everyone else rule.data,
    )


def count_asked(session: Session, issue: model.Issue, now: datetime) -> Mapping[int, int]:
    """Count who would be shown which variant of the appeal, by its number, if an issue left now.

    Under 0 stand those who would be shown none. It is known from the approval on, and empty before
    it and where the mails have no appeal.
    """
    row = model.Content
    contents = session.scalars(select(row).where(row.issue_id == issue.id).order_by(row.id)).all()
    asking = asking_of(session, issue, contents, now) if issue.content_hash else None
    if asking is None:
        return {}
    counts = deliveries.reach_by_content(session, issue, asking)
    return {each.appeal_variant_id or 0: counts[each.id] for each in contents if each.id in counts}
