"""Writing at the desk: versions that nobody overwrites unseen, and the revisions they leave."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import issues, model
from newsletter.database import Database
from newsletter.errors import IssueNotEditable, NotFound, Outdated
from newsletter.issues import revisions
from newsletter.links import Links
from newsletter.manuscripts import Appeal, Article, Licence
from newsletter.model import Frequency, IssueState

ICE = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))
LINKS = Links("https://news.example.org", make.SECRET_KEY)


def named(session: Session, name: str) -> model.Editor:
    """Return the editor of that name."""
    known = session.scalar(select(model.Editor).where(model.Editor.name == name))
    return known or make.editor(session, name=name)


def begun(session: Session, *articles: Article) -> model.Issue:
    return issues.draft(
        session, make.publication(session), articles or (ICE,), NOW, named(session, "Jan")
    )


def save(
    session: Session,
    issue: model.Issue,
    body: str,
    base: int,
    now: datetime = NOW,
    by: str = "Jan",
    **how: Any,
) -> model.Issue:
    articles = [replace(ICE, body=body)]
    return issues.save(session, issue.id, articles, now, named(session, by), base=base, **how)


def kept(session: Session, issue: model.Issue) -> Sequence[tuple[int, str, str, bool]]:
    """Say of each revision, oldest first: number, who, the body, whether it was automatic."""
    return [
        (each.number, each.who, revisions.articles_in(each)[0].body, each.automatic)
        for each in reversed(revisions.listed(session, issue))
    ]


def test_each_save_is_a_version_and_a_revision(session: Session) -> None:
    issue = begun(session)
    save(session, issue, "The locks are shut.", 1, subject="Ice")
    save(session, issue, "The locks open.", 2, by="Eva")
    assert kept(session, issue) == [
        (1, "Jan", "The locks close.", False),
        (2, "Jan", "The locks are shut.", False),
        (3, "Eva", "The locks open.", False),
    ]
    assert [each.subject for each in revisions.listed(session, issue)][1] == "Ice"
    assert (issue.version, issue.subject) == (3, "Ice on the canal")


def test_what_somebody_else_saved_is_not_overwritten(session: Session) -> None:
    issue = begun(session)
    save(session, issue, "Eva's text.", 1, by="Eva")
    for base in (0, 1, 3, 10**9):
        with pytest.raises(Outdated):
            save(session, issue, "Jan's text.", base)
    assert revisions.current(session, issue)[0].body == "Eva's text."
    assert issue.version == 2


def test_the_same_text_is_no_conflict_and_no_version(session: Session) -> None:
    issue = begun(session)
    save(session, issue, "The locks are shut.", 1, by="Eva")
    save(session, issue, "The locks are shut.", 1)
    assert [number for number, *_ in kept(session, issue)] == [1, 2]
    save(session, issue, "The locks are shut.", 2, subject="Another subject")
    assert (issue.version, issue.subject) == (3, "Another subject")


def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    with database.transaction() as session:
        issue = begun(session)
        number = issue.id
    with database.transaction() as session:
        save(session, session.get_one(model.Issue, number), "Eva's text.", 1, by="Eva")
    with pytest.raises(Outdated), database.transaction() as session:
        save(session, session.get_one(model.Issue, number), "Jan's text.", 1)


def test_what_one_page_saves_by_itself_within_minutes_is_one_revision(session: Session) -> None:
    issue = begun(session)
    for version in range(1, 4):
        now = NOW + timedelta(minutes=version)
        save(session, issue, f"Text {version}.", version, now, automatic=True)
    assert kept(session, issue)[1:] == [(4, "Jan", "Text 3.", True)]
    late = NOW + timedelta(minutes=1) + revisions.FOLDED
    save(session, issue, "Later.", 4, late, automatic=True)
    save(session, issue, "Eva's.", 5, late, automatic=True, by="Eva")
    save(session, issue, "Jan's again.", 6, late, automatic=True)
    assert [(number, who) for number, who, *_ in kept(session, issue)] == [
        *((1, "Jan"), (4, "Jan"), (5, "Jan"), (6, "Eva"), (7, "Jan"))
    ]


def test_what_was_saved_by_itself_stands_once_it_is_saved_by_hand(session: Session) -> None:
    issue = begun(session)
    save(session, issue, "Text.", 1, automatic=True)
    save(session, issue, "Text.", 2)
    save(session, issue, "More text.", 2, automatic=True)
    assert [(number, auto) for number, _, _, auto in kept(session, issue)] == [
        *((1, False), (2, False), (3, True))
    ]


def test_an_old_text_is_brought_back_and_loses_nothing(session: Session) -> None:
    issue = begun(session, ICE, Article("Second", "Words."))
    save(session, issue, "Only this.", 1, subject="A subject of its own")
    issues.bring_back(session, issue.id, 1, NOW, named(session, "Eva"), base=2)
    assert [each.headline for each in revisions.current(session, issue)] == [ICE.headline, "Second"]
    assert issue.subject == ICE.headline
    issues.bring_back(session, issue.id, 2, NOW, named(session, "Eva"), base=3)
    assert issue.subject == "A subject of its own"
    assert [number for number, *_ in kept(session, issue)] == [1, 2, 3, 4]
    with pytest.raises(Outdated):
        issues.bring_back(session, issue.id, 1, NOW, named(session, "Eva"), base=3)
    with pytest.raises(NotFound):
        issues.bring_back(session, issue.id, 99, NOW, named(session, "Eva"), base=4)


def test_a_text_from_before_there_were_revisions_is_kept_when_it_is_replaced(
    session: Session,
) -> None:
    issue = make.issue(session, make.article(session))
    issues.revise(session, issue, [ICE], NOW)
    assert kept(session, issue) == [
        *((1, "", "The first paragraph.", False), (2, "", "The locks close.", False))
    ]


def test_the_nearest_revision_stands_for_a_version_that_was_folded(session: Session) -> None:
    issue = begun(session)
    for version in range(1, 5):
        save(session, issue, f"Text {version}.", version, automatic=True)
    for version, number in ((1, 1), (2, 1), (4, 1), (5, 5), (9, 5)):
        found = revisions.find(session, issue, version)
        assert found
        assert found.number == number
    assert revisions.find(session, issue, 0) is None
    with pytest.raises(NotFound):
        revisions.fetch(session, issue, 2)


def test_revisions_are_listed_page_by_page(session: Session) -> None:
    issue = begun(session)
    for version in range(1, 6):
        save(session, issue, f"Text {version}.", version)
    first = revisions.listed(session, issue, limit=4)
    second = revisions.listed(session, issue, limit=4, before=first[-1].number)
    assert [each.number for each in (*first, *second)] == [6, 5, 4, 3, 2, 1]


def test_what_is_not_asked_for_stays_with_its_article(session: Session) -> None:
    brought = replace(ICE, appeal=Appeal("Help", "Us", "Now"), licence=Licence("Free"))
    issue = begun(session, brought)
    save(session, issue, "Another text.", 1)
    issues.save(session, issue.id, [replace(brought, body="x")], NOW, named(session, "Jan"), base=2)
    assert revisions.current(session, issue)[0] == replace(brought, body="x")


def test_the_address_of_a_draft_follows_its_headline_if_it_is_free(session: Session) -> None:
    issue = begun(session)
    thaw = replace(ICE, headline="Thaw")
    issues.save(session, issue.id, [thaw], NOW, named(session, "Jan"), base=1)
    assert issue.slug == "2026-11-20-thaw"
    other = issues.draft(session, issues.publication_of(session, issue), [ICE], NOW)
    issues.save(session, other.id, [thaw], NOW, named(session, "Jan"), base=1)
    assert other.slug == "2026-11-20-ice-on-the-canal"


@pytest.mark.parametrize("state", [state for state in IssueState if state != IssueState.DRAFT])
def test_only_a_draft_is_written(session: Session, state: IssueState) -> None:
    issue = begun(session)
    issue.state, issue.content_hash = state, "hash"
    session.flush()
    with pytest.raises(IssueNotEditable):
        save(session, issue, "Another text.", 1)
    may_be_reopened = state in {IssueState.APPROVED, IssueState.SCHEDULED}
    if may_be_reopened:
        issues.reopen(session, issue, NOW)
        assert issues.is_open(issue)
        save(session, issue, "Another text.", 1)
    else:
        with pytest.raises(IssueNotEditable):
            issues.reopen(session, issue, NOW)


def test_a_digest_is_not_written(session: Session) -> None:
    issue = begun(session)
    session.execute(update(model.Issue).values(frequency=Frequency.WEEKLY))
    with pytest.raises(IssueNotEditable):
        save(session, issue, "Another text.", 1)


def test_an_issue_that_is_a_draft_again_has_no_frozen_content(session: Session) -> None:
    publication = make.publication(session, licence_id=make.licence(session).id)
    issue = issues.draft(session, publication, [ICE], NOW)
    issues.approve(session, issue, LINKS, NOW)
    issues.reopen(session, issue, NOW)
    assert session.scalars(select(model.Content)).all() == []
    assert issue.approved_at is None


def test_an_article_without_text_is_a_draft_and_cannot_be_approved(session: Session) -> None:
    issue = begun(session, replace(ICE, body=""))
    assert issues.words(session, issue, LINKS, NOW).subject == ICE.headline
    found = {remark.slug: remark.blocks for remark in issues.remarks(session, issue, LINKS, NOW)}
    assert found["no-text"]


@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_an_issue_that_is_none_is_not_found(session: Session, number: int) -> None:
    with pytest.raises(NotFound):
        issues.save(session, number, [ICE], NOW, named(session, "Jan"), base=1)
