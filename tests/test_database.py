"""One way into the database: transactions that are kept whole, reading that waits for nobody."""

import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter.database import Database
from newsletter.errors import ConfigurationError
from newsletter.model import Base, Consent, Issue, IssueState, Licence, Subscriber, Subscription


def licences(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Licence))


def test_a_transaction_is_kept_when_it_ends(database: Database) -> None:
    with database.transaction() as session:
        make.licence(session)
    with database.reading() as session:
        assert licences(session) == 1


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            make.licence(session)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.reading() as session:
        assert licences(session) == 0


def test_what_is_written_while_reading_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        make.licence(session)
    with database.reading() as session:
        assert licences(session) == 0


def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as writer:
        make.licence(writer)
        with database.reading() as reader:
            assert licences(reader) == 0


def test_two_writers_take_turns(database: Database) -> None:
    """On SQLite, a reader that turned writer would fail at once instead of waiting."""
    with database.transaction() as session:
        licence = make.licence(session, name="0").id
    program = f"""
from newsletter.database import Database
from newsletter.model import Licence
database = Database({database.url.render_as_string(hide_password=False)!r})
for _ in range(25):
    with database.transaction() as session:
        row = session.get_one(Licence, {licence}, with_for_update=True)
        row.name = str(int(row.name) + 1)
"""
    run_at_once(program, 3)
    with database.reading() as session:
        assert session.get_one(Licence, licence).name == "75"


def test_several_processes_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    program = f"""
from sqlalchemy import text
from newsletter.database import Database
with Database("sqlite:///{tmp_path}/new.sqlite3").transaction() as session:
    session.execute(text("create table if not exists once (id integer)"))
"""
    run_at_once(program, 3)


def run_at_once(program: str, count: int) -> None:
    command = [sys.executable, "-c", program]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(count)]
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * count


def test_rows_point_to_rows_that_exist(session: Session) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        make.issue(session, publication_id=12345)


def test_with_a_subscriber_go_the_wishes_and_no_line_of_consent(session: Session) -> None:
    gone, stays = make.subscription(session), make.subscription(session)
    line = make.consent(session, subscriber_id=gone.subscriber_id)
    make.consent(session, subscriber_id=stays.subscriber_id)
    session.execute(delete(Subscriber).where(Subscriber.id == gone.subscriber_id))
    assert session.scalars(select(Subscription.id)).all() == [stays.id]
    lines = select(Consent.id, Consent.subscriber_id).order_by(Consent.id)
    assert session.execute(lines).all() == [(line.id, None), (line.id + 1, stays.subscriber_id)]


def test_the_database_knows_the_states_that_there_are(session: Session) -> None:
    subscription = make.subscription(session)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("update subscriptions set state = 'lost'"))
    session.refresh(subscription)
    assert session.get_one(Subscription, subscription.id).state == "active"


def test_no_issue_is_sent_that_was_not_approved(session: Session) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        make.issue(session, state=IssueState.SENDING)


def test_moments_come_back_in_utc(session: Session) -> None:
    warsaw = timezone(timedelta(hours=1))
    issue = make.issue(session, due_at=datetime(2026, 11, 23, 10, 0, tzinfo=warsaw))
    session.expire_all()
    due = session.get_one(Issue, issue.id).due_at
    assert due == NOW
    assert due.tzinfo is not None
    assert due.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="time zone"), session.begin_nested():
        make.issue(session, due_at=datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


def test_every_table_has_a_row_to_test_with(session: Session) -> None:
    issue = make.issue(session, make.article(session))
    make.address_change(session)
    make.api_key(session)
    make.appeal(session)
    make.appeal_choice(session)
    make.appeal_publication(session)
    make.last_shown(session)
    make.showing(session)
    make.approval_step(session)
    make.attempt(session)
    make.audit_entry(session)
    make.batch(session, issue_id=issue.id)
    make.block(session)
    make.bucket(session)
    make.challenge(session)
    make.click(session, issue.id)
    make.consent(session)
    make.counter(session)
    make.delivery(session, issue_id=issue.id)
    make.domain_check(session)
    make.donation(session)
    make.editor(session)
    make.feed(session)
    make.goodbye(session, issue.id)
    make.reuse(session, issue.id)
    make.erratum(session)
    make.way(session)
    make.hook(session)
    make.movement(session)
    make.image_use(session)
    make.import_(session)
    make.invitation(session)
    make.licence(session)
    make.link(session, issue.id, "https://example.org/timetable")
    make.link_check(session)
    make.manuscript(session)
    make.monthly(session)
    make.pace(session)
    make.passkey(session)
    make.reason(session)
    make.recovery_code(session)
    make.relay(session)
    make.revision(session)
    make.search(session)
    make.segment(session)
    make.sign_in(session)
    make.sign_up(session)
    make.subject(session, issue.id)
    make.subject_test(session)
    make.embargo(session)
    make.wave(session)
    make.subscriber_tag(session)
    make.subscription(session)
    make.suppression(session, "anna@example.org")
    make.template_revision(session)
    make.trial(session)
    make.upload(session)
    make.waypoint(session)
    for table in Base.metadata.sorted_tables:
        assert session.execute(select(table)).first(), table.name


@pytest.mark.parametrize(
    "url",
    ["", "newsletter.sqlite3", "mysql://localhost/news", "oracle://x", "postgresql://h:port/news"],
)
def test_a_url_that_names_no_database_of_ours_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="NEWSLETTER_DATABASE_URL"):
        Database(url)


def test_a_database_that_does_not_answer_is_refused_by_name(tmp_path: Path) -> None:
    with closing(Database(f"postgresql://anna:secret@/news?host={tmp_path}")) as database:
        with pytest.raises(ConfigurationError, match="NEWSLETTER_DATABASE_URL") as refusal:
            database.upgrade()
        assert "secret" not in refusal.value.message


def test_a_database_is_checked_for_the_schema_that_the_program_knows(
    empty_database: Database,
) -> None:
    with pytest.raises(ConfigurationError, match="newsletter init"):
        empty_database.check()
    empty_database.upgrade()
    empty_database.check()
    with empty_database.transaction() as session:
        session.execute(text("update alembic_version set version_num = 'of another time'"))
    with pytest.raises(ConfigurationError, match="newsletter db upgrade"):
        empty_database.check()
