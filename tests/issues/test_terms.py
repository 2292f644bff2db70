"""The licence that an article has of its own: how it is kept, and where it goes."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import issues, manuscripts, model
from newsletter.issues import revisions
from newsletter.links import Links
from newsletter.manuscripts import Article

ICE = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))
GRAIN = Article("Grain", "Prices rise.", dated=date(2026, 11, 20))
LINKS = Links("https://news.example.org", make.SECRET_KEY)


def test_an_article_keeps_its_licence_beside_others_and_hands_it_on_when_alone(
    session: Session,
) -> None:
    usual, free = (make.licence(session, name=name, slug=name) for name in ("usual", "free"))
    writer = make.editor(session)
    publication = make.publication(session, licence_id=usual.id)
    issue = issues.draft(session, publication, [ICE, GRAIN], NOW)
    before = issues.proof(session, issue, LINKS, NOW).content_hash

    def save(*articles: Article, automatic: bool = False) -> None:
        issues.save(
            *(session, issue.id, articles, NOW, writer),
            base=issue.version,
            licence_id=issue.licence_id,
            automatic=automatic,
        )

    def rows() -> list[int | None]:
        placed = (
            select(model.Article.licence_id)
            .join(model.IssueArticle, model.IssueArticle.article_id == model.Article.id)
            .where(model.IssueArticle.issue_id == issue.id)
        )
        return list(session.scalars(placed.order_by(model.IssueArticle.position)))

    own = replace(GRAIN, terms="free")
    save(ICE, own, automatic=True)
    assert issue.version == 2
    assert rows() == [None, free.id]
    assert issues.proof(session, issue, LINKS, NOW).content_hash != before, "approval covers it"
    edition = issues.edition(session, issue, LINKS, NOW)
    first, second = edition.articles
    assert edition.own_licence(first) is None
    assert (edition.own_licence(second) or edition.licence) != edition.licence
    assert edition.reusable == edition.articles
    free.reuse = False
    assert issues.edition(session, issue, LINKS, NOW).reusable == (first,)

    save(own, ICE)
    assert rows() == [free.id, None]
    old, new = (revisions.fetch(session, issue, number).articles for number in (2, 3))
    assert [source.count("terms: free") for source in (*old, *new)] == [0, 1, 1, 0]
    (change,) = manuscripts.changes([GRAIN], [own])
    assert [field.name for field in change.fields] == ["terms"]

    save(own)
    assert (issue.licence_id, rows()) == (free.id, [None])
    assert revisions.current(session, issue) == (GRAIN,)
    issue.licence_id = None
    issues.bring_back(session, issue.id, 3, NOW, writer, base=issue.version)
    assert (issue.licence_id, rows()) == (None, [free.id, None])

    session.delete(free)
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_manuscript_may_name_a_licence_of_the_list(session: Session) -> None:
    free = make.licence(session, slug="free")
    publication = make.publication(session, licence_id=make.licence(session).id)
    named, lost = (replace(ICE, headline=terms, terms=terms) for terms in ("free", "gone"))
    read = manuscripts.read_article(manuscripts.write(named))
    assert read == named
    issue = issues.draft(session, publication, [read], NOW)
    assert issue.licence_id == free.id
    assert revisions.current(session, issue)[0].terms == ""
    issues.revise(session, issue, [replace(GRAIN, terms="free"), ICE], NOW)
    assert revisions.current(session, issue)[0].terms == "free"
    unknown = issues.draft(session, publication, [lost], NOW)
    assert unknown.licence_id is None
    found = [each.slug for each in issues.proof(session, unknown, LINKS, NOW).blocking]
    assert found == ["unknown-licence"]
