"""The press check of an issue: of what it says, and of what only the database knows.

What keeps an issue from being approved is decided by its words alone; all that is found here
beside them merely worries.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model, rendering
from newsletter.issues.editions import edition
from newsletter.language import translations
from newsletter.links import Links
from newsletter.model import SubscriptionState
from newsletter.rendering import Remark


def remarks(
    session: Session, issue: model.Issue, links: Links, language: str = "en"
) -> Sequence[Remark]:
    """Run the press check on an issue as it stands; remarks are in ``language``."""
    gathered = edition(session, issue, links)
    empty = rendering.Words(issue.subject, "", "")
    mail = rendering.mail(gathered) if gathered.articles else empty
    return (
        *rendering.press_check(gathered, mail, language),
        *_about_readers(session, issue, language),
    )


def _about_readers(session: Session, issue: model.Issue, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    anybody = (
        select(model.Subscription.id)
        .where(
            model.Subscription.publication_id == issue.publication_id,
            model.Subscription.state == SubscriptionState.ACTIVE,
            model.Subscription.frequency == issue.frequency,
        )
        .limit(1)
    )
    if session.scalar(anybody) is None:
        yield Remark(False, "no-readers", _("Nobody subscribes to this publication yet"))
