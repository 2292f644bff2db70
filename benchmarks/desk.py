"""How long the server takes for pages of the desk, in a house with a million subscribers.

One issue is on its way to all of them; a year's issues have been there before it, each with its
batches, its course, its clicks and its refusals. A page is asked for again and again, without a
network in between; to add one, add its name and its path to ``PAGES``, or what to look for to
``SEARCHES``.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import cast

from flask.testing import FlaskClient
from sqlalchemy import Table, insert, literal, select, text, update
from sqlalchemy.orm import Session

from benchmarks import places
from benchmarks.places import Place
from newsletter import clock, desk, model, subscriptions
from newsletter.desk import sign_ins
from newsletter.errors import NewsletterError
from newsletter.links import key_of
from newsletter.model import IssueState, Reason, ReasonKind, Role
from newsletter.web import create_app

PAGES: Sequence[tuple[str, str]] = (
    ("Today", "/desk"),
    ("Issues", "/desk/issues"),
    ("Issues, found by a word", "/desk/issues?words=pilot"),
    ("Sending", "/desk/issues/{sending}/sending"),
    ("Sending, its numbers", "/desk/issues/{sending}/sending/numbers.json"),
    ("Report of an issue", "/desk/issues/{sent}/report"),
    ("Reports", "/desk/reports"),
    ("Reports, older ones", "/desk/reports?before={sent}"),
    ("Reports as a file", "/desk/reports.csv"),
    ("Growth by week", "/desk/reports/growth"),
    ("Growth by month", "/desk/reports/growth?by=month"),
)
"""What is asked for, by its name. ``sending`` and ``sent`` are the numbers of issues."""

SEARCHES: Sequence[tuple[str, str, str]] = (
    ("Subscribers", "", ""),
    ("Subscribers of a publication", "", "publication=1"),
    ("Subscribers in a state", "", "state=active"),
    ("Subscribers in a state that nobody is in", "", "state=paused"),
    ("Subscribers of a language that nobody reads", "", "language=pl"),
    ("An address", "reader-123456@mail6.example", ""),
    ("The beginning of an address", "reader-12", ""),
    ("A domain", "@mail7.example", ""),
    ("A surname", "4711", ""),
    ("A first name and a surname", "reader 4711", ""),
    ("A name that all have", "reader", ""),
    ("A name that nobody has", "zbigniew", ""),
    ("A domain, with three filters", "@mail7.example", "publication=1&state=active&language=en"),
    ("A name, with three filters", "reader", "publication=1&state=paused&language=en"),
)
"""What is looked for among the subscribers: its name, the words, and the filters."""

ROUNDS = 15
ISSUES = 52
"""Issues that have been sent before."""
LINKS, HOURS = 20, 72
"""Links of an issue, and hours in which each was followed."""
WAYPOINTS, REASONS = 720, 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Milliseconds that a page took, at best and in the median."""

    best: float
    median: float


def measure(database: str, readers: int) -> Mapping[str, Answer]:
    """Fill a house and ask for each page; return the answers by the pages' names."""
    with places.place(database) as place:
        sending, sent = _fill(place, readers)
        with place.here.database.transaction() as session:
            token = _signed_in(session)
        client = create_app(place.here.settings, place.here.database).test_client()
        client.set_cookie("desk", token)
        found = {
            name: _asked(client, path.format(sending=sending, sent=sent)) for name, path in PAGES
        }
        for name, words, filters in SEARCHES:
            found[name] = _asked(client, f"/desk/subscribers?{_kept(place, words)}&{filters}")
        return found | dict(_counted(place))


def _kept(place: Place, words: str) -> str:
    """Keep a search, and name it as the address of a page does."""
    if not words:
        return ""
    with place.here.database.transaction() as session:
        editor = session.scalars(select(model.Editor.id)).one()
        number = subscriptions.keep_search(session, words, datetime.now(UTC), editor=editor)
    return f"search={number}"


def _asked(client: FlaskClient, path: str) -> Answer:
    def ask() -> None:
        answer = client.get(path, headers={"Sec-Fetch-Site": "same-origin"}, buffered=True)
        if answer.status_code != 200:
            raise NewsletterError(f"{path} answers {answer.status}")

    ask()  # the first compiles templates
    return _timed(ask, ROUNDS)


def _counted(place: Place) -> Iterator[tuple[str, Answer]]:
    """Time what the clock counts, so that no page does."""
    # Of tomorrow nothing is noted, and all lines of the log are old enough.
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with place.here.database.reading() as session:
        yield "The clock: all sizes", _timed(lambda: desk.count_sizes(session, tomorrow), 3)
        yield "The clock: all movement", _timed(lambda: desk.count_movement(session, tomorrow), 3)


def _timed(act: Callable[[], object], rounds: int) -> Answer:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1_000)
    return Answer(min(taken), median(taken))


def _signed_in(session: Session) -> str:
    now = datetime.now(UTC)
    owner = model.Editor(
        address="owner@institute.example", name="An owner", role=Role.OWNER, created_at=now
    )
    session.add(owner)
    session.flush()
    return sign_ins.begin(session, owner, now)


def _fill(place: Place, readers: int) -> tuple[int, int]:
    """Fill the house; return the numbers of an issue on its way and of one that was sent."""
    database = place.here.database
    with database.transaction() as session:
        first = places.add_issue(session, place)
        places.add_readers(session, place, readers)
        _log_imports(session)
    places.publish(place, first)
    with database.transaction() as session:
        _let_it_end(session, first)
        others = [_again(session, first, ago) for ago in range(1, ISSUES)]
        sending = places.add_issue(session, place)
    places.publish(place, sending)
    now = datetime.now(UTC)
    with database.transaction() as session:
        # Half of it has left.
        half = session.scalars(
            select(model.Batch.number)
            .where(model.Batch.issue_id == sending)
            .order_by(model.Batch.number.desc())
            .limit(1)
        ).one()
        size = model.Batch.last_delivery - model.Batch.first_delivery + 1
        gone = (model.Batch.issue_id == sending, model.Batch.number <= half // 2)
        session.execute(update(model.Batch).where(*gone).values(sent=size, due_at=None))
        _copy(session, Reason, first, sending)
    clock.count(database, now)
    if place.database == "postgresql":
        with database.transaction() as session:
            session.execute(text("ANALYZE"))
    return sending, others[0]


def _log_imports(session: Session) -> None:
    """Add a line of consent for each subscription."""
    now = literal(datetime.now(UTC), model.Consent.at.type)
    wish, nothing = model.Subscription, literal("")
    line = (wish.subscriber_id, wish.publication_id, literal("imported"), literal("import"), now)
    columns = ["subscriber_id", "publication_id", "action", "form", "at"]
    columns += ["wording", "version", "origin"]
    lines = select(*line, nothing, nothing, nothing)
    session.execute(insert(model.Consent).from_select(columns, lines))


def _let_it_end(session: Session, number: int) -> None:
    """Let an issue have been sent, followed and refused."""
    now = datetime.now(UTC)
    issue = session.get_one(model.Issue, number)
    issue.state, issue.finished_at, issue.published_at = IssueState.SENT, now, now - _HOUR
    frozen = int((issue.audience or {})["frozen"])
    size = model.Batch.last_delivery - model.Batch.first_delivery + 1
    mine = model.Batch.issue_id == number
    session.execute(update(model.Batch).where(mine).values(sent=size, due_at=None))
    urls = [f"https://institute.example/analyses/{each}" for each in range(LINKS)]
    session.execute(
        insert(model.Waypoint),
        [
            {
                "issue_id": number,
                "at": now - _HOUR * (WAYPOINTS - point) / WAYPOINTS,
                "sent": frozen * point // WAYPOINTS,
                "refused": 0,
                "skipped": 0,
                "unknown": 0,
            }
            for point in range(1, WAYPOINTS + 1)
        ],
    )
    session.execute(
        insert(Reason),
        [
            {
                "issue_id": number,
                "kind": list(ReasonKind)[each % 4],
                "domain": f"{each}.example",
                "words": "550 5.1.1 No such mailbox",
                "count": each,
            }
            for each in range(REASONS)
        ],
    )
    session.execute(
        insert(model.Link),
        [
            {"issue_id": number, "key": key_of(url), "number": each, "url": url}
            for each, url in enumerate(urls)
        ],
    )
    session.execute(
        insert(model.Click),
        [
            {
                "issue_id": number,
                "key": key,
                "variant": 0,
                "hour": now.replace(minute=0, second=0, microsecond=0) - hour * _HOUR,
                "count": 7,
                "minute": 1,
                "in_minute": 1,
                "peak": 2,
            }
            for key in (0, *map(key_of, urls))
            for hour in range(HOURS)
        ],
    )
    session.execute(
        insert(model.Goodbye),
        [
            {"issue_id": number, "day": (now + timedelta(days=day)).date(), "count": 3}
            for day in range(30)
        ],
    )


_HOUR = timedelta(hours=1)
_TABLES = (model.Batch, model.Waypoint, Reason, model.Link, model.Click, model.Goodbye)


def _again(session: Session, first: int, ago: int) -> int:
    """Let an issue have been sent ``ago`` weeks earlier, all of it like ``first``."""
    one, before = session.get_one(model.Issue, first), timedelta(weeks=ago)
    issue = model.Issue(
        publication_id=one.publication_id,
        slug=f"{one.slug}-{ago}",
        subject=f"{one.subject}, {ago}",
        created_at=one.created_at - before,
        state=IssueState.SENT,
        content_hash=one.content_hash,
        published_at=one.published_at and one.published_at - before,
        finished_at=one.finished_at and one.finished_at - before,
        audience=one.audience,
    )
    session.add(issue)
    session.flush()
    for table in _TABLES:
        _copy(session, table, first, issue.id)
    return issue.id


def _copy(session: Session, kind: type[model.Base], of: int, to: int) -> None:
    """Give an issue the same rows of a table that another has."""
    table = cast("Table", kind.__table__)
    kept = [each for each in table.columns if each.name not in {"id", "issue_id"}]
    rows = select(literal(to), *kept).where(table.c.issue_id == of)
    session.execute(insert(table).from_select(["issue_id", *(c.name for c in kept)], rows))
