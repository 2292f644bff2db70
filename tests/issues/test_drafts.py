"""From articles to approved content: drafts, their pictures, what they show, what is frozen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model
from newsletter.errors import Conflict, InvalidIssue, IssueNotEditable, NotFound
from newsletter.issues.drafts import hash_of
from newsletter.links import Links
from newsletter.manuscripts import Appeal, Article, Licence, Picture
from newsletter.model import IssueState
from newsletter.rendering import Shown

LINKS = Links("https://news.example.org", SECRET_KEY)
LICENCE = Licence("Free to republish with credit.", "Images are not included.", "https://a.example")
APPEAL = Appeal("Support us", "We live on gifts.", "Donate")


def article(**values: Any) -> Article:
    plain = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))
    return replace(plain, **values)


def draft(session: Session, *articles: Article, **columns: Any) -> model.Issue:
    """Draft an issue that may be approved, in a publication of its own."""
    columns.setdefault("licence_id", make.licence(session).id)
    publication = make.publication(session, **columns)
    return issues.draft(session, publication, articles or (article(),), NOW)


def frozen(session: Session, issue: model.Issue) -> list[model.Content]:
    query = select(model.Content).where(model.Content.issue_id == issue.id)
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("headline", "slug"),
    [
        ("Ice on the canal", "2026-11-20-ice-on-the-canal"),
        ("Zażółć gęślą jaźń: Łódź!", "2026-11-20-zazolc-gesla-jazn-lodz"),
        ("Новини", "2026-11-20"),
    ],
)
def test_the_address_of_an_issue_is_its_date_and_headline(
    session: Session, headline: str, slug: str
) -> None:
    issue = draft(session, article(headline=headline))
    assert (issue.slug, issue.subject, issue.state) == (slug, headline, IssueState.DRAFT)


def test_an_article_without_a_date_has_todays_where_the_publication_is(session: Session) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    for zone, day in (("Europe/Warsaw", "2026-11-24"), ("UTC", "2026-11-23")):
        publication = make.publication(session, zone=zone)
        issue = issues.draft(session, publication, [article(dated=None)], late)
        assert issue.slug == f"{day}-ice-on-the-canal"
        (shown,) = issues.edition(session, issue, LINKS, NOW).articles
        assert str(shown.dated) == day


def test_the_same_date_and_headline_is_a_conflict_that_says_what_to_do(session: Session) -> None:
    issue = draft(session)
    publication = issues.publication_of(session, issue)
    with pytest.raises(Conflict, match=rf"use --replace {issue.id}$"):
        issues.draft(session, publication, [article(headline="ICE on the canal!")], NOW)
    issues.draft(session, publication, [article(dated=date(2026, 11, 21))], NOW)
    issues.draft(session, make.publication(session), [article()], NOW)


def test_the_first_licence_and_appeal_are_taken_over_and_no_later_ones(session: Session) -> None:
    publication = make.publication(session, donate_url="https://example.org/donate")
    issues.draft(session, publication, [article()], NOW)
    assert publication.licence_id is None
    assert session.scalars(select(model.Appeal)).all() == []
    first = article(headline="First", licence=LICENCE, appeal=APPEAL)
    other = article(headline="Second", licence=Licence("None"), appeal=Appeal("No", "No", "No"))
    for each in (first, other):
        issue = issues.draft(session, publication, [each], NOW)
        shown = issues.edition(session, issue, LINKS, NOW)
        assert (shown.licence, shown.appeal) == (LICENCE, APPEAL)


def test_several_articles_keep_their_order(session: Session) -> None:
    issue = draft(session, article(), article(headline="Second"), article(headline="Third"))
    shown = issues.edition(session, issue, LINKS, NOW)
    assert [each.headline for each in shown.articles] == ["Ice on the canal", "Second", "Third"]
    assert shown.subject == "Ice on the canal"


def test_an_edition_gathers_all_that_is_shown(session: Session) -> None:
    image = make.image(session, name="lock.png", width=30, height=20, permission="own")
    text = article(picture=Picture("Us", image.name, "A lock"), body="![](gone.png)\n\nText.")
    appeal = make.appeal(session, destination="", title="Support us")
    columns = {"slug": "canals", "appeal_id": appeal.id, "donate_url": "https://example.org/give"}
    issue = draft(session, text, **columns, postal_address="Here", accent="#123456")
    shown = issues.edition(session, issue, LINKS, NOW)
    assert shown.articles == (text,)
    assert (shown.masthead.url, shown.masthead.accent, shown.masthead.postal_address) == (
        *("https://news.example.org/canals/", "#123456"),
        "Here",
    )
    assert shown.url == f"https://news.example.org/canals/{issue.slug}"
    assert shown.masthead.author == issues.publication_of(session, issue).author_name
    lock = Shown("https://news.example.org/image/lock.png", 30, 20, "own")
    assert shown.images == {"lock.png": lock}
    assert shown.licence == Licence(
        "This text may be republished with credit to the institute and a link.",
        "Images are not included.",
        "https://example.org/licence",
        "Free to republish",
    )
    assert shown.appeal
    assert shown.appeal.title == "Support us"
    tag = shown.donate_url.removeprefix("https://news.example.org/donate/canals/")
    read = LINKS.read_donate(tag)
    assert (read.issue, read.appeal) == (issue.id, appeal.id)


@pytest.mark.parametrize(
    ("general", "own", "is_there"),
    [("", "", False), ("https://a.example", "", True), ("", "https://a.example", True)],
)
def test_a_donate_link_needs_a_place_to_give_to(
    session: Session, general: str, own: str, is_there: bool
) -> None:
    appeal = make.appeal(session, destination=own)
    issue = draft(session, donate_url=general, appeal_id=appeal.id)
    assert bool(issues.edition(session, issue, LINKS, NOW).donate_url) is is_there


def test_without_an_appeal_there_is_no_donate_link(session: Session) -> None:
    issue = draft(session, donate_url="https://a.example")
    assert issues.edition(session, issue, LINKS, NOW).donate_url == ""


def test_what_is_approved_is_what_was_shown(session: Session) -> None:
    issue = draft(session, article(body="Text.\n\n- one\n- two"))
    shown = issues.words(session, issue, LINKS, NOW)
    issues.approve(session, issue, LINKS, NOW)
    (content,) = frozen(session, issue)
    assert (content.subject, content.html, content.text) == (shown.subject, shown.html, shown.text)
    assert issues.words(session, issue, LINKS, NOW) == shown


def test_approval_is_bound_to_the_content(session: Session) -> None:
    issue = draft(session)
    issues.approve(session, issue, LINKS, NOW)
    session.expire_all()
    (content,) = frozen(session, issue)
    assert (issue.state, issue.approved_at) == (IssueState.APPROVED, NOW)
    assert issue.content_hash == hash_of([content])
    content.text += "!"
    assert issue.content_hash != hash_of([content])


def test_approving_again_freezes_anew(session: Session) -> None:
    issue = draft(session)
    issues.approve(session, issue, LINKS, NOW)
    first = issue.content_hash
    issues.publication_of(session, issue).postal_address = "Elsewhere"
    issues.approve(session, issue, LINKS, NOW)
    assert issue.content_hash != first
    assert len(frozen(session, issue)) == 1


def test_the_content_knows_its_appeal_where_one_is_shown(session: Session) -> None:
    for place in ("https://a.example", ""):
        appeal = make.appeal(session, destination=place)
        issue = draft(session, appeal_id=appeal.id)
        issues.approve(session, issue, LINKS, NOW)
        assert frozen(session, issue)[0].appeal_id == (appeal.id if place else None)


def test_what_blocks_is_listed_and_nothing_is_approved(session: Session) -> None:
    image = make.image(session)
    issue = draft(session, article(picture=Picture("", image.name, "")), licence_id=None)
    blocking = [r.message for r in issues.remarks(session, issue, LINKS, NOW) if r.blocks]
    assert len(blocking) == 3
    with pytest.raises(InvalidIssue) as refusal:
        issues.approve(session, issue, LINKS, NOW)
    listed = "; ".join(blocking)
    assert refusal.value.message == f"Issue {issue.id} cannot go out yet: {listed}"
    assert (issue.state, issue.content_hash) == (IssueState.DRAFT, None)
    assert frozen(session, issue) == []


def test_a_revision_revokes_the_approval_and_takes_the_frozen_content_away(
    session: Session,
) -> None:
    issue = draft(session)
    slug = issue.slug
    issues.approve(session, issue, LINKS, NOW)
    wall_time = datetime(2026, 11, 24, 8, 0)  # noqa: DTZ001 - wall time has no zone of its own
    issues.schedule(session, issue, wall_time, "Europe/Warsaw", NOW)
    issues.revise(session, issue, [article(headline="Thaw"), article(headline="Flood")], NOW)
    session.flush()
    session.expire_all()
    assert (issue.state, issue.subject, issue.slug) == (IssueState.DRAFT, "Thaw", slug)
    assert (issue.content_hash, issue.approved_at, issue.due_at) == (None, None, None)
    assert frozen(session, issue) == []
    shown = issues.edition(session, issue, LINKS, NOW)
    assert [each.headline for each in shown.articles] == ["Thaw", "Flood"]
    assert len(session.scalars(select(model.Article)).all()) == 2


def test_the_same_text_again_still_revokes(session: Session) -> None:
    issue = draft(session)
    issues.approve(session, issue, LINKS, NOW)
    issues.revise(session, issue, [article()], NOW)
    assert (issue.state, issue.content_hash) == (IssueState.DRAFT, None)


@pytest.mark.parametrize(
    "state",
    [IssueState.SENDING, IssueState.PAUSED, IssueState.SENT, IssueState.CANCELLED],
)
@pytest.mark.parametrize(
    "edit",
    [
        lambda session, issue: issues.revise(session, issue, [article(headline="Thaw")], NOW),
        lambda session, issue: issues.approve(session, issue, LINKS, NOW),
    ],
)
def test_what_is_on_its_way_cannot_be_changed(
    session: Session, state: IssueState, edit: Callable[[Session, model.Issue], None]
) -> None:
    issue = draft(session)
    issue.state, issue.content_hash = state, "hash"
    session.flush()
    with pytest.raises(IssueNotEditable, match=f"Issue {issue.id} is {state}"):
        edit(session, issue)
    assert (issue.subject, issue.content_hash) == ("Ice on the canal", "hash")


def test_a_scheduled_issue_is_not_approved_over_again(session: Session) -> None:
    issue = draft(session)
    issue.state, issue.content_hash = IssueState.SCHEDULED, "hash"
    with pytest.raises(IssueNotEditable, match="cannot be approved again"):
        issues.approve(session, issue, LINKS, NOW)


def test_issues_are_listed_newest_first_in_any_state(session: Session) -> None:
    one, other = draft(session, name="Canals"), draft(session, name="Rivers")
    assert [(issue.id, name) for issue, name in issues.latest(session)] == [
        (other.id, "Rivers"),
        (one.id, "Canals"),
    ]
    publication = issues.publication_of(session, one)
    assert [issue for issue, _ in issues.latest(session, publication)] == [one]


@pytest.mark.parametrize("number", [0, -1, 7, 10**30])
def test_an_issue_that_is_not_there_is_not_found(session: Session, number: int) -> None:
    with pytest.raises(NotFound, match=f"There is no issue {number}; newsletter issue list"):
        issues.fetch(session, number)
