"""Writing at the desk: a draft is saved by whoever began from what stands there, and by no other.

The number of the version is the lock: a save names the version that it began from. When somebody
else has saved meanwhile, nothing is written.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.errors import IssueNotEditable, NotFound, Outdated
from newsletter.issues import revisions
from newsletter.issues.drafts import holder, publication_of, revise, slug_of, with_date, with_terms


def save(
    session: Session,
    issue_id: int,
    articles: Sequence[manuscripts.Article],
    now: datetime,
    editor: model.Editor | None,
    *,
    base: int,
    subject: str = "",
    licence_id: int | None = None,
    automatic: bool = False,
) -> model.Issue:
    """Put ``articles`` into a draft that still is at version ``base``.

    Without a ``subject`` the first headline is the subject, without a ``licence_id`` the licence is
    the publication's. An article that has a licence of its own keeps it beside others, and hands it
    to the issue when it is the only one.
    The same text again changes nothing, whichever the version. Raises Outdated when somebody else
    has saved another text since ``base``, IssueNotEditable when the issue is no draft (any more).
    """
    issue = _locked(session, issue_id)
    if not is_open(issue):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its text cannot be changed")
    publication = publication_of(session, issue)
    articles, licence_id = with_terms(session, articles, licence_id)
    dated = [with_date(article, publication, now) for article in articles]
    written = [manuscripts.write(article) for article in dated]
    if (
        written == list(revisions.sources(session, issue))
        and (subject or dated[0].headline) == issue.subject
        and licence_id == issue.licence_id
    ):
        if not automatic:
            revisions.confirm(session, issue)
        return issue
    if issue.version != base:
        raise Outdated
    issue.licence_id = licence_id
    slug = slug_of(dated[0])
    if not holder(session, publication, slug):
        issue.slug = slug
    revise(session, issue, dated, now, editor, subject=subject, automatic=automatic)
    return issue


def bring_back(
    session: Session,
    issue_id: int,
    number: int,
    now: datetime,
    editor: model.Editor | None,
    *,
    base: int,
) -> model.Issue:
    """Make the text of revision ``number`` the newest; raises as ``save`` does, and NotFound."""
    issue = _locked(session, issue_id)
    old = revisions.fetch(session, issue, number)
    articles = revisions.articles_in(old)
    if not articles:
        raise NotFound
    own = old.subject if old.subject != articles[0].headline else ""
    return save(
        *(session, issue_id, articles, now, editor),
        base=base,
        subject=own,
        licence_id=issue.licence_id,
    )


def is_open(issue: model.Issue) -> bool:
    """Tell whether the text of ``issue`` may be changed at the desk: it is a draft, no digest."""
    is_edition = issue.frequency is model.Frequency.EACH
    return issue.state is model.IssueState.DRAFT and is_edition


def _locked(session: Session, issue_id: int) -> model.Issue:
    """Fetch an issue and let nobody else save it before this transaction ends."""
    found = None
    if issue_id < 2**63:  # as databases count
        found = session.scalars(
            select(model.Issue)
            .where(model.Issue.id == issue_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
    if found is None:
        raise NotFound
    return found
