"""Digests: one mail for a week's or a month's issues, to those who asked for fewer mails.

A digest is an Issue without articles, made by the clock when its period has ended, approved as it
was rendered and sent like any other. Its slug names the period, so that twice is once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from newsletter import feedback, manuscripts, model, rendering
from newsletter.database import insert_missing
from newsletter.deliveries.windows import Window
from newsletter.issues.drafts import hash_of
from newsletter.issues.editions import counted, masthead
from newsletter.issues.public import is_public
from newsletter.issues.publications import publications
from newsletter.issues.templates import overrides
from newsletter.links import Links
from newsletter.model import Frequency, IssueState, SubscriptionState

LEAVES_AT = time(7)
"""When a digest leaves on the day after its period, on the publication's clock."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A week or a month of a publication, from its ``first`` day to its ``last``, in its zone."""

    publication: int
    frequency: Frequency
    first: date
    last: date
    zone: ZoneInfo

    @property
    def slug(self) -> str:
        """Return what the digest is called: weekly-2026-48 (ISO 8601) or monthly-2026-11."""
        if self.frequency is Frequency.MONTHLY:
            return f"monthly-{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"weekly-{year}-{week:02}"

    @property
    def begins(self) -> datetime:
        """Return the midnight before the first day, in UTC."""
        return self._at(self.first, time())

    @property
    def ends(self) -> datetime:
        """Return the midnight after the last day, in UTC."""
        return self._at(self.last + _DAY, time())

    def has(self, at: datetime) -> bool:
        """Tell whether ``at`` lies in the period."""
        return self.begins <= at < self.ends

    @property
    def due_at(self) -> datetime:
        """Return when the digest leaves, in UTC."""
        return self._at(self.last + _DAY, LEAVES_AT)

    @property
    def over_at(self) -> datetime:
        """Return when the next period ends, after which nobody waits for this digest any more."""
        if self.frequency is Frequency.WEEKLY:
            return self._at(self.last + timedelta(8), time())
        return self._at((self.last + timedelta(32)).replace(day=1), time())

    def _at(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)


def last_period(publication: model.Publication, frequency: Frequency, now: datetime) -> Period:
    """Return the last week, from Monday to Sunday, or the last month that has ended ``now``."""
    zone = ZoneInfo(publication.zone)
    today = now.astimezone(zone).date()
    if frequency is Frequency.MONTHLY:
        last = today.replace(day=1) - _DAY
        first = last.replace(day=1)
    else:
        last = today - timedelta(today.weekday() + 1)
        first = last - timedelta(6)
    return Period(publication.id, frequency, first, last, zone)


def due_digests(session: Session, now: datetime) -> Sequence[Period]:
    """List the periods whose digest is to leave and that nobody has looked after yet.

    Of each publication the last period only; who was away for longer does not send old news. It
    must have an issue that went out in those days.
    """
    ended = [
        period
        for publication in publications(session)
        for frequency in (Frequency.WEEKLY, Frequency.MONTHLY)
        if (period := last_period(publication, frequency, now)).due_at <= now
    ]
    if not ended:
        return []
    issue, counter = model.Issue, model.Counter
    slugs, names = {each.slug for each in ended}, {_unread(each) for each in ended}
    made = select(issue.publication_id, issue.slug).where(issue.slug.in_(slugs))
    unread = select(counter.name, counter.day).where(counter.name.in_(names))
    done = {tuple(row) for row in (*session.execute(made), *session.execute(unread))}
    waiting = [
        period
        for period in ended
        if (period.publication, period.slug) not in done
        and (_unread(period), period.first) not in done
    ]
    if not waiting:
        return []
    earliest = min(period.begins for period in waiting)
    rows = session.execute(
        select(issue.publication_id, issue.published_at).where(
            is_public(), issue.published_at >= earliest
        )
    )
    moments = [(publication, at) for publication, at in rows if at]
    return [
        period
        for period in waiting
        if any(of == period.publication and period.has(at) for of, at in moments)
    ]


def digest(session: Session, period: Period, now: datetime, links: Links) -> model.Issue | None:
    """Make the digest of ``period`` and have it leave; None if it was made or nobody wants it.

    That nobody wanted it is noted, lest somebody who asks for a digest on a Thursday gets that of
    last week at once.
    """
    if not _is_wanted(session, period):
        row = {"name": _unread(period), "day": period.first, "count": 1}
        insert_missing(session, model.Counter, [row])
        return None
    number = _claim(session, period, now)
    if number is None:
        return None
    issue = session.get_one(model.Issue, number)
    publication = session.get_one(model.Publication, period.publication)
    gathered = _gather(session, publication, period, links)
    gathered = replace(gathered, counted=counted(publication, issue.id, links))
    words = rendering.digest(gathered)
    content = model.Content(
        issue_id=issue.id,
        publication_id=publication.id,
        variant="",
        language=publication.language,
        subject=words.subject,
        html=words.html,
        text=words.text,
    )
    session.add(content)
    feedback.freeze_targets(session, issue.id, words.targets)
    issue.subject, issue.content_hash, issue.approved_at = words.subject, hash_of([content]), now
    earliest = max(period.due_at, now)
    opens_at = Window.parse(publication.window).opens_at(period.zone, earliest)
    issue.due_at = opens_at or earliest
    wall_time = issue.due_at.astimezone(period.zone).replace(tzinfo=None)
    issue.wall_time, issue.zone = wall_time.isoformat(timespec="seconds"), publication.zone
    issue.latest_start = period.over_at
    issue.state = IssueState.SCHEDULED
    session.flush()
    return issue


def _claim(session: Session, period: Period, now: datetime) -> int | None:
    """Insert the digest's row; None if it is there, for which another clock's end is awaited."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(model.Issue).values(
        publication_id=period.publication,
        slug=period.slug,
        subject="",
        created_at=now,
        state=IssueState.DRAFT,
        frequency=period.frequency,
    )
    return session.scalar(row.on_conflict_do_nothing().returning(model.Issue.id))


def _is_wanted(session: Session, period: Period) -> bool:
    wish = exists().where(
        model.Subscription.publication_id == period.publication,
        model.Subscription.state == SubscriptionState.ACTIVE,
        model.Subscription.frequency == period.frequency,
    )
    return bool(session.scalar(select(wish)))


def _unread(period: Period) -> str:
    """Name the counter of a publication's digests that nobody wanted, by the period's first day."""
    return f"digest-unread-{period.frequency}-{period.publication}"


def _gather(
    session: Session, publication: model.Publication, period: Period, links: Links
) -> rendering.Digest:
    placed = model.IssueArticle.issue_id == model.Issue.id
    count = select(func.count()).where(placed).correlate(model.Issue).scalar_subquery()
    rows = session.execute(
        select(model.Issue.slug, model.Issue.subject, model.Article.source, count)
        .join(model.IssueArticle, placed)
        .join(model.Article, model.Article.id == model.IssueArticle.article_id)
        .where(
            is_public(),
            model.Issue.publication_id == publication.id,
            model.Issue.published_at >= period.begins,
            model.Issue.published_at < period.ends,
            model.IssueArticle.position == 0,
        )
        .order_by(model.Issue.published_at, model.Issue.id)
    )
    entries = []
    for slug, subject, source, articles in rows:
        article = manuscripts.read_article(source)
        entries.append(
            rendering.Entry(
                kicker=article.kicker,
                dated=article.dated,
                headline=article.headline if articles == 1 else subject,
                lead=article.lead,
                url=links.issue(publication.slug, slug),
                language=article.language,
            )
        )
    return rendering.Digest(
        masthead=masthead(publication, links),
        is_monthly=period.frequency is Frequency.MONTHLY,
        first=period.first,
        last=period.last,
        entries=tuple(entries),
        overrides=overrides(session, publication.id, publication.language),
    )
