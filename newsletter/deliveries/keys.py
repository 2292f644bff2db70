"""Keys: the deliveries of an issue were numbered one after the other when it was frozen."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from newsletter import model


def keys(session: Session, issue: int) -> tuple[int, int]:
    """Return between which keys the deliveries of an issue lie; few of other issues do."""
    first, last = session.execute(
        select(func.min(model.Batch.first_delivery), func.max(model.Batch.last_delivery)).where(
            model.Batch.issue_id == issue
        )
    ).one()
    return first or 0, last or 0


def of_issue(session: Session, issue: int) -> ColumnElement[bool]:
    """Name all deliveries of an issue, for a look at every one.

    They are read by their keys, in a tenth of the time.
    """
    return and_(model.Delivery.id.between(*keys(session, issue)), among_keys(issue))


def among_keys(issue: int) -> ColumnElement[bool]:
    """Name an issue's deliveries among those of a range of keys, by which they are to be read.

    An index of issues does not help with it: by that each row would be looked up by itself.
    """
    return model.Delivery.issue_id + 0 == issue
