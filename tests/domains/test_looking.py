"""When a domain is looked at, and what is kept of it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import clock, domains
from newsletter.database import Database
from newsletter.domains import Examiner, Unanswered, Verdict, keys


def nobody(name: str, kind: str) -> tuple[str, ...]:
    return ()


def silence(name: str, kind: str) -> tuple[str, ...]:
    raise Unanswered


def examiner(home: Path, *, by_itself: bool = True, silent: bool = False) -> Examiner:
    return Examiner(home, by_itself=by_itself, ask=silence if silent else nobody)


def test_each_senders_domain_is_looked_at_once_a_day(session: Session, tmp_path: Path) -> None:
    for address in ("a@Example.ORG", "b@example.org", "c@łódź.example"):
        make.publication(session, author_address=address)
    looker = examiner(tmp_path)
    assert sorted(looker.due(session, NOW)) == ["example.org", "xn--d-uga0v4h.example"]
    domains.keep_look(session, "example.org", looker.examine("example.org"), NOW)
    assert "example.org" not in looker.due(session, NOW + timedelta(hours=23))
    assert "example.org" in looker.due(session, NOW + timedelta(hours=24))


def test_a_look_that_was_asked_for_is_due_until_it_is_done(
    session: Session, tmp_path: Path
) -> None:
    make.publication(session, author_address="a@example.org")
    looker = examiner(tmp_path, by_itself=False)
    assert looker.due(session, NOW) == []
    assert not domains.ask_for_look(session, "elsewhere.example", NOW)
    assert domains.ask_for_look(session, "example.org", NOW)
    assert [state.is_waiting for state in domains.states(session)] == [True]
    assert looker.due(session, NOW) == ["example.org"]
    domains.keep_look(session, "example.org", looker.examine("example.org"), NOW)
    assert looker.due(session, NOW + timedelta(days=9)) == []
    (state,) = domains.states(session)
    assert (state.is_waiting, state.checked_at, state.verdict) == (False, NOW, Verdict.BAD)
    assert list(state.findings) == list(looker.examine("example.org"))
    domains.ask_for_look(session, "example.org", NOW + timedelta(seconds=1))
    assert looker.due(session, NOW) == ["example.org"]


def test_after_silence_the_next_look_is_soon(session: Session, tmp_path: Path) -> None:
    make.publication(session, author_address="a@example.org")
    looker = examiner(tmp_path, silent=True)
    domains.keep_look(session, "example.org", looker.examine("example.org"), NOW)
    assert looker.due(session, NOW + timedelta(minutes=9)) == []
    assert looker.due(session, NOW + timedelta(minutes=10)) == ["example.org"]


def test_the_keys_of_a_domain_are_looked_for_but_those_that_retired(tmp_path: Path) -> None:
    first = keys.make(tmp_path, "example.org", "ed25519", NOW)
    keys.use(first)
    second = keys.make(tmp_path, "example.org", "ed25519", NOW)
    keys.make(tmp_path, "other.example", "ed25519", NOW)
    assert (first.selector, second.selector) == ("n20261123", "n20261123-2")
    found = examiner(tmp_path).examine("example.org")
    assert [one.about for one in found if one.subject == "dkim"] == ["n20261123", "n20261123-2"]
    keys.use(second)
    broken = keys.make(tmp_path, "example.org", "ed25519", NOW, selector="Broken")
    broken.file.write_text("no key")
    found = examiner(tmp_path).examine("example.org")
    slugs = {one.about: one.slug for one in found if one.subject == "dkim"}
    assert slugs == {"broken": "dkim-broken", "n20261123-2": "dkim-missing"}


def test_the_clock_looks(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        make.publication(session, author_address="a@example.org")
    clock.look(database, NOW, examiner(tmp_path))
    with database.reading() as session:
        (state,) = domains.states(session)
    assert (state.checked_at, state.domain) == (NOW, "example.org")
    assert len(state.findings) == 4
