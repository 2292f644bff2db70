"""What the public may see, and what it may not."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.errors import NotFound
from newsletter.issues.public import PUBLIC
from newsletter.links import DonateTag
from newsletter.model import IssueState

HIDDEN = [state for state in IssueState if state not in PUBLIC]


def published(session: Session, publication: model.Publication, day: int) -> model.Issue:
    return issue_in(session, publication, IssueState.SENT, dated=date(2026, 11, day))


def issue_in(
    session: Session, publication: model.Publication, state: IssueState, **columns: Any
) -> model.Issue:
    article = make.article(session, publication_id=publication.id, **columns)
    return make.issue(session, article, slug=article.slug, state=state, content_hash="hash")


def slugs(session: Session, publication: model.Publication, **place: Any) -> list[str]:
    return [listed.slug for listed in issues.archive(session, publication, **place)]


def test_the_archive_shows_the_newest_first(session: Session) -> None:
    publication = make.publication(session)
    older, newer, newest = (published(session, publication, day) for day in (3, 20, 20))
    published(session, make.publication(session), 21)
    assert slugs(session, publication) == [newest.slug, newer.slug, older.slug]


def test_a_line_of_the_archive_says_what_the_article_says(session: Session) -> None:
    publication = make.publication(session)
    source = "---\nheadline: Lód na kanale\nlead: Krótki rok.\n---\n\nŚluzy zamknięto.\n"
    made = issue_in(session, publication, IssueState.SENT, source=source)
    (listed,) = issues.archive(session, publication)
    assert (listed.slug, listed.headline, listed.lead) == (
        made.slug,
        "Lód na kanale",
        "Krótki rok.",
    )
    assert listed.dated == date(2026, 11, 23)


def test_pages_of_the_archive_follow_on_each_other(session: Session) -> None:
    publication = make.publication(session)
    made = [published(session, publication, day) for day in (1, 2, 2, 2, 3)]
    pages: list[str] = []
    cursor = ""
    while page := issues.archive(session, publication, before=cursor, limit=2):
        pages += [listed.slug for listed in page]
        cursor = page[-1].cursor
    assert pages == [issue.slug for issue in reversed(made)]


def test_a_new_issue_moves_nobody_to_another_page(session: Session) -> None:
    publication = make.publication(session)
    first, _ = published(session, publication, 1), published(session, publication, 2)
    (listed,) = issues.archive(session, publication, limit=1)
    published(session, publication, 3)
    assert slugs(session, publication, before=listed.cursor) == [first.slug]


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "2026-11-23", "2026-11-23.", ".7", "2026-11-23.x", "2026-02-30.1", "2026-11-23.-1"),
        *("2026-11-23.1 ", "2026-11-23.٣", "2026-11-23.1.1", "20261123.1", "'; drop table issues"),
        "2026-11-23." + "9" * 19,
        "2026-11-23." + "9" * 5000,
    ],
)
def test_a_cursor_that_nobody_made_leads_nowhere(session: Session, cursor: str) -> None:
    with pytest.raises(NotFound):
        issues.archive(session, make.publication(session), before=cursor)


def test_a_cursor_of_no_issue_still_has_its_place(session: Session) -> None:
    publication = make.publication(session)
    issue = published(session, publication, 23)
    assert slugs(session, publication, before="2026-11-24.1") == [issue.slug]
    assert slugs(session, publication, before="2026-11-23." + "9" * 18) == [issue.slug]
    assert slugs(session, publication, before="2026-11-22.1") == []


@pytest.mark.parametrize("state", HIDDEN)
def test_what_is_not_published_is_not_public(session: Session, state: IssueState) -> None:
    publication = make.publication(session)
    issue = issue_in(session, publication, state)
    assert issues.archive(session, publication) == []
    assert issues.front_page(session) == [(publication, None)]
    with pytest.raises(NotFound):
        issues.fetch_published(session, publication, issue.slug)


@pytest.mark.parametrize("state", PUBLIC)
def test_an_issue_is_public_as_soon_as_it_leaves(session: Session, state: IssueState) -> None:
    publication = make.publication(session)
    issue = issue_in(session, publication, state)
    assert slugs(session, publication) == [issue.slug]
    assert issues.fetch_published(session, publication, issue.slug) is issue


def test_an_issue_is_found_in_its_own_publication_only(session: Session) -> None:
    issue = published(session, make.publication(session), 23)
    with pytest.raises(NotFound):
        issues.fetch_published(session, make.publication(session), issue.slug)


def test_the_front_page_shows_every_publication_with_its_latest_issue(session: Session) -> None:
    second = make.publication(session, name="Second")
    first = make.publication(session, name="First")
    published(session, second, 1)
    latest = published(session, second, 2)
    (one, nothing), (two, listed) = issues.front_page(session)
    assert (one, nothing, two) == (first, None, second)
    assert listed
    assert listed.slug == latest.slug


def test_an_image_is_found_by_its_name(session: Session) -> None:
    image = make.image(session, name="lock.png")
    assert issues.fetch_image(session, "lock.png") is image
    with pytest.raises(NotFound):
        issues.fetch_image(session, "gone.png")


@pytest.mark.parametrize(
    ("own", "general", "target"),
    [
        ("https://example.org/own", "https://example.org/all", "https://example.org/own"),
        ("https://example.org/own", "", "https://example.org/own"),
        ("", "https://example.org/all", "https://example.org/all"),
    ],
)
def test_a_gift_goes_to_the_appeal_or_else_to_the_publication(
    session: Session, own: str, general: str, target: str
) -> None:
    publication = make.publication(session, donate_url=general)
    appeal = make.appeal(session, destination=own)
    assert issues.donation_target(session, publication, DonateTag(1, appeal.id)) == target


def test_a_gift_without_an_appeal_goes_to_the_publication(session: Session) -> None:
    publication = make.publication(session, donate_url="https://example.org/all")
    for nobody in (0, 999):
        tag = DonateTag(1, nobody)
        assert issues.donation_target(session, publication, tag) == "https://example.org/all"


@pytest.mark.parametrize("target", ["", "http://example.org/", "javascript:alert(1)", "//evil"])
def test_a_gift_goes_nowhere_but_to_an_encrypted_place(session: Session, target: str) -> None:
    publication = make.publication(session, donate_url=target)
    with pytest.raises(NotFound):
        issues.donation_target(session, publication, DonateTag(1, 0))
