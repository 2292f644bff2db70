"""A look at a template of the desk before it is kept: the mail as it would be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model, rendering
from newsletter.issues import templates
from newsletter.issues.editions import edition, masthead
from newsletter.issues.publications import publications
from newsletter.issues.templates import Place
from newsletter.language import spoken
from newsletter.links import Links
from newsletter.rendering import Piece


@dataclass(frozen=True, slots=True)
class Look:
    """The words of a mail, whose it is, and the issue that it is of, if it is no specimen."""

    words: rendering.Words
    publication: model.Publication
    issue: model.Issue | None


def look(
    session: Session,
    piece: Piece,
    place: Place,
    sources: Mapping[str, str],
    mail: str,
    links: Links,
    now: datetime,
) -> Look | None:
    """Make a mail as it would be with these ``sources``; none while there is no publication.

    An issue is the newest of the publication, any other mail a specimen.
    """
    known = publications(session)
    home = next((each for each in known if place.publication in {None, each.id}), None)
    if home is None:
        return None
    own = templates.trial(session, piece, place, sources)
    newest = _newest_issue(session, home) if mail == "issue" else None
    if newest:
        words = rendering.mail(replace(edition(session, newest, links, now), overrides=own))
        return Look(words, home, newest)
    language = place.language or spoken(home.language)
    words = rendering.specimen(mail, language, masthead(home, links), own)
    return Look(words, home, None)


def _newest_issue(session: Session, publication: model.Publication) -> model.Issue | None:
    issue = model.Issue
    placed = select(model.IssueArticle.issue_id)
    return session.scalars(
        select(issue)
        .where(issue.publication_id == publication.id, issue.id.in_(placed))
        .order_by(issue.id.desc())
        .limit(1)
    ).first()
