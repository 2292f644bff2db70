"""The approval of an issue: a draft, one that awaits it, one's own, blocked, approved, sent."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.links import Links
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState, Role

LINKS = Links("https://news.example.org", make.SECRET_KEY)
BODY = """The port of Tallinn has not ordered an icebreaker for the coming season. It is the first
time since the yard began to keep records, in 1932.

## What it means for shippers

Insurers have begun to ask for a second opinion. *“Nobody wants to be the last to believe in ice,”*
said one underwriter, who did not want to be named.

- Freight rates fall by a tenth.
- Pilots are booked until March.
"""


def draft(session: Session) -> str:
    return _path(_draft(session))


def new(session: Session) -> str:
    monitor = make.publication(session, name="Baltic Monitor")
    return _path(make.issue(session, subject="", publication_id=monitor.id))


def awaiting(session: Session) -> str:
    return _path(_submitted(session))


def own(session: Session) -> str:
    """Make one that awaits approval, and that its reader wrote, where it takes four eyes."""
    issue = _draft(session, editor=_owner(session))
    issues.publication_of(session, issue).four_eyes = True
    issues.submit(session, issue, make.NOW, _owner(session))
    return _path(issue)


def blocked(session: Session) -> str:
    picture = make.image(session, credit="")
    issue = _draft(session, picture=Picture("", picture.name, ""))
    issues.submit(session, issue, make.NOW, _writer(session))
    return _path(issue)


def approved(session: Session) -> str:
    return _path(_approved(session))


def sent(session: Session) -> str:
    issue = _approved(session)
    issue.state, issue.published_at = IssueState.SENT, make.NOW
    return _path(issue)


def _draft(
    session: Session, editor: model.Editor | None = None, picture: Picture | None = None
) -> model.Issue:
    licence = make.licence(session)
    monitor = make.publication(session, name="Baltic Monitor", licence_id=licence.id)
    written = Article(
        "Harbours Prepare for a Winter Without Ice",
        BODY,
        dated=date(2026, 11, 23),
        lead="For the first time in a century the ports plan without icebreakers.",
        picture=picture,
    )
    begun = make.NOW - timedelta(hours=3)
    return issues.draft(session, monitor, [written], begun, editor or _writer(session))


def _submitted(session: Session) -> model.Issue:
    """Make one that went to and fro."""
    issue, writer, owner = _draft(session), _writer(session), _owner(session)
    minutes = iter(make.NOW - timedelta(minutes=each) for each in range(90, 0, -10))
    issues.submit(session, issue, next(minutes), writer, words="Please before noon.")
    why = "The second paragraph names no source.\nAnd is 1932 right?"
    issues.send_back(session, issue, why, next(minutes), owner)
    issues.comment(session, issue, "It is: see the yearbook of the port.", next(minutes), writer)
    issues.submit(session, issue, next(minutes), writer)
    return issue


def _approved(session: Session) -> model.Issue:
    issue = _submitted(session)
    issues.approve(session, issue, LINKS, make.NOW, editor=_owner(session))
    return issue


def _writer(session: Session) -> model.Editor:
    found = session.scalar(select(model.Editor).where(model.Editor.role == Role.WRITER))
    return found or make.editor(session, name="Anna Writer", role=Role.WRITER)


def _owner(session: Session) -> model.Editor:
    return session.scalars(select(model.Editor).where(model.Editor.role == Role.OWNER)).one()


def _path(issue: model.Issue) -> str:
    return f"/desk/issues/{issue.id}/approval"


SCENES = {
    "draft": draft,
    "new": new,
    "awaiting": awaiting,
    "own": own,
    "blocked": blocked,
    "approved": approved,
    "sent": sent,
}
