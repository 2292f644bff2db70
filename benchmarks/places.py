"""Where a measurement takes place: a fresh installation on SQLite or PostgreSQL, full of readers.

Readers are made by the database itself, as nobody has time to sign up a million people one by one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import ColumnElement, Text, case, cast, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

import postgres
from benchmarks import postfix, programs
from newsletter import config, deliveries, issues, model, support
from newsletter.cli.installation import Installation, installation
from newsletter.cli.issue import read_file, with_pictures
from newsletter.errors import NewsletterError
from newsletter.rendering import Words

DATABASES = ("sqlite", "postgresql")
AUTHOR_DOMAIN = "institute.example"
DOMAINS = 50
"""Domains that the readers' addresses are spread over."""
_LONGER = Path(__file__).parent / "further.md"


@dataclass(frozen=True, slots=True)
class Place:
    """One installation; ``environ`` is what its processes are started with."""

    here: Installation
    database: str
    environ: dict[str, str]

    @property
    def log(self) -> Path:
        """Return where the processes' words are kept."""
        return self.here.settings.home / "log"

    def server_cpu(self) -> float:
        """Return the seconds of CPU time that the database server has taken; SQLite has none."""
        if self.database == "sqlite":
            return 0.0
        with self.here.database.reading() as session:
            backend = session.scalars(text("select pg_backend_pid()")).one()
        return programs.server_cpu(backend)


@contextmanager
def place(database: str, **settings: str) -> Iterator[Place]:
    """Make an installation, with ``settings`` in small letters, and take it away afterwards."""
    with TemporaryDirectory(prefix="newsletter-bench-") as home, _url(database, home) as url:
        port = postfix.free_port()
        given = {"HOME": home, "DATABASE_URL": url, "LISTEN": f"127.0.0.1:{port}"}
        given |= {"BASE_URL": f"http://localhost:{port}"}
        given |= {name.upper(): value for name, value in settings.items()}
        chosen = config.load({config.PREFIX + name: value for name, value in given.items()})
        with installation(chosen, upgrade=True) as here:
            yield Place(here, database, chosen.environ())


@contextmanager
def _url(database: str, home: str) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{home}/newsletter.sqlite3"
        return
    with postgres.running(durable=True) as server, server.database() as chosen:
        yield chosen


def add_issue(
    session: Session,
    place: Place,
    *,
    long: bool = False,
    waves: bool = False,
    appeal: int | None = None,
) -> int:
    """Add an approved issue of the demo's manuscript, a ``long`` one to make mails of some 40 kB.

    The publication is made with the first issue. In ``waves`` a fifth tries two subjects. With the
    number of an ``appeal`` it has that one, and with 0 none.
    """
    now = datetime.now(UTC)
    with as_file(files("newsletter") / "demo") as folder:
        manuscript = folder / "baltic-monitor.txt"
        article = with_pictures(session, read_file(manuscript), manuscript, None, "", now)
    number = len(session.scalars(select(model.Issue.id)).all()) + 1
    article = replace(article, headline=f"{article.headline} ({number})")
    if long:
        further = _LONGER.read_text(encoding="utf-8")
        article = replace(article, body=f"{article.body}\n\n{further}")
    issue = issues.draft(session, _publication(session, now), [article], now)
    if waves:
        test = issues.TestPlan(f"{article.headline}, once more", share=20, wait=240)
        issues.choose_waves(session, issue, now, test=test)
    if appeal is not None:
        choice = issues.Chosen(is_shown=bool(appeal), appeal=appeal)
        issues.choose_appeal(session, issue, choice, now)
    issues.approve(session, issue, place.here.links, now)
    return issue.id


def add_appeal(session: Session, place: Place) -> int:
    """Add an appeal in three variants that rests for a month, and is silent for givers."""
    publication = _publication(session, datetime.now(UTC))
    wording = support.Wording("Support us", "Readers keep this free to read.", "Give")
    terms = support.Terms(
        "Winter", "en", publications=(publication.id,), rest_days=30, silent_days=60
    )
    appeal = support.add_appeal(session, terms, wording)
    for name, weight in (("B", 3), ("C", 1)):
        other = replace(wording, title=f"{wording.title}, {name}")
        support.add_variant(session, appeal, name, weight, {"en": other})
    return appeal.id


def add_history(session: Session, place: Place, appeal: int) -> None:
    """Have two fifths of all readers shown the appeal yesterday, and a twentieth given."""
    now = datetime.now(UTC)
    number = add_issue(session, place, appeal=appeal)
    before = issues.fetch(session, number)
    before.published_at, before.state = now - timedelta(days=1), model.IssueState.SENT
    variant = support.sayings(session, [appeal])[appeal][0].variant.id
    session.add(model.Showing(issue_id=number, variant_id=variant, sent=1))
    session.flush()
    wish, reader = model.Subscription, model.Subscription.subscriber_id
    seen = select(wish.id, case((reader % 5 < 2, number), else_=0)).order_by(wish.id)
    columns = ["subscription_id", "issue_id"]
    session.execute(insert(model.LastShown).from_select(columns, seen))
    given = select(
        wish.publication_id,
        literal("bank"),
        cast(reader, Text),
        literal(now.date()),
        literal(5_000),
        literal("EUR"),
        literal(now, model.Donation.recorded_at.type),
        literal(appeal),
        reader,
        literal(0),
    ).where(reader % 20 == 7)
    columns = ["publication_id", "source", "reference", "given_on", "amount", "currency"]
    columns += ["recorded_at", "appeal_id", "subscriber_id", "returned"]
    session.execute(insert(model.Donation).from_select(columns, given))
    if place.database == "postgresql":
        session.execute(text("ANALYZE"))


def call_finished(place: Place, issue: int) -> None:
    """Have it look as if an issue were finished whose readers saw no appeal."""
    with place.here.database.transaction() as session:
        session.execute(update(model.Showing).where(model.Showing.issue_id == issue).values(sent=0))


def _publication(session: Session, now: datetime) -> model.Publication:
    return session.scalars(select(model.Publication)).one_or_none() or issues.add_publication(
        session,
        slug="baltic-monitor",
        name="Baltic Monitor",
        author_address=f"monitor@{AUTHOR_DOMAIN}",
        author_name="Institute of Examples",
        postal_address="Institute of Examples, 1 Example Street, 00-001 Warsaw, Poland",
        donate_url=f"https://{AUTHOR_DOMAIN}/donate",
        now=now,
    )


def add_readers(session: Session, place: Place, count: int) -> None:
    """Subscribe ``count`` people to the one publication there is."""
    now = literal(datetime.now(UTC), model.Subscriber.created_at.type)
    number, digest = _numbers(place.database, count)
    name, mail = cast(number, Text), cast(number % DOMAINS, Text)
    person = select(
        literal("reader-") + name + "@mail" + mail + ".example",
        digest,
        literal("en"),
        now,
        literal("Reader ") + name,
    )
    columns = ["address", "digest", "language", "created_at", "name"]
    session.execute(insert(model.Subscriber).from_select(columns, person))
    wish = select(
        model.Subscriber.id,
        select(model.Publication.id).scalar_subquery(),
        literal(model.SubscriptionState.ACTIVE, model.Subscription.state.type),
        now,
    )
    columns = ["subscriber_id", "publication_id", "state", "changed_at"]
    session.execute(insert(model.Subscription).from_select(columns, wish))
    if place.database == "postgresql":
        # As the server does by itself, some time after so many rows have come.
        session.execute(text("ANALYZE"))


def _numbers(database: str, count: int) -> tuple[ColumnElement[int], ColumnElement[bytes]]:
    """Return the numbers from 1 to ``count`` as rows, and a digest of its own for each."""
    if database == "postgresql":
        number = func.generate_series(1, count).column_valued("number")
        return number, func.sha256(func.int8send(number))
    numbers = select(literal(1).label("number")).cte("numbers", recursive=True)
    following = select(numbers.c.number + 1).where(numbers.c.number < count)
    return numbers.union_all(following).c.number, func.randomblob(32)


def publish(place: Place, issue: int) -> float:
    """Have an approved issue fall due, publish it as the clock does; return the seconds it took."""
    schedule(place, issue)
    begun = time.perf_counter()
    with place.here.database.transaction() as session:
        size = place.here.settings.batch_size
        published = issues.publish(session, issue, datetime.now(UTC), batch_size=size)
    if not published:
        raise NewsletterError("The issue was not published")
    return time.perf_counter() - begun


def schedule(place: Place, issue: int) -> None:
    """Have an approved issue fall due now, for a clock to publish."""
    now = datetime.now(UTC)
    with place.here.database.transaction() as session:
        issues.schedule(session, issues.fetch(session, issue), now.replace(tzinfo=None), "UTC", now)


def batches_left(place: Place, issue: int) -> tuple[int, int]:
    """Return how many batches have something left to send, and how many there are.

    It is all that is asked of the database while the clock runs, and it is cheap.
    """
    with place.here.database.reading() as session:
        left, total = session.execute(
            select(func.count(model.Batch.due_at), func.count()).where(
                model.Batch.issue_id == issue
            )
        ).one()
    return left, total


def finish(place: Place, issue: int, readers: int) -> float:
    """See that all was sent, finish the issue as the clock does; return the seconds it took."""
    begun = time.perf_counter()
    with place.here.database.transaction() as session:
        finished = issues.finish(session, issue, datetime.now(UTC))
    seconds = time.perf_counter() - begun
    with place.here.database.reading() as session:
        sent = deliveries.tally(session, issue).counts[model.DeliveryState.SENT]
    if sent != readers or not finished:
        raise NewsletterError(f"Only {sent} of {readers} mails were sent; nothing is measured")
    return seconds


def notify(place: Place) -> int:
    """Put a notice to one of the readers into the outbox; return its delivery."""
    now = datetime.now(UTC)
    words = Words(
        "Confirm your subscription",
        "<!doctype html><title>Confirm</title><p>Was it you?</p>",
        "Was it you?\n",
    )
    with place.here.database.transaction() as session:
        publication = session.scalars(select(model.Publication.id)).one()
        reader = session.scalar(select(func.min(model.Subscriber.id))) or 0
        return deliveries.notify(session, publication, reader, "confirm", "en", words, now)


def is_sent(place: Place, delivery: int) -> bool:
    """Tell whether a delivery has come to its end."""
    with place.here.database.reading() as session:
        state = session.scalar(select(model.Delivery.state).where(model.Delivery.id == delivery))
    return state is model.DeliveryState.SENT


def use_dkim(place: Place) -> None:
    """Have the mail signed with a new RSA key."""
    programs.command("dkim", "new", AUTHOR_DOMAIN, "--selector", "bench", environ=place.environ)
    programs.command("dkim", "use", AUTHOR_DOMAIN, "bench", environ=place.environ)
