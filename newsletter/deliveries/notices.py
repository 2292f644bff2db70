"""Notices: mails to one person that belong to no issue, such as a confirmation. They go first."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.model import DeliveryState
from newsletter.rendering import Words

TEST = "test"
"""The mail of an issue that goes to chosen addresses, to be looked at."""
LISTED = frozenset({"welcome", TEST})
"""Notices to people who get a publication, from which a mail program may offer to unsubscribe."""
ASKED = frozenset({"confirm", "address-change"})
"""Notices that somebody just asked for, by a form, at an address that may have been given up."""
WORDS_KEPT, KEPT = timedelta(days=1), timedelta(days=30)
"""How long the words of a notice are kept once it has left, and how long the fact is.

Its words hold links by which its reader acts; the fact is what a bounce comes back to.
"""


def notify(
    session: Session,
    publication_id: int,
    subscriber_id: int,
    name: str,
    language: str,
    words: Words,
    now: datetime,
) -> int:
    """Put the notice ``name`` into the outbox, to leave at once; return its delivery.

    It comes from the author of a publication. ``words`` hold no slots: they are this reader's own.
    """
    content = _content(publication_id, name, language, words)
    return _queue(session, content, subscriber_id, now)


def notify_address(
    session: Session,
    publication_id: int,
    address: str,
    name: str,
    language: str,
    words: Words,
    now: datetime,
) -> int:
    """Put a notice into the outbox for somebody who is no subscriber; return its delivery.

    Where ``words`` hold slots, links made for nobody go there, which change nothing.
    """
    content = _content(publication_id, name, language, words)
    content.address = address
    return _queue(session, content, None, now)


def _content(publication_id: int, name: str, language: str, words: Words) -> model.Content:
    return model.Content(
        issue_id=None,
        publication_id=publication_id,
        variant=name,
        language=language,
        subject=words.subject,
        html=words.html,
        text=words.text,
    )


def _queue(
    session: Session, content: model.Content, subscriber_id: int | None, now: datetime
) -> int:
    session.add(content)
    session.flush()
    notice = model.Delivery(
        issue_id=None,
        content_id=content.id,
        subscriber_id=subscriber_id,
        state=DeliveryState.QUEUED,
    )
    session.add(notice)
    session.flush()
    session.add(
        model.Batch(
            issue_id=None,
            number=0,
            first_delivery=notice.id,
            last_delivery=notice.id,
            due_at=now,
        )
    )
    session.flush()
    return notice.id


def forget(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Delete the words of notices that have come to their end, and later the rest of them.

    Returns how many there were; as long as it is ``limit``, there may be more.
    """
    ended = model.Delivery.issue_id.is_(None) & model.Delivery.settled_at.is_not(None)
    contents = session.scalars(
        select(model.Content.id)
        .join(model.Delivery, model.Delivery.content_id == model.Content.id)
        .where(model.Content.issue_id.is_(None), ended)
        .where(model.Delivery.settled_at < now - WORDS_KEPT)
        .limit(limit)
    ).all()
    notices = session.scalars(
        select(model.Delivery.id)
        .where(ended, model.Delivery.settled_at < now - KEPT)
        .order_by(model.Delivery.id)
        .limit(limit)
    ).all()
    for rows in (
        delete(model.Content).where(model.Content.id.in_(contents)),
        delete(model.Batch).where(
            model.Batch.issue_id.is_(None), model.Batch.first_delivery.in_(notices)
        ),
        delete(model.Delivery).where(model.Delivery.id.in_(notices)),
    ):
        session.execute(rows.execution_options(synchronize_session=False))
    return max(len(contents), len(notices))
