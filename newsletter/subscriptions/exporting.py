"""Export of subscriptions: rows as CSV or JSON lines, a page at a time, which can be read in again.

A cell that a spreadsheet might run as a formula gets a quote in front, which import takes away.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.sheets import safe

EXPORTED = (
    *("address", "name", "language", "publication", "state", "frequency", "paused_until"),
    *("changed_at", "known_since", "suppression"),
)
FORMATS = ("csv", "jsonl")
_PAGE = 5_000


def exported(
    session: Session, publication: model.Publication | None = None, *, form: str = "csv"
) -> Iterator[str]:
    """Yield every subscription, of ``publication`` or of all, as text in pages, headings first.

    The rows come in the order in which they were made; moments are written in UTC.
    """
    if form == "csv":
        yield ",".join(EXPORTED) + "\r\n"
    after = 0
    while rows := _page(session, publication, after):
        after = rows[-1][0]
        yield _as_csv(rows) if form == "csv" else _as_json(rows)


def _page(
    session: Session, publication: model.Publication | None, after: int
) -> list[tuple[int, list[str]]]:
    person, wish = model.Subscriber, model.Subscription
    query = (
        select(
            wish.id,
            person.address,
            person.name,
            person.language,
            model.Publication.slug,
            wish.state,
            wish.frequency,
            wish.paused_until,
            wish.changed_at,
            person.created_at,
            model.Suppression.reason,
        )
        .join(person, person.id == wish.subscriber_id)
        .join(model.Publication, model.Publication.id == wish.publication_id)
        .outerjoin(model.Suppression, model.Suppression.digest == person.digest)
        .where(wish.id > after)
        .order_by(wish.id)
        .limit(_PAGE)
    )
    if publication is not None:
        query = query.where(wish.publication_id == publication.id)
    return [(row[0], [_said(value) for value in row[1:]]) for row in session.execute(query)]


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _as_csv(rows: list[tuple[int, list[str]]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([safe(cell) for cell in cells] for _, cells in rows)
    return text.getvalue()


def _as_json(rows: list[tuple[int, list[str]]]) -> str:
    return "".join(
        json.dumps(dict(zip(EXPORTED, cells, strict=True)), ensure_ascii=False) + "\n"
        for _, cells in rows
    )
