"""Tags: words that editors put on people, by which an issue finds its audience.

A tag is written in small letters and is there as soon as somebody has it.
"""

from collections.abc import Sequence

from sqlalchemy import delete, exists, insert, literal, select
from sqlalchemy.orm import Session, aliased

from newsletter import model
from newsletter.database import insert_missing
from newsletter.errors import Invalid

LONGEST = 40
"""Characters of a tag."""


def tag_name(text: str) -> str:
    """Return a tag as it is kept; raise Invalid for what can be none."""
    name = " ".join(text.casefold().split())
    if not name or len(name) > LONGEST or "," in name or not name.isprintable():
        raise Invalid(f"A tag has at most {LONGEST} characters and no comma")
    return name


def tags(session: Session) -> Sequence[str]:
    """List the tags that somebody has, by name."""
    held = exists().where(model.SubscriberTag.tag_id == model.Tag.id)
    return session.scalars(select(model.Tag.name).where(held).order_by(model.Tag.name)).all()


def tags_of(session: Session, subscriber: int) -> Sequence[str]:
    """List the tags of a person, by name."""
    rows = (
        select(model.Tag.name)
        .join(model.SubscriberTag, model.SubscriberTag.tag_id == model.Tag.id)
        .where(model.SubscriberTag.subscriber_id == subscriber)
    )
    return session.scalars(rows.order_by(model.Tag.name)).all()


def tag(session: Session, subscribers: Sequence[int], name: str) -> str:
    """Put a tag on people who are there, and return it as it is kept; twice is once."""
    kept = tag_name(name)
    insert_missing(session, model.Tag, [{"name": kept}])
    number = session.scalars(select(model.Tag.id).where(model.Tag.name == kept)).one()
    rows = [{"subscriber_id": each, "tag_id": number} for each in subscribers]
    insert_missing(session, model.SubscriberTag, rows)
    return kept


def untag(session: Session, subscribers: Sequence[int], name: str) -> None:
    """Take a tag off people."""
    number = select(model.Tag.id).where(model.Tag.name == tag_name(name)).scalar_subquery()
    session.execute(
        delete(model.SubscriberTag)
        .where(
            model.SubscriberTag.tag_id == number, model.SubscriberTag.subscriber_id.in_(subscribers)
        )
        .execution_options(synchronize_session=False)
    )


def hand_on(session: Session, old: int, new: int) -> None:
    """Put the tags of a person on another, as who goes on at another address keeps them."""
    theirs, same = aliased(model.SubscriberTag), aliased(model.SubscriberTag)
    twice = exists().where(same.subscriber_id == new, same.tag_id == theirs.tag_id)
    rows = select(literal(new), theirs.tag_id).where(theirs.subscriber_id == old, ~twice)
    columns = ["subscriber_id", "tag_id"]
    session.execute(insert(model.SubscriberTag).from_select(columns, rows))
