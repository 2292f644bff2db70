"""Errata: the corrections of issues that are public."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import NotFound


def errata(session: Session, issues: Iterable[int]) -> Mapping[int, Sequence[model.Erratum]]:
    """List the corrections of each issue that has some, in the order in which they were made."""
    rows = session.scalars(
        select(model.Erratum)
        .where(model.Erratum.issue_id.in_(list(issues)))
        .order_by(model.Erratum.issue_id, model.Erratum.id)
    )
    return {issue: list(some) for issue, some in groupby(rows, key=lambda one: one.issue_id)}


def fetch_erratum(session: Session, issue: model.Issue, number: int) -> model.Erratum:
    """Return a correction of the issue; raise NotFound."""
    found = session.get(model.Erratum, number)
    if found is None or found.issue_id != issue.id:
        raise NotFound
    return found
