"""Turning: a change to an issue that holds only in certain states, whatever others do meanwhile."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict
from newsletter.model import IssueState


def turn(
    session: Session,
    issue: model.Issue,
    states: Sequence[IssueState],
    law: str,
    /,
    **values: object,
) -> None:
    """Change an issue that is in one of ``states``; raise Conflict, with the ``law``, if not."""
    session.flush()
    turned = session.execute(
        update(model.Issue)
        .where(model.Issue.id == issue.id, model.Issue.state.in_(states))
        .values(**values)
        .returning(model.Issue.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(issue)
    if turned is None:
        raise Conflict(f"Issue {issue.id} is {issue.state}; {law}")
