"""The mail that brings an invitation to whom it is for."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from newsletter import addresses, deliveries, issues, model
from newsletter.desk.audit import Actor
from newsletter.desk.team import INVITED
from newsletter.links import Links

NAME = "invitation"


def mail_invitation(
    session: Session, token: str, address: str, links: Links, now: datetime, *, actor: Actor
) -> str:
    """Mail the link of an invitation; return which address it comes from.

    It is sent in the name of the publication that has been here longest, in its language. Returns
    nothing where there is none yet, or where ``address`` is one that gets no mail.
    """
    row = model.Publication
    sender = session.scalars(select(row).order_by(row.id).limit(1)).first()
    kept = addresses.parse(address).lower()
    digest = addresses.digest(kept, links.secret_key)
    if sender is None or session.scalar(select(exists().where(model.Suppression.digest == digest))):
        return ""
    facts = {"join_url": links.join(token), "editor": actor.name, "days": INVITED.days}
    words = issues.write_notice(session, NAME, sender, sender.language, links, **facts)
    deliveries.notify_address(session, sender.id, kept, NAME, sender.language, words, now)
    return sender.author_address
