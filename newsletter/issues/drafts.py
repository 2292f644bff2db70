"""From articles to approved content: drafting, revising, rendering, approval."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering
from newsletter.errors import Conflict, InvalidIssue, IssueNotEditable, NotFound
from newsletter.issues import revisions
from newsletter.issues.editions import edition, gather
from newsletter.issues.images import note_uses
from newsletter.issues.public import articles_of
from newsletter.issues.publications import slugify
from newsletter.issues.related import find_related
from newsletter.links import Links

_EDITABLE = (model.IssueState.DRAFT, model.IssueState.APPROVED, model.IssueState.SCHEDULED)


def draft(
    session: Session,
    publication: model.Publication,
    articles: Sequence[manuscripts.Article],
    now: datetime,
    editor: model.Editor | None = None,
) -> model.Issue:
    """Make an issue of ``articles``; raise Conflict if its page's address is taken.

    An article without a date gets today's in the publication's zone. A publication that has no
    licence or appeal yet takes over the ones that a manuscript brought.
    """
    first = with_date(articles[0], publication, now)
    slug = slug_of(first)
    taken = holder(session, publication, slug)
    if taken:
        raise Conflict(
            f"Issue {taken.id} of {publication.name} has this date and headline already; to put a"
            f" new text in its place use --replace {taken.id}",
            issue=taken.id,
        )
    issue = model.Issue(
        publication_id=publication.id, slug=slug, subject=first.headline, created_at=now
    )
    session.add(issue)
    session.flush()
    _fill(session, issue, publication, articles, now)
    revisions.keep(session, issue, editor, now)
    return issue


def slug_of(article: manuscripts.Article) -> str:
    """Return what the address of an issue says that begins with ``article``."""
    return f"{article.dated}-{slugify(article.headline)}".rstrip("-")


def holder(session: Session, publication: model.Publication, slug: str) -> model.Issue | None:
    """Return the issue of ``publication`` whose page's address says ``slug``."""
    return session.scalar(
        select(model.Issue).where(
            model.Issue.publication_id == publication.id, model.Issue.slug == slug
        )
    )


def revise(
    session: Session,
    issue: model.Issue,
    articles: Sequence[manuscripts.Article],
    now: datetime,
    editor: model.Editor | None = None,
    *,
    subject: str = "",
    automatic: bool = False,
) -> None:
    """Put new articles into an issue that has not begun to leave; its approval is revoked.

    Without a ``subject`` the first headline is the subject. What stood there before stays as a
    revision; see ``revisions.keep`` for what an ``automatic`` one is.
    """
    if issue.state not in _EDITABLE:
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its text cannot be changed")
    if issue.frequency is not model.Frequency.EACH:
        raise IssueNotEditable(f"Issue {issue.id} is a digest; its text is that of its issues")
    publication = publication_of(session, issue)
    revisions.keep_former(session, issue)
    old = session.scalars(
        select(model.IssueArticle.article_id).where(model.IssueArticle.issue_id == issue.id)
    ).all()
    session.execute(delete(model.IssueArticle).where(model.IssueArticle.issue_id == issue.id))
    session.execute(delete(model.Article).where(model.Article.id.in_(old)))
    revoke(session, issue)
    issue.subject = subject or articles[0].headline
    issue.version += 1
    _fill(session, issue, publication, articles, now)
    revisions.keep(session, issue, editor, now, automatic=automatic)


def reopen(session: Session, issue: model.Issue) -> None:
    """Make an approved or scheduled issue a draft again; raise IssueNotEditable for others."""
    if issue.state not in (model.IssueState.APPROVED, model.IssueState.SCHEDULED):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; it cannot be a draft again")
    revoke(session, issue)


def revoke(session: Session, issue: model.Issue) -> bool:
    """Make a draft of an issue again, without what approval froze; return whether it was one."""
    was_approved = issue.state is not model.IssueState.DRAFT
    session.execute(delete(model.Content).where(model.Content.issue_id == issue.id))
    issue.state = model.IssueState.DRAFT
    issue.content_hash = issue.approved_at = issue.held = issue.related = None
    issue.wall_time = issue.zone = issue.due_at = issue.latest_start = None
    session.flush()
    return was_approved


def _fill(
    session: Session,
    issue: model.Issue,
    publication: model.Publication,
    articles: Sequence[manuscripts.Article],
    now: datetime,
) -> None:
    for position, article in enumerate(articles):
        dated = with_date(article, publication, now)
        _adopt_furniture(session, publication, dated)
        row = model.Article(
            publication_id=publication.id,
            slug=f"{issue.slug}/{position}" if position else issue.slug,
            headline=dated.headline,
            dated=dated.dated or now.date(),
            language=dated.language,
            source=manuscripts.write(dated),
            created_at=now,
            changed_at=now,
        )
        session.add(row)
        session.flush()
        session.add(model.IssueArticle(issue_id=issue.id, position=position, article_id=row.id))
        note_uses(session, row.id, manuscripts.picture_files(dated))
    session.flush()


def with_date(
    article: manuscripts.Article, publication: model.Publication, now: datetime
) -> manuscripts.Article:
    """Return ``article`` with today's date, where the publication is at home, if it has none."""
    if article.dated:
        return article
    return replace(article, dated=now.astimezone(ZoneInfo(publication.zone)).date())


def _adopt_furniture(
    session: Session, publication: model.Publication, article: manuscripts.Article
) -> None:
    if article.licence and publication.licence_id is None:
        licence = model.Licence(
            slug=publication.slug,
            name=article.licence.name,
            text_terms=article.licence.text_terms,
            image_terms=article.licence.image_terms,
            url=article.licence.url,
        )
        session.add(licence)
        session.flush()
        publication.licence_id = licence.id
    if article.appeal and publication.appeal_id is None:
        appeal = model.Appeal(
            slug=publication.slug,
            title=article.appeal.title,
            text=article.appeal.text,
            button=article.appeal.button,
        )
        session.add(appeal)
        session.flush()
        publication.appeal_id = appeal.id


def fetch(session: Session, issue_id: int) -> model.Issue:
    """Return the issue with that number; raise NotFound."""
    found = session.get(model.Issue, issue_id) if issue_id < 2**63 else None  # as databases count
    if found is None:
        raise NotFound(f"There is no issue {issue_id}; newsletter issue list shows them")
    return found


def latest(
    session: Session, publication: model.Publication | None = None, *, limit: int = 50
) -> Sequence[tuple[model.Issue, str]]:
    """List the newest issues in any state, of one publication or all, with its name."""
    query = (
        select(model.Issue, model.Publication.name)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .order_by(model.Issue.id.desc())
        .limit(limit)
    )
    if publication:
        query = query.where(model.Issue.publication_id == publication.id)
    return session.execute(query).all()


def publication_of(session: Session, issue: model.Issue) -> model.Publication:
    """Return the publication that an issue is an edition of."""
    return session.get_one(model.Publication, issue.publication_id)


def words(session: Session, issue: model.Issue, links: Links) -> rendering.Words:
    """Render the issue as it stands: what approval would freeze; a digest is frozen already."""
    if issue.frequency is not model.Frequency.EACH:
        frozen = session.scalars(
            select(model.Content).where(model.Content.issue_id == issue.id)
        ).one()
        return rendering.Words(frozen.subject, frozen.html, frozen.text)
    return rendering.mail(edition(session, issue, links))


def remarks(session: Session, issue: model.Issue, links: Links) -> Sequence[rendering.Remark]:
    """Run the press check on the issue as it stands."""
    gathered = edition(session, issue, links)
    return rendering.press_check(gathered, rendering.mail(gathered))


def approve(session: Session, issue: model.Issue, links: Links, now: datetime) -> None:
    """Freeze the issue's content and bind the approval to its hash.

    Raises IssueNotEditable when the issue is already on its way, InvalidIssue with all that the
    press check finds in the way.
    """
    if issue.state not in (model.IssueState.DRAFT, model.IssueState.APPROVED):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; it cannot be approved again")
    articles = articles_of(session, [issue])
    related = {issue.id: find_related(session, issue, articles[issue.id])}
    (gathered,) = gather(session, [issue], links, articles, related)
    rendered = rendering.mail(gathered)
    blocking = [r.message for r in rendering.press_check(gathered, rendered) if r.blocks]
    if blocking:
        raise InvalidIssue(f"Issue {issue.id} cannot go out yet: " + "; ".join(blocking))
    publication = publication_of(session, issue)
    session.execute(delete(model.Content).where(model.Content.issue_id == issue.id))
    content = model.Content(
        issue_id=issue.id,
        publication_id=publication.id,
        variant="",
        language=gathered.articles[0].language,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        appeal_id=publication.appeal_id if gathered.donate_url else None,
    )
    session.add(content)
    issue.content_hash, issue.related = hash_of([content]), related[issue.id]
    issue.approved_at = now
    issue.state = model.IssueState.APPROVED
    session.flush()


def hash_of(contents: Sequence[model.Content]) -> str:
    """Return the SHA-256, in hexadecimal, of frozen contents; their order does not matter."""
    frozen = sorted((c.variant, c.language, c.subject, c.html, c.text) for c in contents)
    return sha256(json.dumps(frozen, ensure_ascii=True).encode("ascii")).hexdigest()
