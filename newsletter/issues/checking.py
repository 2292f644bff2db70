"""The press check of an issue: of what it says, and of what only the database knows.

What keeps an issue from being approved is decided by its words alone; all that is found here
beside them merely worries.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from newsletter import deliveries, model, rendering
from newsletter.issues import answers
from newsletter.issues.editions import edition
from newsletter.language import translations
from newsletter.links import Links
from newsletter.outward import SAID
from newsletter.rendering import Remark


def remarks(
    session: Session, issue: model.Issue, links: Links, now: datetime, language: str = "en"
) -> Sequence[Remark]:
    """Run the press check on an issue as it stands; remarks are in ``language``."""
    gathered = edition(session, issue, links, now)
    return (
        *remarks_on(gathered, language, now.date()),
        *_about_links(session, gathered, links, language),
        *_about_readers(session, issue, language),
    )


def remarks_on(
    gathered: rendering.Edition, language: str = "en", today: date | None = None
) -> Sequence[Remark]:
    """Run the press check on what an issue says, and on nothing else."""
    empty = rendering.Words(gathered.subject, "", "")
    mail = rendering.mail(gathered) if gathered.articles else empty
    return rendering.press_check(gathered, mail, language, today)


def _about_links(
    session: Session, gathered: rendering.Edition, links: Links, language: str
) -> Iterator[Remark]:
    """Tell of the links that led nowhere when a clock looked at them last."""
    _ = translations(language).gettext
    led_to = answers.links_of(gathered.articles, links)
    for url, trouble in answers.known(session, led_to).items():
        if trouble is None:
            continue
        slug, message = "unsure-link", _("A link could not be checked: %(link)s")
        if trouble in answers.GONE:
            slug, message = "dead-link", _("A link leads nowhere: %(link)s")
        number = led_to[url]
        yield Remark(
            False,
            slug,
            message % {"link": url},
            place=gathered.articles[number].headline,
            article=number,
            field="body",
            quote=_(SAID[trouble]),
            found=url,
        )


def _about_readers(session: Session, issue: model.Issue, language: str) -> Sequence[Remark]:
    _ = translations(language).gettext
    if deliveries.reach(session, issue).count:
        return ()
    return (Remark(False, "no-readers", _("As things are, nobody would get this issue")),)
