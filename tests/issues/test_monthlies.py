"""A monthly: what it collects, in which order, and how it learns that it is out of date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from newsletter import issues, manuscripts, model, rendering
from newsletter.database import Database
from newsletter.errors import Conflict, Invalid, IssueNotEditable, Outdated
from newsletter.issues import monthlies
from newsletter.links import Links
from newsletter.model import IssueState

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
LINKS = Links("https://monitor.example.org", "x" * 32)


def published(
    session: Session,
    publication: model.Publication,
    headline: str,
    dated: date,
    *,
    texts: int = 1,
    state: IssueState = IssueState.SENT,
) -> model.Issue:
    articles = []
    for number in range(texts):
        written = manuscripts.Article(
            headline if number == 0 else f"{headline} {number}",
            f"All that {headline} says. And more of it.",
            kicker=publication.kicker,
            dated=dated,
            lead=f"What {headline} is about.",
            authors=("Nowak, Anna",),
        )
        articles.append(
            make.article(
                session,
                publication_id=publication.id,
                headline=written.headline,
                dated=dated,
                source=manuscripts.write(written),
            )
        )
    return make.issue(
        session,
        *articles,
        slug=issues.slugify(headline),
        subject=f"{headline} in whole" if texts > 1 else headline,
        state=state,
        content_hash="0" * 64,
        published_at=datetime(dated.year, dated.month, dated.day, 12, tzinfo=UTC),
    )


def month(session: Session) -> tuple[model.Publication, dict[str, model.Issue]]:
    """Publish what October brought, and what does not belong to it."""
    monitor = make.publication(session, slug="baltic-monitor", name="Baltic Monitor")
    other = make.publication(session, slug="canal-monitor", name="Canal Monitor")
    found = {
        headline: published(session, of, headline, dated)
        for headline, of, dated in (
            ("Last of September", monitor, date(2026, 9, 30)),
            ("Third [sic] *one*", monitor, date(2026, 10, 31)),
            ("First", monitor, date(2026, 10, 1)),
            ("Locks", other, date(2026, 10, 9)),
            ("First of November", monitor, date(2026, 11, 1)),
        )
    }
    found["Two"] = published(session, monitor, "Two", date(2026, 10, 12), texts=2)
    published(session, monitor, "Draft", date(2026, 10, 13), state=IssueState.DRAFT)
    telling = published(session, monitor, "Correction: First", date(2026, 10, 20))
    make.erratum(session, issue_id=found["First"].id, told_by_id=telling.id)
    return monitor, found


def made(session: Session, monitor: model.Publication, **options: object) -> model.Issue:
    return monthlies.make_monthly(session, monitor, OCTOBER, NOW, None, LINKS, **options)  # type: ignore[arg-type]


def body(session: Session, issue: model.Issue) -> str:
    return issues.revisions.current(session, issue)[0].body


def test_a_monthly_collects_the_public_texts_of_a_month_by_their_dates(database: Database) -> None:
    with database.transaction() as session:
        monitor, found = month(session)
        assert [
            (each.first, each.count, each.issue) for each in monthlies.months(session, monitor, NOW)
        ] == [
            (NOVEMBER, 1, None),
            (OCTOBER, 3, None),
            (date(2026, 9, 1), 1, None),
        ]
        assert monthlies.due_monthlies(session, NOW) == []
        issue = made(session, monitor)
        assert monthlies.due_monthlies(session, NOW) == []
        december = datetime(2026, 12, 1, 9, tzinfo=UTC)
        november = (NOVEMBER, date(2026, 11, 30))
        assert monthlies.due_monthlies(session, december) == [(monitor, november)]
        assert monthlies.due_monthlies(session, december + timedelta(days=40)) == []
        monthly = monthlies.find_monthly(session, issue)
        assert monthly is not None
        names = ("First", "Two", "Third [sic] *one*")
        assert monthly.texts == [found[name].id for name in names]
        article = issues.revisions.current(session, issue)[0]
        assert (issue.subject, article.headline) == ("Monthly of October 2026",) * 2
        assert article.lead == "3 texts of October 2026, each with its lead and a link."
        mail = issues.words(session, issue, LINKS, NOW)
        text = " ".join(mail.text.split())
        for said in ("1 October 2026: First", "31 October 2026: Third [sic] *one*", "Two in whole",
                     "What Two is about.", "31 October 2026, Anna Nowak"):  # fmt: skip
            assert said in text, said
        assert "All that" not in text
        assert "https://monitor.example.org/baltic-monitor/first" in mail.text
        assert [each.issue for each in monthlies.months(session, monitor, NOW)] == [
            None,
            issue.id,
            None,
        ]
        with pytest.raises(Conflict):
            made(session, monitor)
        with pytest.raises(Invalid, match="Nothing was published"):
            monthlies.make_monthly(session, monitor, date(2026, 8, 1), NOW, None, LINKS)
        # It is no text of a month itself, and after its cancelling another may be made.
        issue.state, issue.content_hash, issue.published_at = IssueState.SENT, "0" * 64, NOW
        assert [each.count for each in monthlies.months(session, monitor, NOW)] == [1, 3, 1]
        issue.state, issue.slug = IssueState.CANCELLED, "gone"
        for row in session.scalars(select(model.Article)):
            row.slug += "-old"
        session.flush()
        # Other publications may be gathered from, too.
        other = made(session, monitor, sources=[found["Locks"].publication_id])
        assert other.id != issue.id
        written = body(session, other)
        assert "[Locks](<https://monitor.example.org/canal-monitor/locks>)" in written
        assert "*Canal Monitor, 9 October 2026, Anna Nowak*" in written


def test_an_editor_orders_leaves_out_and_writes_a_preface(database: Database) -> None:
    with database.transaction() as session:
        monitor, found = month(session)
        issue = made(session, monitor)
        first, two, third = (found[name].id for name in ("First", "Two", "Third [sic] *one*"))
        preface = "Looking back.\n\n# Not a heading, [no](link)"
        monthlies.arrange(
            session,
            issue,
            [third, first, 999, third],
            preface,
            NOW,
            None,
            LINKS,
            base=issue.version,
        )
        monthly = session.get_one(model.Monthly, issue.id)
        assert (monthly.texts, monthly.left_out) == ([third, first], [two])
        article = issues.revisions.current(session, issue)[0]
        assert article.lead == "Looking back."
        page = str(rendering.article_html(issues.edition(session, issue, LINKS, NOW)))
        assert "# Not a heading, [no](link)" in page
        assert page.index(">Third [sic] *one*<") < page.index(">First<")
        assert "Two in whole" not in page
        _, left_out = monthlies.contents(session, monthly, LINKS)
        assert [each.number for each in left_out] == [two]
        for wrong, error in (([], Invalid), ([999], Invalid)):
            with pytest.raises(error):
                monthlies.arrange(session, issue, wrong, "", NOW, None, LINKS, base=issue.version)
        with pytest.raises(Invalid, match="too long"):
            monthlies.arrange(
                session, issue, [two], "x" * 5000, NOW, None, LINKS, base=issue.version
            )
        session.refresh(monthly)
        with pytest.raises(Outdated):
            monthlies.arrange(session, issue, [two], "Other", NOW, None, LINKS, base=0)
        issue.state, issue.content_hash = IssueState.APPROVED, "0" * 64
        with pytest.raises(IssueNotEditable):
            monthlies.arrange(session, issue, [two], "", NOW, None, LINKS, base=issue.version)


def test_a_monthly_knows_what_came_after_it_and_is_made_anew(database: Database) -> None:
    with database.transaction() as session:
        monitor, found = month(session)
        issue = made(session, monitor)
        monthly = session.get_one(model.Monthly, issue.id)

        def state(at: datetime = NOW) -> monthlies.Standing:
            return monthlies.standing(session, issue, monthly, at, LINKS)

        fresh = state()
        assert (fresh.is_outdated, fresh.is_changed, fresh.is_running) == (False, False, False)
        assert state(datetime(2026, 10, 31, 12, tzinfo=UTC)).is_running
        later = published(session, monitor, "Late", date(2026, 10, 15))
        issues.correct(session, found["First"], "It was Tuesday.", NOW + timedelta(hours=1))
        found["Third [sic] *one*"].state = IssueState.CANCELLED
        session.flush()
        old = state()
        assert [each.number for each in old.new] == [later.id]
        assert [each.headline for each in old.corrected] == ["First"]
        assert (old.gone, old.is_changed, old.is_outdated) == (1, False, True)

        collected = monthlies.collection(session, issue, LINKS, NOW)
        assert collected is not None
        assert collected.withdrawn == 1
        assert [each.subject for each in collected.editions] == ["First", "Two in whole"]
        assert collected.editions[0].corrections[-1].text == "It was Tuesday."

        at = NOW + timedelta(hours=2)
        monthlies.refresh(session, issue, at, None, LINKS, base=issue.version)
        assert monthly.texts == [found["First"].id, found["Two"].id, later.id]
        assert "corrected on 3 November 2026" in body(session, issue)
        assert not state(at).is_outdated
        article = issues.revisions.current(session, issue)[0]
        changed = manuscripts.Article(
            article.headline, article.body + "\n\nBy hand.", dated=article.dated, lead=article.lead
        )
        issues.save(session, issue.id, [changed], at, None, base=issue.version)
        assert state(at).is_changed
        assert monthlies.collection(session, found["First"], LINKS, NOW) is None
