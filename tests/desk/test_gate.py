from datetime import timedelta
from threading import Barrier, Thread

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from make import NOW, SECRET_KEY
from newsletter import model
from newsletter.database import Database
from newsletter.desk import gate
from newsletter.desk.gate import Door

MINUTE = timedelta(minutes=1)


def door(address: str = "anna@example.org", network: str = "192.0.2.0/24") -> Door:
    return Door.of(address, network, SECRET_KEY)


def test_five_attempts_are_free_and_then_the_waits_double(session: Session) -> None:
    now = NOW
    for _ in range(5):
        assert gate.knock(session, door(), now) is None
    waits = []
    for _ in range(9):
        closed = gate.knock(session, door(), now)
        assert closed is not None
        waits.append((closed - now) / MINUTE)
        now = closed
        assert gate.knock(session, door(), now) is None
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_comes_while_the_door_is_closed_lengthens_nothing(session: Session) -> None:
    for _ in range(5):
        gate.knock(session, door(), NOW)
    for _ in range(50):
        assert gate.knock(session, door(), NOW) == NOW + MINUTE
        assert gate.closed_until(session, door(), NOW) == NOW + MINUTE
    assert gate.closed_until(session, door(), NOW + MINUTE) is None
    assert gate.knock(session, door(), NOW + MINUTE) is None


def test_an_address_is_one_account_however_it_is_written(session: Session) -> None:
    for typed in ("anna@example.org", "ANNA@example.org ", "Anna@Example.org", " anna@EXAMPLE.org"):
        gate.knock(session, door(typed), NOW)
    gate.knock(session, door(), NOW)
    assert gate.knock(session, door(), NOW) is not None
    assert gate.knock(session, door("jan@example.org"), NOW) is None


def test_a_network_that_tries_many_accounts_waits_too(session: Session) -> None:
    for number in range(30):
        assert gate.knock(session, door(f"editor-{number}@example.org"), NOW) is None
    assert gate.knock(session, door("another@example.org"), NOW) == NOW + MINUTE
    assert gate.knock(session, door("another@example.org", "198.51.100.0/24"), NOW) is None


def test_who_comes_in_starts_anew(session: Session) -> None:
    for _ in range(5):
        gate.knock(session, door(), NOW)
    gate.open_up(session, door(), NOW)
    for _ in range(5):
        assert gate.knock(session, door(), NOW) is None


def test_an_account_of_ones_own_gives_no_free_tries_at_others(session: Session) -> None:
    for number in range(29):
        gate.knock(session, door(f"editor-{number}@example.org"), NOW)
        assert gate.knock(session, door("mallory@example.org"), NOW) is None
        gate.open_up(session, door("mallory@example.org"), NOW)
    gate.knock(session, door("last@example.org"), NOW)
    assert gate.knock(session, door("mallory@example.org"), NOW) is not None


def test_a_password_that_was_right_does_not_excuse_wrong_codes(session: Session) -> None:
    for _ in range(5):
        assert gate.knock(session, door(), NOW) is None, "the password, which is right"
        gate.excuse(session, door(), NOW)
        assert gate.knock(session, door(), NOW) is None, "the code, which is wrong"
    assert gate.knock(session, door(), NOW) is not None


def test_after_a_day_earlier_attempts_count_no_more(session: Session) -> None:
    for _ in range(5):
        gate.knock(session, door(), NOW)
    later = NOW + gate.FORGOTTEN + MINUTE
    for _ in range(5):
        assert gate.knock(session, door(), later) is None
    gate.tidy(session, later + gate.FORGOTTEN + MINUTE)
    assert session.scalar(select(func.count(model.Attempt.key))) == 0


def test_no_address_is_kept(session: Session) -> None:
    gate.knock(session, door(), NOW)
    assert not any("anna" in key for key in session.scalars(select(model.Attempt.key)))


def test_many_attempts_at_once_are_counted_one_by_one(database: Database) -> None:
    let_in: list[object] = []
    barrier = Barrier(12)

    def attempt() -> None:
        barrier.wait()
        with database.transaction() as session:
            let_in.append(gate.knock(session, door(), NOW))

    threads = [Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_in.count(None) == 5
