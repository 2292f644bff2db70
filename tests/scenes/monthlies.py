"""Monthlies: the months to choose from, one that is out of date, one that was sent, its page."""

from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files

from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model
from newsletter.issues import monthlies
from newsletter.links import Links
from newsletter.model import IssueState

LINKS = Links("http://localhost:8000", "x" * 32)
HEADLINES = (
    "Three Ports, One Pilot Watch: What a Shared Roster Would Change",
    "Ferries Return to the Northern Route",
    "Harbours Prepare for a Winter Without Ice",
    "What the New Locks Cost, and Who Pays for Them",
)
NEXT = date(make.NOW.year, make.NOW.month, 1)
MONTH = (NEXT - timedelta(days=1)).replace(day=1)


def texts(session: Session, language: str = "en") -> model.Publication:
    """Publish a month of the demo's manuscript under several headlines, and one text of ours."""
    manuscript = (files("newsletter") / "demo" / "baltic-monitor.txt").read_text(encoding="utf-8")
    written = manuscripts.read_text(manuscript).article
    publication = make.publication(
        session,
        name="Baltic Monitor",
        slug="baltic-monitor",
        author_name="Institute of Examples",
        language=language,
        licence_id=make.licence(session).id,
    )
    make.publication(session, name="Canals Weekly", slug="canals")
    for number, headline in enumerate(HEADLINES):
        _publish(session, publication, written, headline, MONTH + timedelta(days=6 * number))
    _publish(session, publication, written, "Last of the Month Before", MONTH - timedelta(days=1))
    return publication


def _publish(
    session: Session,
    publication: model.Publication,
    written: manuscripts.Article,
    headline: str,
    dated: date,
) -> model.Issue:
    text = replace(written, headline=headline, dated=dated, picture=None, authors=("Anna Nowak",))
    article = make.article(
        session,
        publication_id=publication.id,
        headline=headline,
        dated=dated,
        source=manuscripts.write(text),
    )
    return make.issue(
        session,
        article,
        slug=issues.slugify(headline),
        subject=headline,
        state=IssueState.SENT,
        content_hash="0" * 64,
        published_at=make.NOW,
    )


def _made(session: Session, language: str = "en") -> model.Issue:
    publication = texts(session, language)
    issue = monthlies.make_monthly(session, publication, MONTH, make.NOW, None, LINKS)
    monthly = session.get_one(model.Monthly, issue.id)
    preface = "This month three ports agreed on one pilot watch.\n\nWe look at what it costs."
    first, *others = monthly.texts
    monthlies.arrange(
        session, issue, [*others, first], preface, make.NOW, None, LINKS, base=issue.version
    )
    return issue


def months(session: Session) -> str:
    _made(session)
    return "/desk/issues/monthlies"


def outdated(session: Session) -> str:
    """Have a text leave, one come and one corrected, and somebody write by hand."""
    issue = _made(session)
    publication = session.get_one(model.Publication, issue.publication_id)
    monthly = session.get_one(model.Monthly, issue.id)
    current = issues.revisions.current(session, issue)[0]
    _publish(session, publication, current, "Night Trains to the Coast", MONTH)
    corrected = session.get_one(model.Issue, monthly.texts[0])
    issues.correct(session, corrected, "It was Tuesday.", make.NOW + timedelta(hours=1))
    session.get_one(model.Issue, monthly.texts[1]).state = IssueState.CANCELLED
    by_hand = replace(current, body=f"{current.body}\n\nBy hand.")
    issues.save(session, issue.id, [by_hand], make.NOW, None, base=issue.version)
    return f"/desk/issues/{issue.id}/monthly"


def arranged(session: Session) -> str:
    return f"/desk/issues/{_made(session).id}/monthly"


def sent(session: Session) -> str:
    issue = _sent(session)
    return f"/desk/issues/{issue.id}/monthly"


def page(session: Session) -> str:
    issue = _sent(session, "pl")
    return f"/baltic-monitor/{issue.slug}"


def _sent(session: Session, language: str = "en") -> model.Issue:
    issue = _made(session, language)
    issue.state, issue.content_hash, issue.published_at = IssueState.SENT, "0" * 64, make.NOW
    return issue


SCENES = {
    "arranged": arranged,
    "months": months,
    "outdated": outdated,
    "page": page,
    "sent": sent,
}
