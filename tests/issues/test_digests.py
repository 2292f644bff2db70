"""Digests: which periods get one, what it says, who gets it, once however often."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import SECRET_KEY
from newsletter import issues, model
from newsletter.database import Database
from newsletter.errors import IssueNotEditable, NotFound
from newsletter.issues.digests import Period, last_period
from newsletter.issues.drafts import hash_of
from newsletter.links import Links
from newsletter.manuscripts import Article
from newsletter.model import Frequency, IssueState, SubscriptionState
from newsletter.rendering import Slot

LINKS = Links("https://news.example.org", SECRET_KEY)
WEEKLY, MONTHLY, EACH = Frequency.WEEKLY, Frequency.MONTHLY, Frequency.EACH
AT_SEVEN = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
"""A Monday, 07:00 in Warsaw."""
SECOND = timedelta(seconds=1)


def went_out(
    session: Session, publication: model.Publication, at: datetime, **columns: Any
) -> model.Issue:
    """Make an issue that began to leave ``at``."""
    article = make.article(session, publication_id=publication.id, **columns.pop("of", {}))
    facts = {"slug": article.slug, "state": IssueState.SENT, "content_hash": "0", **columns}
    return make.issue(session, article, published_at=at, **facts)


def reader(
    session: Session, publication: model.Publication, frequency: Frequency = WEEKLY, **columns: Any
) -> model.Subscription:
    return make.subscription(session, publication_id=publication.id, frequency=frequency, **columns)


def made(session: Session, now: datetime) -> list[model.Issue]:
    """Do what the clock does ``now``."""
    found = [issues.digest(session, each, now, LINKS) for each in issues.due_digests(session, now)]
    return [each for each in found if each]


def ready(session: Session, **columns: Any) -> model.Publication:
    """Make a publication with one issue last week and one reader by the week."""
    publication = make.publication(session, **columns)
    went_out(session, publication, AT_SEVEN - timedelta(days=4))
    reader(session, publication)
    return publication


@pytest.mark.parametrize(
    ("now", "frequency", "first", "last", "slug"),
    [
        ("2026-11-30 00:00", WEEKLY, "2026-11-23", "2026-11-29", "weekly-2026-48"),
        ("2026-11-29 23:59", WEEKLY, "2026-11-16", "2026-11-22", "weekly-2026-47"),
        ("2027-01-04 07:00", WEEKLY, "2026-12-28", "2027-01-03", "weekly-2026-53"),
        ("2027-01-11 07:00", WEEKLY, "2027-01-04", "2027-01-10", "weekly-2027-01"),
        ("2027-01-01 07:00", MONTHLY, "2026-12-01", "2026-12-31", "monthly-2026-12"),
        ("2027-01-31 23:59", MONTHLY, "2026-12-01", "2026-12-31", "monthly-2026-12"),
        ("2028-03-01 00:00", MONTHLY, "2028-02-01", "2028-02-29", "monthly-2028-02"),
    ],
)
def test_the_last_period_is_the_one_that_has_ended(
    session: Session, now: str, frequency: Frequency, first: str, last: str, slug: str
) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Warsaw"))
    period = last_period(make.publication(session), frequency, at)
    assert (period.first, period.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert period.slug == slug


@pytest.mark.parametrize(
    ("zone", "last", "hours", "due"),
    [
        ("Europe/Warsaw", "2026-03-29", 167, "2026-03-30 05:00"),
        ("Europe/Warsaw", "2026-10-25", 169, "2026-10-26 06:00"),
        ("Europe/Warsaw", "2026-11-29", 168, "2026-11-30 06:00"),
        ("Africa/Cairo", "2026-04-26", 167, "2026-04-27 04:00"),  # no midnight on the Friday
        ("America/Santiago", "2026-09-06", 167, "2026-09-07 10:00"),  # nor on this last Sunday
    ],
)
def test_a_week_has_the_hours_that_its_zone_gives_it(
    zone: str, last: str, hours: int, due: str
) -> None:
    sunday = date.fromisoformat(last)
    period = Period(1, WEEKLY, sunday - timedelta(6), sunday, ZoneInfo(zone))
    assert period.ends - period.begins == timedelta(hours=hours)
    assert f"{period.due_at:%Y-%m-%d %H:%M}" == due


def test_an_issue_an_hour_before_a_midnight_moved_by_daylight_saving_is_last_weeks(
    session: Session,
) -> None:
    publication = make.publication(session)
    reader(session, publication)
    midnight = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)  # 00:00 in Warsaw, since that morning
    went_out(session, publication, midnight - SECOND, of={"headline": "Still Sunday"})
    went_out(session, publication, midnight, of={"headline": "Monday"})
    (issue,) = made(session, midnight + timedelta(hours=7))
    content = session.scalars(select(model.Content)).one()
    assert issue.slug == "weekly-2026-13"
    assert "Still Sunday" in content.text
    assert "Monday" not in content.text


def test_it_is_due_on_monday_at_seven_and_not_before(session: Session) -> None:
    ready(session)
    assert made(session, AT_SEVEN - SECOND) == []
    (issue,) = made(session, AT_SEVEN)
    assert (issue.slug, issue.state, issue.frequency) == (
        "weekly-2026-48",
        IssueState.SCHEDULED,
        WEEKLY,
    )
    assert issue.due_at == AT_SEVEN
    assert issue.wall_time == "2026-11-30T07:00:00"
    assert issues.due(session, AT_SEVEN) == [issue.id]


def test_a_month_of_31_days_goes_out_on_the_first_with_its_first_and_last_issue(
    session: Session,
) -> None:
    publication = make.publication(session, zone="America/New_York")
    reader(session, publication, MONTHLY)
    headlines = ["On the first", "On the last", "Too early", "Too late"]
    moments = ["2026-12-01 00:00", "2026-12-31 23:59", "2026-11-30 23:59", "2027-01-01 00:00"]
    for headline, wall in zip(headlines, moments, strict=True):
        at = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo("America/New_York"))
        went_out(session, publication, at.astimezone(UTC), of={"headline": headline})
    due = datetime(2027, 1, 1, 12, 0, tzinfo=UTC)
    assert made(session, due - SECOND) == []
    (issue,) = made(session, due)
    content = session.scalars(select(model.Content)).one()
    assert issue.slug == "monthly-2026-12"
    assert [each for each in headlines if each in content.text] == headlines[:2]


def test_without_an_issue_in_the_period_there_is_none(session: Session) -> None:
    publication = make.publication(session)
    reader(session, publication)
    went_out(session, publication, AT_SEVEN - timedelta(days=8))
    assert issues.due_digests(session, AT_SEVEN) == []


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.SCHEDULED, IssueState.CANCELLED])
def test_what_did_not_go_out_is_not_in_it(session: Session, state: IssueState) -> None:
    publication = make.publication(session)
    reader(session, publication)
    went_out(session, publication, AT_SEVEN - timedelta(days=4), state=state)
    assert issues.due_digests(session, AT_SEVEN) == []


def test_a_paused_issue_went_out_and_is_in_it(session: Session) -> None:
    publication = make.publication(session)
    reader(session, publication)
    went_out(session, publication, AT_SEVEN - timedelta(days=4), state=IssueState.PAUSED)
    assert len(made(session, AT_SEVEN)) == 1


def test_a_digest_is_not_in_the_next_one(session: Session) -> None:
    publication = ready(session)
    reader(session, publication, MONTHLY)
    (issue,) = made(session, AT_SEVEN)
    issues.publish(session, issue.id, AT_SEVEN, batch_size=500)
    monthly = made(session, datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
    assert [each.slug for each in monthly] == ["monthly-2026-11"]
    content = session.scalars(
        select(model.Content).where(model.Content.issue_id == monthly[0].id)
    ).one()
    assert content.text.count("Read it:") == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"frequency": EACH},
        {"frequency": MONTHLY},
        {"frequency": WEEKLY, "state": SubscriptionState.PENDING},
        {"frequency": WEEKLY, "state": SubscriptionState.PAUSED},
        {"frequency": WEEKLY, "state": SubscriptionState.UNSUBSCRIBED},
    ],
)
def test_nobody_who_wants_it_no_digest(session: Session, columns: dict[str, Any]) -> None:
    publication = make.publication(session)
    went_out(session, publication, AT_SEVEN - timedelta(days=4))
    reader(session, publication, **columns)
    assert made(session, AT_SEVEN) == []
    assert issues.due_digests(session, AT_SEVEN) == []


def test_who_asks_for_it_on_thursday_does_not_get_last_weeks_at_once(session: Session) -> None:
    publication = make.publication(session)
    went_out(session, publication, AT_SEVEN - timedelta(days=4))
    assert made(session, AT_SEVEN) == []
    reader(session, publication)
    assert made(session, AT_SEVEN + timedelta(days=3)) == []
    went_out(session, publication, AT_SEVEN + timedelta(days=3))
    assert [each.slug for each in made(session, AT_SEVEN + timedelta(days=7))] == ["weekly-2026-49"]


def test_twice_is_once(session: Session) -> None:
    ready(session)
    (period,) = issues.due_digests(session, AT_SEVEN)
    assert issues.digest(session, period, AT_SEVEN, LINKS)
    assert issues.digest(session, period, AT_SEVEN, LINKS) is None
    assert issues.due_digests(session, AT_SEVEN) == []


@pytest.mark.parametrize("is_wanted", [True, False])
def test_several_clocks_at_once_make_one(database: Database, is_wanted: bool) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        went_out(session, publication, AT_SEVEN - timedelta(days=4))
        if is_wanted:
            reader(session, publication)
    at_once = Barrier(4)

    def tick(_: int) -> int | None:
        with database.reading() as session:
            (period,) = issues.due_digests(session, AT_SEVEN)
        at_once.wait(10)
        with database.transaction() as session:
            issue = issues.digest(session, period, AT_SEVEN, LINKS)
            return issue.id if issue else None

    with ThreadPoolExecutor(4) as clocks:
        answers = list(clocks.map(tick, range(4)))
    assert len([answer for answer in answers if answer]) == is_wanted
    with database.reading() as session:
        weekly = model.Issue.frequency == WEEKLY
        count = select(func.count()).select_from(model.Issue).where(weekly)
        assert session.scalar(count) == is_wanted
        assert issues.due_digests(session, AT_SEVEN) == []


def test_a_clock_that_was_down_makes_up_for_the_last_period_alone(session: Session) -> None:
    publication = ready(session)
    went_out(session, publication, AT_SEVEN - timedelta(days=11))
    late = AT_SEVEN + timedelta(days=5)
    (issue,) = made(session, late)
    assert (issue.slug, issue.due_at) == ("weekly-2026-48", late)
    assert issues.publish(session, issue.id, late, batch_size=500)


def test_it_waits_for_the_next_period_no_longer(session: Session) -> None:
    ready(session)
    midnight = AT_SEVEN + timedelta(days=7, hours=-7)
    assert WEEKLY not in [each.frequency for each in issues.due_digests(session, midnight)]
    (issue,) = made(session, midnight - SECOND)  # nobody wants the month's
    assert issue.latest_start == midnight
    assert not issues.publish(session, issue.id, midnight + SECOND, batch_size=500)
    assert issue.held


def test_a_held_one_goes_out_when_a_person_schedules_it_again(session: Session) -> None:
    publication = ready(session)
    (issue,) = made(session, AT_SEVEN)
    late = AT_SEVEN + timedelta(days=8)
    assert not issues.publish(session, issue.id, late, batch_size=500)
    wall_time = late.replace(tzinfo=None) + timedelta(hours=1)
    issues.schedule(session, issue, wall_time, "UTC", late)
    assert issues.publish(session, issue.id, late + timedelta(hours=1), batch_size=500)
    assert issue.publication_id == publication.id


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (AT_SEVEN, datetime(2026, 11, 30, 8, 0, tzinfo=UTC)),
        (AT_SEVEN + timedelta(hours=5), AT_SEVEN + timedelta(hours=5)),
        (AT_SEVEN + timedelta(hours=14), datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_it_leaves_in_the_hours_of_the_publication(
    session: Session, now: datetime, due: datetime
) -> None:
    ready(session, window="09:00-20:00")
    (issue,) = made(session, now)
    assert issue.due_at == due


def test_its_audience_are_those_who_get_mail_that_often_and_no_others(session: Session) -> None:
    publication = ready(session)
    reader(session, publication)
    for frequency in (EACH, EACH, MONTHLY):
        reader(session, publication, frequency)
    reader(session, publication, state=SubscriptionState.PAUSED)
    reader(session, make.publication(session))
    gone = reader(session, publication)
    address = session.get_one(model.Subscriber, gone.subscriber_id).address
    make.suppression(session, address)
    (issue,) = made(session, AT_SEVEN)
    assert issues.publish(session, issue.id, AT_SEVEN, batch_size=500)
    assert issue.audience == {
        "candidates": 7,
        "frozen": 2,
        "other frequency": 3,
        "paused": 1,
        "suppressed": 1,
    }


def test_a_kill_between_making_and_sending_loses_nothing(database: Database) -> None:
    with database.transaction() as session:
        ready(session)
    with database.reading() as session:  # nothing is committed: it is made anew
        made(session, AT_SEVEN)
    with database.transaction() as session:
        (issue,) = made(session, AT_SEVEN + SECOND)
        number = issue.id
    later = AT_SEVEN + timedelta(hours=10)  # killed here, and up again in the evening
    with database.transaction() as session:
        assert made(session, later) == []
        assert issues.due(session, later) == [number]
        assert issues.publish(session, number, later, batch_size=500)
    with database.reading() as session:
        assert len(session.scalars(select(model.Delivery.id)).all()) == 1


def test_it_says_date_headline_lead_and_link_in_the_language_of_the_publication(
    session: Session,
) -> None:
    publication = make.publication(session, language="pl", name="Oko", kicker="OKO", slug="oko")
    reader(session, publication)
    source = (
        "---\nheadline: Lód\ndate: 2026-11-26\nlead: Krótki rok.\nlanguage: pl\n---\n\nŚluzy.\n"
    )
    of = {"slug": "lod", "source": source}
    went_out(session, publication, AT_SEVEN - timedelta(days=4), of=of)
    (issue,) = made(session, AT_SEVEN)
    content = session.scalars(select(model.Content)).one()
    assert content.subject == issue.subject == "Oko: 23–29 listopada 2026"
    assert content.language == "pl"
    address = "https://news.example.org/oko/lod"
    for part in ("26 listopada 2026", "Lód", "Krótki rok."):
        assert part in content.text
        assert part in content.html
    assert address in content.text
    assert f'href="{LINKS.click(issue.id, address)}"' in content.html
    assert address in session.scalars(select(model.Link.url).order_by(model.Link.number)).all()
    for slot in Slot:
        assert slot in content.text
        assert slot in content.html
    assert issue.content_hash == hash_of([content])


def test_issues_stand_in_the_order_in_which_they_went_out(session: Session) -> None:
    publication = make.publication(session)
    reader(session, publication)
    for days, headline in ((2, "Third"), (6, "First"), (4, "Second")):
        at = AT_SEVEN - timedelta(days=days)
        went_out(session, publication, at, of={"headline": headline})
    made(session, AT_SEVEN)
    text = session.scalars(select(model.Content)).one().text
    assert is_sorted(text.index(each) for each in ("First", "Second", "Third"))


def is_sorted(places: Iterable[int]) -> bool:
    found = list(places)
    return found == sorted(found)


def test_an_issue_of_several_articles_is_called_by_its_subject(session: Session) -> None:
    publication = make.publication(session)
    reader(session, publication)
    both = [make.article(session, publication_id=publication.id) for _ in range(2)]
    at = AT_SEVEN - timedelta(days=4)
    facts: dict[str, Any] = {"state": IssueState.SENT, "content_hash": "0", "published_at": at}
    make.issue(session, *both, subject="Ports in November", **facts)
    made(session, AT_SEVEN)
    text = session.scalars(select(model.Content)).one().text
    assert "Ports in November" in text
    assert both[0].headline not in text


def test_a_digest_has_no_page_and_cannot_be_rewritten(session: Session) -> None:
    publication = ready(session)
    (issue,) = made(session, AT_SEVEN)
    issues.publish(session, issue.id, AT_SEVEN, batch_size=500)
    assert issue.slug not in [each.slug for each in issues.archive(session, publication)]
    with pytest.raises(NotFound):
        issues.fetch_published(session, publication, issue.slug)
    with pytest.raises(IssueNotEditable):
        issues.revise(session, issue, [Article("A headline", "Words.")], AT_SEVEN)


def test_its_words_are_those_that_were_frozen(session: Session) -> None:
    ready(session)
    (issue,) = made(session, AT_SEVEN)
    content = session.scalars(select(model.Content)).one()
    assert issues.words(session, issue, LINKS, datetime.now(UTC)).html == content.html
