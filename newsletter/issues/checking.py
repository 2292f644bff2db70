"""The press check of an issue: of what it says, and of what only the database knows.

What keeps an issue from being approved is decided by its words alone; all that is found here
beside them merely worries.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from newsletter import deliveries, model, rendering
from newsletter.issues.editions import edition
from newsletter.language import translations
from newsletter.links import Links
from newsletter.rendering import Remark


def remarks(
    session: Session, issue: model.Issue, links: Links, language: str = "en"
) -> Sequence[Remark]:
    """Run the press check on an issue as it stands; remarks are in ``language``."""
    return (
        *remarks_on(edition(session, issue, links), language),
        *_about_readers(session, issue, language),
    )


def remarks_on(gathered: rendering.Edition, language: str = "en") -> Sequence[Remark]:
    """Run the press check on what an issue says, and on nothing else."""
    empty = rendering.Words(gathered.subject, "", "")
    mail = rendering.mail(gathered) if gathered.articles else empty
    return rendering.press_check(gathered, mail, language)


def _about_readers(session: Session, issue: model.Issue, language: str) -> Sequence[Remark]:
    _ = translations(language).gettext
    if deliveries.reach(session, issue).count:
        return ()
    return (Remark(False, "no-readers", _("As things are, nobody would get this issue")),)
