"""Corrections: what was wrong in a text that readers have, said once, shown wherever it is read.

The text itself stays as it was sent. A correction may be mailed to those who received the text: as
an issue of its own, which is checked and approved like any other.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.deliveries.audience import Rule
from newsletter.errors import Conflict, Invalid
from newsletter.issues.audience import choose_audience
from newsletter.issues.drafts import draft, publication_of
from newsletter.issues.public import is_readable
from newsletter.language import translations
from newsletter.links import Links
from newsletter.manuscripts import commonmark

LONGEST_ERRATUM = 2_000
"""Characters of a correction."""


def correct(session: Session, issue: model.Issue, text: str, now: datetime) -> model.Erratum:
    """Say what was wrong in a public issue; raise Conflict if it is not public, Invalid."""
    text = text.strip()
    if not is_readable(issue):
        raise Conflict("Only a text that readers have is corrected; change this one instead")
    if not text:
        raise Invalid("The correction is missing")
    if len(text) > LONGEST_ERRATUM:
        raise Invalid(f"The correction is longer than {LONGEST_ERRATUM} characters")
    erratum = model.Erratum(issue_id=issue.id, at=now, text=text)
    session.add(erratum)
    issue.corrected_at = now
    session.flush()
    return erratum


def tell_readers(
    session: Session,
    erratum: model.Erratum,
    links: Links,
    now: datetime,
    editor: model.Editor | None = None,
) -> model.Issue:
    """Draft the issue that tells those of a correction who received the text, and no others.

    Raises Conflict when there is one already.
    """
    issue = session.get_one(model.Issue, erratum.issue_id)
    if erratum.told_by_id:
        raise Conflict(f"Issue {erratum.told_by_id} tells of this correction already")
    publication = publication_of(session, issue)
    _ = translations(publication.language).gettext
    address = links.issue(publication.slug, issue.slug)
    link = f"[{commonmark.words(issue.subject)}](<{address}>)"
    passages = (" ".join(each.split()) for each in erratum.text.split("\n\n"))
    paragraphs = [commonmark.paragraph(each) for each in passages if each]
    article = manuscripts.Article(
        headline=_("Correction: %(headline)s") % {"headline": issue.subject},
        body="\n\n".join([*paragraphs, _("The text is here: %(link)s") % {"link": link}]),
        kicker=publication.kicker,
        lead=_("You received this text from us, and we have to correct it."),
        language=publication.language,
    )
    telling = draft(session, publication, [article], now, editor)
    choose_audience(session, telling, rule=Rule(received=issue.id))
    erratum.told_by_id = telling.id
    session.flush()
    return telling
