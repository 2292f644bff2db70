"""The deliveries of an issue lie between two keys, and are read from the one to the other."""

from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

import make
from newsletter import deliveries
from newsletter.deliveries.keys import keys, of_issue
from newsletter.model import Delivery, DeliveryState


def test_rows_of_another_issue_between_the_keys_are_not_counted(session: Session) -> None:
    one, other = make.issue(session).id, make.issue(session).id
    words = {number: make.content(session, issue_id=number).id for number in (one, other, None)}
    mine = [
        make.delivery(session, issue_id=number, content_id=words[number]).id
        for number in (one, other, one, None, one)
    ]
    make.batch(session, issue_id=one, first_delivery=mine[0], last_delivery=mine[-1])
    assert keys(session, one) == (mine[0], mine[-1])
    found = session.scalars(select(Delivery.id).where(of_issue(session, one)).order_by(Delivery.id))
    assert found.all() == mine[::2]
    assert deliveries.tally(session, one).counts[DeliveryState.QUEUED] == 3
    assert deliveries.tally(session, other).total == 0, "it was never cut into batches"


def test_an_issue_is_read_by_its_keys_and_not_row_by_row(session: Session) -> None:
    issue = make.issue(session).id
    words = select(Delivery.state).where(of_issue(session, issue))
    if session.get_bind().dialect.name == "postgresql":
        return
    written = words.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = session.connection().exec_driver_sql(f"explain query plan {written}").all()
    assert "USING INTEGER PRIMARY KEY" in str(plan)
