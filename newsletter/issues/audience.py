"""For whom of a publication's subscribers an issue is: everyone, a segment, a rule of its own."""

from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.audience import EVERYONE, Rule
from newsletter.errors import Invalid
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
