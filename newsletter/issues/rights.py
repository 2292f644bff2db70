"""Rights to pictures as time passes: which have run out, which will, which nobody knows."""

import enum
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.issues.public import is_public
from newsletter.rendering import Permission

SOON = timedelta(days=30)
"""How long before its end a right is pointed out."""


class Doubt(enum.StrEnum):
    """What may be amiss with the rights to a picture.

    UNCLEAR has no credit or no right. Of those that issues show, the right of OVER has run out and
    that of ENDING soon will. PUBLISHED is public although nobody knows by what right.
    """

    UNCLEAR = "unclear"
    OVER = "over"
    ENDING = "ending"
    PUBLISHED = "published"


WATCHED = (Doubt.OVER, Doubt.ENDING, Doubt.PUBLISHED)
"""What an editor is told without asking."""


def set_right(image: model.Image, permission: str, now: datetime) -> None:
    """Put a right in the place of an image's."""
    image.permission, image.until = permission, Permission.parse(permission).until
    image.rights_changed_at = now


def is_doubtful(doubt: Doubt, today: date) -> ColumnElement[bool]:
    """Return the condition on an image under which there is this ``doubt``."""
    image = model.Image
    unknown = or_(image.permission == "", image.permission.startswith("unknown"))
    shown = select(model.ImageUse.article_id).where(model.ImageUse.image_id == image.id)
    public = (
        shown.join(model.IssueArticle, model.IssueArticle.article_id == model.ImageUse.article_id)
        .join(model.Issue, model.Issue.id == model.IssueArticle.issue_id)
        .where(is_public())
    )
    match doubt:
        case Doubt.UNCLEAR:
            return or_(image.credit == "", unknown)
        case Doubt.OVER:
            return and_(image.until < today, shown.exists())
        case Doubt.ENDING:
            return and_(image.until.between(today, today + SOON), shown.exists())
        case Doubt.PUBLISHED:
            return and_(unknown, public.exists())


def pictures_in_doubt(session: Session, today: date) -> Mapping[Doubt, int]:
    """Count the pictures that are watched, by what may be amiss; it is empty where nothing is.

    What is not in it counts as none.
    """
    counts = (
        select(func.count()).select_from(model.Image).where(is_doubtful(doubt, today))
        for doubt in WATCHED
    )
    found = session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    counted = zip(WATCHED, found, strict=True)
    return Counter({doubt: count for doubt, count in counted if count})
