"""Looking people up: what is found, page by page, and that every look goes along an index."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model, subscriptions
from newsletter.model import SubscriptionState
from newsletter.subscriptions import BEGINNING, Wanted, directory
from newsletter.subscriptions.directory import PAGE, look_up

ACTIVE, PENDING = SubscriptionState.ACTIVE, SubscriptionState.PENDING


def found(session: Session, wanted: Wanted) -> list[str]:
    """Read all pages; return the addresses in the order of the pages."""
    place, seen = BEGINNING, []
    while True:
        page = look_up(session, wanted, place)
        seen += [entry.address for entry in page.entries]
        if page.following is None:
            return seen
        place = page.following


def person(session: Session, address: str, name: str = "", **columns: Any) -> int:
    return make.subscriber(session, address, name=name, **columns).id


@pytest.fixture(params=["indexed", "waiting", "both"])
def people(session: Session, request: pytest.FixtureRequest) -> None:
    person(session, "anna.kowalska@one.example", "Anna Kowalska")
    person(session, "Anna.Nowak@two.example", "Anna Maria Nowak", language="de")
    person(session, "jan@one.example", "Jan Kowalczyk")
    person(session, "biuro@kowal.example")
    person(session, "zb@two.example", "Zbigniew Żółkiewski-Nowacki")
    if request.param != "indexed":
        session.execute(update(model.Subscriber).values(indexed=False))
    if request.param == "both":
        assert directory.index(session, limit=2) == 2


@pytest.mark.parametrize(
    ("words", "locals_"),
    [
        ("anna.", ["Anna.Nowak", "anna.kowalska"]),
        ("ANNA.KOW", ["anna.kowalska"]),
        ("anna.kowalska@one", ["anna.kowalska"]),
        ("anna.kowalska@two", []),
        ("@one.example", ["anna.kowalska", "jan"]),
        ("@ONE.example", ["anna.kowalska", "jan"]),
        ("@example", []),
        ("@", []),
        ("kowal", ["anna.kowalska", "jan"]),
        ("Kowalczyk", ["jan"]),
        ("kowalczykowa", []),
        ("jan", ["jan"]),
        ("anna", ["Anna.Nowak", "anna.kowalska"]),
        ("maria", ["Anna.Nowak"]),
        ("anna nowak", ["Anna.Nowak"]),
        ("nowak anna", ["Anna.Nowak"]),
        ("anna maria nowak", ["Anna.Nowak"]),
        ("anna żółkiewski", []),
        ("żółk", ["zb"]),
        ("ŻÓŁKIEWSKI", ["zb"]),
        ("nowac", ["zb"]),
        ("biuro", ["biuro"]),
        ("%", []),
        ("_nna", []),
        ("'; drop table subscribers; --", []),
    ],
)
@pytest.mark.usefixtures("people")
def test_people_are_found_by_address_domain_and_words_of_the_name(
    session: Session, words: str, locals_: list[str]
) -> None:
    everybody = [address.partition("@")[0] for address in found(session, Wanted(words))]
    assert sorted(everybody) == sorted(locals_)


@pytest.mark.usefixtures("people")
def test_without_words_the_newest_come_first(session: Session) -> None:
    everybody = found(session, Wanted())
    assert [address.partition("@")[0] for address in everybody] == [
        *("zb", "biuro", "jan", "Anna.Nowak", "anna.kowalska")
    ]
    assert found(session, Wanted(language="de")) == ["Anna.Nowak@two.example"]
    assert found(session, Wanted("anna", language="de")) == ["Anna.Nowak@two.example"]


@pytest.fixture
def crowd(session: Session) -> tuple[int, int]:
    """Subscribe twice a page and some of people, every third to a second publication, too."""
    one, two = make.publication(session).id, make.publication(session).id
    for number in range(2 * PAGE + 7):
        reader = person(session, f"reader.{number:03}@one.example", f"Reader Number{number:03}")
        state = PENDING if number % 10 == 0 else ACTIVE
        for publication in (one, two)[: 1 + (number % 3 == 0)]:
            make.subscription(
                session, subscriber_id=reader, publication_id=publication, state=state
            )
    return one, two


def test_pages_come_one_after_the_other_with_everybody_once(
    session: Session, crowd: tuple[int, int]
) -> None:
    one, two = crowd
    numbers = range(2 * PAGE + 7)
    everybody = [f"reader.{number:03}@one.example" for number in numbers]
    assert found(session, Wanted()) == everybody[::-1]
    assert found(session, Wanted("@one.example")) == everybody[::-1]
    assert found(session, Wanted(publication=one)) == everybody[::-1]
    assert sorted(found(session, Wanted("reader."))) == everybody
    assert sorted(found(session, Wanted("number"))) == everybody
    assert sorted(found(session, Wanted("reader"))) == everybody
    assert found(session, Wanted(publication=two)) == everybody[::3][::-1]
    assert found(session, Wanted(state=PENDING)) == everybody[::10][::-1]
    assert found(session, Wanted(publication=two, state=PENDING)) == everybody[::30][::-1]
    assert sorted(found(session, Wanted("reader", two, PENDING, "en"))) == everybody[::30]


@pytest.mark.usefixtures("crowd")
def test_a_page_looks_at_so_many_rows_and_says_where_to_look_further(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.subscriber(session, "late@one.example", language="pl")
    session.execute(
        text("update subscribers set language = 'de' where id in (select min(id) from subscribers)")
    )
    monkeypatch.setattr(directory, "LOOKED_AT", 20)
    page = look_up(session, Wanted(language="de"))
    assert (page.entries, page.is_cut) == ([], True)
    assert page.following is not None
    assert found(session, Wanted(language="de")) == ["reader.000@one.example"]
    assert found(session, Wanted(language="xx")) == []
    assert len(found(session, Wanted("reader", language="en"))) == 2 * PAGE + 6
    assert len(found(session, Wanted("number", language="en"))) == 2 * PAGE + 6


@pytest.mark.usefixtures("crowd")
def test_who_waits_is_entered_some_at_a_time_and_found_meanwhile(session: Session) -> None:
    session.execute(update(model.Subscriber).values(indexed=False))
    everybody = found(session, Wanted("reader."))
    assert len(everybody) == 2 * PAGE + 7
    entered = []
    while directory.is_waiting(session):
        entered.append(directory.index(session, limit=PAGE))
        assert sorted(found(session, Wanted("reader."))) == sorted(everybody)
        assert sorted(found(session, Wanted("number", state=ACTIVE))) == sorted(
            address for address in everybody if not address.split("@")[0].endswith("0")
        )
    assert entered == [PAGE, PAGE, 7]
    assert directory.index(session) == 0


def test_a_page_after_somebody_who_is_gone_begins_anew(
    session: Session, crowd: tuple[int, int]
) -> None:
    first = look_up(session, Wanted("reader."))
    assert first.following is not None
    subscriptions.erase(session, first.following.number, NOW)
    again = look_up(session, Wanted("reader."), first.following)
    assert len(again.entries) == PAGE


def test_an_entry_tells_states_and_suppression(session: Session) -> None:
    monitor = make.publication(session)
    wish = make.subscription(session, publication_id=monitor.id, state=PENDING)
    reader = session.get_one(model.Subscriber, wish.subscriber_id)
    make.suppression(session, reader.address)
    (entry,) = look_up(session, Wanted()).entries
    assert entry.wishes == [(monitor.id, PENDING)]
    assert entry.suppressed == model.SuppressionReason.HARD_BOUNCE
    assert entry.since == reader.created_at


def test_what_was_searched_for_is_known_for_a_day_and_to_its_editor(session: Session) -> None:
    mine, other = make.editor(session).id, make.editor(session).id
    number = subscriptions.keep_search(session, "anna@", NOW, editor=mine)
    assert subscriptions.kept_search(session, number, NOW, editor=mine) == "anna@"
    assert subscriptions.kept_search(session, number, NOW, editor=other) is None
    assert subscriptions.kept_search(session, number + 1, NOW, editor=mine) is None
    late = NOW + timedelta(days=1)
    assert subscriptions.kept_search(session, number, late, editor=mine) is None
    assert subscriptions.purge(session, late) == 1
    assert session.get(model.Search, number) is None


def test_searches_go_when_somebody_is_erased(session: Session) -> None:
    reader = make.subscriber(session, "anna@one.example")
    number = subscriptions.keep_search(session, "anna@", NOW, editor=make.editor(session).id)
    subscriptions.erase(session, reader.id, NOW)
    assert session.get(model.Search, number) is None


def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Give the list of statements that are sent meanwhile, with what is bound in them."""
    said: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, words: str, bound: Any, *_: Any) -> None:
        said.append((words, bound))

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield said
    event.remove(session.get_bind(), "before_cursor_execute", note)


counted = pytest.fixture(statements)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted("reader.1"), "search_index_of_addresses"),
        (Wanted("reader.100@one.example"), "search_index_of_addresses"),
        (Wanted("@two.example"), "search_index_of_domains"),
        (Wanted("number100"), "search_index_of_surnames"),
        (Wanted("reader number100"), "search_index_of_surnames"),
        (Wanted("reader.1"), "ix_subscribers_not_indexed"),
        (Wanted("@two.example"), "ix_subscribers_not_indexed"),
        (Wanted(state=PENDING), "ix_subscriptions_publication_id_state_id"),
        (Wanted(publication=1, state=PENDING), "ix_subscriptions_publication_id_state_id"),
    ],
)
@pytest.mark.usefixtures("crowd")
def test_every_look_goes_along_an_index(
    session: Session, counted: list[tuple[str, Any]], wanted: Wanted, index: str
) -> None:
    if session.get_bind().dialect.name == "postgresql":
        # A hundred rows are read through sooner; here it is asked what can be done with many.
        session.execute(text("set local enable_seqscan = off"))
        session.execute(text("set local enable_bitmapscan = off"))
        session.execute(text("analyze"))
    counted.clear()
    first = look_up(session, wanted)
    if first.following:
        look_up(session, wanted, first.following)
    plans = {words: plan(session, words, bound) for words, bound in list(counted)}
    assert any(index in shown for shown in plans.values())
    for words, shown in plans.items():
        assert "Seq Scan on subscri" not in shown, shown
        newest_first = "ORDER BY subscribers.id DESC" in words and "LIMIT" in words
        assert "SCAN subscri" not in shown or newest_first, shown


def plan(session: Session, words: str, bound: Any) -> str:
    how = "explain query plan" if session.get_bind().dialect.name == "sqlite" else "explain"
    rows = session.connection().exec_driver_sql(f"{how} {words}", bound)
    return "\n".join(" ".join(map(str, row)) for row in rows)


@pytest.mark.parametrize("size", [1, PAGE])
def test_a_page_takes_as_many_statements_for_one_as_for_fifty(
    session: Session, counted: list[tuple[str, Any]], size: int
) -> None:
    for _ in range(size):
        make.subscription(session)
    session.expire_all()
    counted.clear()
    assert len(look_up(session, Wanted()).entries) == size
    assert len(counted) == 3
