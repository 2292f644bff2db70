"""From articles to approved content: drafting, revising, rendering, approval."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from newsletter import feedback, manuscripts, model, rendering, support
from newsletter.errors import Conflict, InvalidIssue, IssueNotEditable, NotFound
from newsletter.issues import revisions
from newsletter.issues.appeals import MAIN
from newsletter.issues.editions import edition, gather
from newsletter.issues.furniture import licences_named
from newsletter.issues.history import note_step
from newsletter.issues.images import note_uses
from newsletter.issues.public import articles_of
from newsletter.issues.publications import slugify
from newsletter.issues.related import find_related
from newsletter.issues.variants import Kind, find_named, main_of, variants
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
    articles, licence_id = with_terms(session, articles, None)
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
        publication_id=publication.id,
        slug=slug,
        subject=first.headline,
        created_at=now,
        licence_id=licence_id,
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
    lock(session, issue)
    if issue.state not in _EDITABLE:
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its text cannot be changed")
    if issue.frequency is not model.Frequency.EACH:
        raise IssueNotEditable(f"Issue {issue.id} is a digest; its text is that of its issues")
    articles, issue.licence_id = with_terms(session, articles, issue.licence_id)
    publication = publication_of(session, issue)
    revisions.keep_former(session, issue)
    old = session.scalars(
        select(model.IssueArticle.article_id).where(model.IssueArticle.issue_id == issue.id)
    ).all()
    session.execute(delete(model.IssueArticle).where(model.IssueArticle.issue_id == issue.id))
    session.execute(delete(model.Article).where(model.Article.id.in_(old)))
    if revoke(session, issue):
        note_step(session, issue, model.StepKind.REVOKED, now, editor)
    issue.subject = subject or articles[0].headline
    issue.version += 1
    _fill(session, issue, publication, articles, now)
    revisions.keep(session, issue, editor, now, automatic=automatic)


def reopen(
    session: Session, issue: model.Issue, now: datetime, editor: model.Editor | None = None
) -> None:
    """Make an approved or scheduled issue a draft again; raise IssueNotEditable for others."""
    lock(session, issue)
    if issue.state not in (model.IssueState.APPROVED, model.IssueState.SCHEDULED):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; it cannot be a draft again")
    if issue.frequency is not model.Frequency.EACH:
        raise IssueNotEditable(f"Issue {issue.id} is a digest; its text is that of its issues")
    revoke(session, issue)
    note_step(session, issue, model.StepKind.REVOKED, now, editor)


def revoke(session: Session, issue: model.Issue) -> bool:
    """Make a draft of an issue again, without what approval froze; return whether it was one."""
    was_approved = issue.state is not model.IssueState.DRAFT
    session.execute(delete(model.Content).where(model.Content.issue_id == issue.id))
    issue.state = model.IssueState.DRAFT
    issue.content_hash = issue.approved_at = issue.held = issue.related = None
    issue.wall_time = issue.zone = issue.due_at = issue.latest_start = None
    session.flush()
    return was_approved


def lock(session: Session, issue: model.Issue) -> None:
    """Wait for whoever is changing ``issue``, and see it as they leave it."""
    session.flush()
    session.refresh(issue, with_for_update=True)


def _fill(
    session: Session,
    issue: model.Issue,
    publication: model.Publication,
    articles: Sequence[manuscripts.Article],
    now: datetime,
) -> None:
    own = licences_named(session, (article.terms for article in articles))
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
            licence_id=own[dated.terms].id if dated.terms in own else None,
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


def with_terms(
    session: Session, articles: Sequence[manuscripts.Article], licence_id: int | None
) -> tuple[Sequence[manuscripts.Article], int | None]:
    """Return ``articles`` and the number of the issue's licence as they are kept.

    Where there is one article alone, what it has as its own licence is the issue's.
    """
    only = articles[0] if len(articles) == 1 else None
    own = licences_named(session, [only.terms]) if only else {}
    if only and only.terms in own:
        return [replace(only, terms="")], own[only.terms].id
    return articles, licence_id


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
    if article.appeal:
        support.adopt_appeal(session, publication, article.appeal)


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


def has_text(session: Session, issue: model.Issue) -> bool:
    """Tell whether an issue has anything to show: an article, or what a digest gathered."""
    placed = select(model.IssueArticle.position).where(model.IssueArticle.issue_id == issue.id)
    return (
        issue.frequency is not model.Frequency.EACH or session.scalar(placed.limit(1)) is not None
    )


def words(
    session: Session,
    issue: model.Issue,
    links: Links,
    now: datetime,
    subject: str = MAIN,
    saying: int | None = None,
) -> rendering.Words:
    """Return the words of the issue's mail: the frozen ones, or what approval would freeze now.

    ``subject`` is one of ``subjects_of``; ``saying`` a variant of its appeal by number, or 0 for
    the mail of whoever is not asked. What the issue does not have is its own words.
    """
    contents = session.scalars(
        select(model.Content).where(model.Content.issue_id == issue.id)
    ).all()
    if contents and issue.content_hash:
        named = {each.variant: each for each in contents}
        names = {name: each.appeal_variant_id or 0 for name, each in named.items()}
        frozen = named.get(find_named(names, subject, saying)) or main_of(contents)
        return rendering.Words(frozen.subject, frozen.html, frozen.text)
    main = edition(session, issue, links, now)
    kinds = {each.name: each for each in variants(session, issue, main, links, now)}
    found = find_named({each.name: each.saying for each in kinds.values()}, subject, saying)
    return rendering.mail(kinds[found].edition)


def mails(
    session: Session, issue: model.Issue, links: Links, now: datetime
) -> Mapping[str, tuple[int, rendering.Words]]:
    """Return all mails of an issue by the names of their variants, as ``words`` returns one.

    Each with the number of the appeal's variant in it, or 0; the issue's own words come first.
    """
    contents = session.scalars(
        select(model.Content).where(model.Content.issue_id == issue.id).order_by(model.Content.id)
    ).all()
    if contents and issue.content_hash:
        return {
            each.variant: (
                each.appeal_variant_id or 0,
                rendering.Words(each.subject, each.html, each.text),
            )
            for each in contents
        }
    main = edition(session, issue, links, now)
    return {
        each.name: (each.saying, rendering.mail(each.edition))
        for each in variants(session, issue, main, links, now)
    }


def sayings_in(session: Session, issue: model.Issue, links: Links, now: datetime) -> Sequence[int]:
    """List which variants of its appeal the mails of an issue have, the first first; 0 is none."""
    row = model.Content
    frozen = session.execute(
        select(row.appeal_variant_id).where(row.issue_id == issue.id).order_by(row.id)
    )
    found = [number or 0 for (number,) in frozen] if issue.content_hash else []
    if not found:
        main = edition(session, issue, links, now)
        found = [each.saying for each in variants(session, issue, main, links, now)]
    return [*dict.fromkeys(found)]


@dataclass(frozen=True, slots=True)
class Proof:
    """The mail of an issue as approval would freeze it: what an approver reads and agrees to.

    ``contents``, one for each variant and the issue's own first, are in no database yet;
    ``content_hash`` is the hash of them all, and ``targets`` are the addresses for which counted
    ones stand in them.
    """

    contents: Sequence[model.Content]
    content_hash: str
    remarks: Sequence[rendering.Remark]
    related: Sequence[int]
    targets: Sequence[str]

    @property
    def content(self) -> model.Content:
        """Return the issue's own words."""
        return self.contents[0]

    @property
    def blocking(self) -> Sequence[rendering.Remark]:
        """Return what has to be mended before anybody may approve."""
        return [remark for remark in self.remarks if remark.blocks]


def proof(
    session: Session, issue: model.Issue, links: Links, now: datetime, *, language: str = "en"
) -> Proof:
    """Render a draft with all that it points to, and check it; remarks are in ``language``.

    Raises InvalidIssue where there is no text yet.
    """
    articles = articles_of(session, [issue])
    if not articles[issue.id]:
        raise InvalidIssue(f"Issue {issue.id} has no text yet")
    related = {issue.id: find_related(session, issue, articles[issue.id])}
    (gathered,) = gather(session, [issue], links, now, articles, related)
    publication = publication_of(session, issue)
    contents: list[model.Content] = []
    remarks: dict[rendering.Remark, None] = {}
    targets: dict[str, None] = {}
    for kind in variants(session, issue, gathered, links, now):
        rendered = rendering.mail(kind.edition)
        contents.append(
            model.Content(
                issue_id=issue.id,
                publication_id=publication.id,
                variant=kind.name,
                language=gathered.articles[0].language,
                subject=rendered.subject,
                html=rendered.html,
                text=rendered.text,
                appeal_id=kind.appeal or None,
                appeal_variant_id=kind.saying or None,
            )
        )
        remarks |= dict.fromkeys(_remarks(kind, gathered, rendered, language, now.date()))
        targets |= dict.fromkeys(rendered.targets)
    return Proof(contents, hash_of(contents), [*remarks], related[issue.id], [*targets])


def _remarks(
    kind: Kind, main: rendering.Edition, mail: rendering.Words, language: str, today: date
) -> Sequence[rendering.Remark]:
    """Check a mail; that whoever is not asked has no appeal is no lack of it."""
    found = rendering.press_check(kind.edition, mail, language, today)
    is_meant = main.appeal and not kind.edition.appeal
    return [each for each in found if not (is_meant and each.slug == "no-appeal")]


def freeze(session: Session, issue: model.Issue, proven: Proof, now: datetime) -> None:
    """Freeze the content that was proven, and bind the approval to its hash.

    Raises InvalidIssue with all that the press check finds in the way.
    """
    if proven.blocking:
        found = "; ".join(remark.message for remark in proven.blocking)
        raise InvalidIssue(f"Issue {issue.id} cannot go out yet: {found}")
    session.execute(delete(model.Content).where(model.Content.issue_id == issue.id))
    session.add_all(proven.contents)
    feedback.freeze_targets(session, issue.id, proven.targets)
    issue.content_hash, issue.related = proven.content_hash, list(proven.related)
    issue.approved_at, issue.submitted_at = now, None
    issue.state = model.IssueState.APPROVED
    session.flush()


def hash_of(contents: Sequence[model.Content]) -> str:
    """Return the SHA-256, in hexadecimal, of frozen contents; their order does not matter."""
    frozen = sorted((c.variant, c.language, c.subject, c.html, c.text) for c in contents)
    return sha256(json.dumps(frozen, ensure_ascii=True).encode("ascii")).hexdigest()
