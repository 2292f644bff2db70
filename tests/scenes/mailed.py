"""Where links in mails lead: taking a goodbye back, and agreeing to a change of address."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

import make
from newsletter.links import Links

LINKS = Links("", make.SECRET_KEY)


def undo(session: Session) -> str:
    publication = make.publication(session, name="Baltic Monitor", slug="baltic-monitor")
    wish = make.subscription(session, publication_id=publication.id)
    return LINKS.undo(wish.id, publication.id, datetime.now(UTC))


def undo_of_what_is_gone(_session: Session) -> str:
    return LINKS.undo(1, 1, datetime.now(UTC))


def agree_at_the_new_address(_session: Session) -> str:
    return LINKS.agree(1, new=True, at=datetime.now(UTC))


def agree_at_the_old_address(_session: Session) -> str:
    return LINKS.agree(1, new=False, at=datetime.now(UTC))


SCENES = {
    "undo": undo,
    "undo-gone": undo_of_what_is_gone,
    "agree-new": agree_at_the_new_address,
    "agree-old": agree_at_the_old_address,
}
