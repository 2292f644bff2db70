"""Segments: parts of a publication's audience under a name, and which one an issue is for."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.audience import Rule
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.model import IssueState

LONGEST = 80
"""Characters of a name."""
_TO_COME = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED)


def segments(session: Session, publication_id: int | None = None) -> Sequence[model.Segment]:
    """List the segments by name, of one publication or all."""
    rows = select(model.Segment).order_by(model.Segment.name, model.Segment.id)
    if publication_id is not None:
        rows = rows.where(model.Segment.publication_id == publication_id)
    return session.scalars(rows).all()


def fetch_segment(session: Session, number: int) -> model.Segment:
    """Return the segment with that number; raise NotFound."""
    found = session.get(model.Segment, number)
    if found is None:
        raise NotFound
    return found


def add_segment(
    session: Session, publication_id: int, name: str, rule: Rule, now: datetime
) -> model.Segment:
    """Save a rule under a name; raise Invalid without either, Conflict if the name is taken."""
    segment = model.Segment(
        publication_id=publication_id,
        name=_free_name(session, publication_id, name),
        rule=_kept(rule),
        created_at=now,
        changed_at=now,
    )
    session.add(segment)
    session.flush()
    return segment


def change_segment(
    session: Session, segment: model.Segment, name: str, rule: Rule, now: datetime
) -> None:
    """Change what a segment is; issues to come that are for it are for what it is then."""
    segment.name = _free_name(session, segment.publication_id, name, but=segment.id)
    segment.rule, segment.changed_at = _kept(rule), now
    session.flush()


def delete_segment(session: Session, segment: model.Segment) -> None:
    """Delete a segment; raise Conflict while an issue to come is for it.

    Those that are over keep the rule that held for them.
    """
    waiting = awaited_by(session, segment)
    if waiting:
        raise Conflict(
            f"{len(waiting)} issues to come are for the segment {segment.name}; choose another"
            " audience for them first"
        )
    session.execute(
        update(model.Issue)
        .where(model.Issue.segment_id == segment.id, model.Issue.state.not_in(_TO_COME))
        .values(segment_id=None)
    )
    session.execute(
        update(model.Embargo).where(model.Embargo.segment_id == segment.id).values(segment_id=None)
    )
    session.delete(segment)
    session.flush()


def awaited_by(session: Session, segment: model.Segment) -> Sequence[model.Issue]:
    """List the issues to come that are for a segment, or let it have them first."""
    first = select(model.Embargo.issue_id).where(model.Embargo.segment_id == segment.id)
    return session.scalars(
        select(model.Issue)
        .where(
            or_(model.Issue.segment_id == segment.id, model.Issue.id.in_(first)),
            model.Issue.state.in_(_TO_COME),
        )
        .order_by(model.Issue.id)
    ).all()


def rule_of(session: Session, issue: model.Issue) -> Rule:
    """Return the rule of an issue's audience: that of its segment, or its own."""
    segment = session.get(model.Segment, issue.segment_id) if issue.segment_id else None
    return Rule.parse(segment.rule if segment else issue.rule)


def zone_of(session: Session, issue: model.Issue) -> ZoneInfo:
    """Return the zone by whose midnights an issue's rules reckon."""
    publication = session.get_one(model.Publication, issue.publication_id)
    return ZoneInfo(publication.zone)


def _kept(rule: Rule) -> dict[str, object]:
    if rule.is_everyone:
        raise Invalid("A segment needs a rule; without one it is everyone")
    return rule.data


def _free_name(session: Session, publication_id: int, name: str, *, but: int = 0) -> str:
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST:
        raise Invalid(f"A segment needs a name of at most {LONGEST} characters")
    taken = session.scalar(
        select(model.Segment.id).where(
            model.Segment.publication_id == publication_id,
            model.Segment.name == kept,
            model.Segment.id != but,
        )
    )
    if taken:
        raise Conflict(f"There is a segment {kept} already")
    return kept
