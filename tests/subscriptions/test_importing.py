"""Files become subscriptions: what is taken, what stays away, and where a killed one goes on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.errors import Conflict, InvalidImport, NotFound
from newsletter.model import SubscriptionState, SuppressionReason
from newsletter.subscriptions import Error, Job, importing, stage

Import = Callable[..., tuple[Job, list[Error]]]


@pytest.fixture
def publication(database: Database) -> str:
    with database.transaction() as session:
        return make.publication(session, slug="baltic-monitor", language="pl").slug


@pytest.fixture
def bring_in(database: Database, publication: str, tmp_path: Path) -> Import:
    """Import ``content`` as a file, as an edge does; return what became of it."""

    def bring_in(
        content: str | bytes, name: str = "people.csv", chunks: int = 0, **words: object
    ) -> tuple[Job, list[Error]]:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        words = {"folder": tmp_path, "secret_key": SECRET_KEY, "publication": publication} | words
        with database.transaction() as session:
            job = subscriptions.begin_import(session, file, NOW, **words)  # type: ignore[arg-type]
        errors = []
        if job.finished_at:
            return job, []
        for number, chunk in enumerate(subscriptions.prepared(job), 1):
            with database.transaction() as session:
                job = subscriptions.keep_chunk(session, job, chunk)
            errors += chunk.errors
            if number == chunks:
                return job, errors
        with database.transaction() as session:
            return subscriptions.finish_import(session, job, NOW), errors

    return bring_in


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BLOCK", dict.fromkeys(importing.BLOCK, 64))


def states(database: Database) -> dict[str, SubscriptionState]:
    with database.reading() as session:
        rows = session.execute(
            select(model.Subscriber.address, model.Subscription.state).join(
                model.Subscription, model.Subscription.subscriber_id == model.Subscriber.id
            )
        )
        return {row.address: row.state for row in rows}


def person(database: Database, address: str) -> model.Subscriber:
    with database.reading() as session:
        found = session.scalars(
            select(model.Subscriber).where(model.Subscriber.address == address)
        ).one()
        session.expunge_all()
        return found


def consents(database: Database) -> list[model.Consent]:
    with database.reading() as session:
        found = session.scalars(select(model.Consent).order_by(model.Consent.id)).all()
        session.expunge_all()
        return list(found)


def tables(database: Database) -> list[object]:
    """Return all that an import may have written, without numbers."""
    with database.reading() as session:
        people = session.execute(
            select(
                model.Subscriber.address,
                model.Subscriber.digest,
                model.Subscriber.name,
                model.Subscriber.language,
                model.Subscriber.created_at,
                model.Subscription.state,
                model.Subscription.changed_at,
                model.Subscription.frequency,
                model.Subscription.paused_until,
            )
            .join(model.Subscription, model.Subscription.subscriber_id == model.Subscriber.id)
            .order_by(model.Subscriber.digest)
        ).all()
        log = session.execute(
            select(model.Subscriber.digest, model.Consent.details, model.Consent.at)
            .join(model.Subscriber, model.Subscriber.id == model.Consent.subscriber_id)
            .order_by(model.Subscriber.digest, model.Consent.id)
        ).all()
        kept = session.execute(
            select(model.Suppression.digest, model.Suppression.reason).order_by(
                model.Suppression.digest
            )
        ).all()
        return [*people, *log, *kept]


ACTIVE, LEFT = SubscriptionState.ACTIVE, SubscriptionState.UNSUBSCRIBED


def test_a_row_becomes_a_person_a_subscription_and_a_line_of_consent(
    bring_in: Import, database: Database
) -> None:
    job, errors = bring_in(
        "email,name,language,created_at,tags,ip\n"
        'Anna@EXAMPLE.org,  Anna   Nowak ,en,2024-03-01T10:00:00+01:00,"one, two",192.0.2.77\n',
        source="the fair in May",
    )
    assert errors == []
    assert job.counts["added"] == job.counts["read"] == 1
    assert states(database) == {"Anna@example.org": ACTIVE}
    anna = person(database, "Anna@example.org")
    assert (anna.name, anna.language) == ("Anna Nowak", "en")
    assert anna.created_at == datetime(2024, 3, 1, 9, tzinfo=UTC)
    (line,) = consents(database)
    assert (line.action, line.form, line.at, line.origin) == (
        *("imported", "import", NOW),
        "192.0.2.0/24",
    )
    assert line.details == {
        "source": "the fair in May",
        "date": "2024-03-01T10:00:00+01:00",
        "status": "active",
        "groups": ["one", "two"],
    }


def test_an_imported_person_is_the_one_that_a_form_would_find(
    bring_in: Import, database: Database
) -> None:
    bring_in("address\nzażółć@przykład.pl\n")
    with database.transaction() as session:
        chosen = session.scalars(select(model.Publication)).one()
        again = subscriptions.add(session, chosen, "ZAŻÓŁĆ@przykład.pl", NOW, secret_key=SECRET_KEY)
        assert again.id == session.scalars(select(model.Subscription.id)).one()


def test_the_language_is_the_files_then_the_operators_then_the_publications(
    bring_in: Import, database: Database
) -> None:
    bring_in("address,language\na@example.org,de_AT\nb@example.org,\nc@example.org,???\n")
    assert [person(database, f"{one}@example.org").language for one in "abc"] == [
        *("de-AT", "pl", "pl")
    ]
    bring_in("address\nd@example.org\n", language="en")
    assert person(database, "d@example.org").language == "en"


def test_who_left_or_cannot_be_reached_elsewhere_becomes_no_reader(
    bring_in: Import, database: Database
) -> None:
    bring_in(
        "email,status\na@example.org,unsubscribed\nb@example.org,cleaned\nc@example.org,complained\n"
        "d@example.org,blocklisted\ne@example.org,unconfirmed\nf@example.org,subscribed\n"
    )
    assert states(database) == {
        **{f"{one}@example.org": LEFT for one in "abcd"},
        "e@example.org": SubscriptionState.PENDING,
        "f@example.org": ACTIVE,
    }
    with database.reading() as session:
        reasons = set(session.scalars(select(model.Suppression.reason)))
        digests = set(session.scalars(select(model.Suppression.digest)))
    assert reasons == {
        SuppressionReason.HARD_BOUNCE,
        SuppressionReason.COMPLAINT,
        SuppressionReason.MANUAL,
    }
    assert digests == {person(database, f"{one}@example.org").digest for one in "bcd"}


def test_a_status_that_nobody_knows_adds_nobody(bring_in: Import, database: Database) -> None:
    _, errors = bring_in("email,status\na@example.org,zombie\nb@example.org,nonsubscribed\n")
    assert [(one.line, one.field) for one in errors] == [(2, "status"), (3, "status")]
    assert "zombie" in errors[0].reason
    assert states(database) == {}


def test_a_suppression_is_respected_and_stays(bring_in: Import, database: Database) -> None:
    with database.transaction() as session:
        make.suppression(session, "gone@example.org", reason=SuppressionReason.ERASED)
    job, _ = bring_in("address\nGone@example.org\nnew@example.org\n")
    assert (job.counts["suppressed"], job.counts["added"]) == (1, 1)
    assert states(database) == {"new@example.org": ACTIVE}
    with database.reading() as session:
        assert session.scalars(select(model.Suppression.reason)).one() == "erased"


def test_who_left_here_is_not_brought_back(bring_in: Import, database: Database) -> None:
    bring_in("address\nanna@example.org\n")
    with database.transaction() as session:
        wish = session.scalars(select(model.Subscription)).one()
        subscriptions.leave(session, wish.id, NOW, form="page")
    job, _ = bring_in("address,name\nanna@example.org,Anna\n")
    assert states(database) == {"anna@example.org": LEFT}
    assert job.counts["known"] == 1
    assert [line.action for line in consents(database)] == ["imported", "left"]


@pytest.mark.parametrize(
    ("left", "state"),
    [("", LEFT), ("2026-11-24", LEFT), ("2026-11-20", ACTIVE)],
    ids=["without a date", "later", "earlier than the wish here"],
)
def test_the_word_that_somebody_left_ends_what_is_here_unless_it_is_older(
    bring_in: Import, database: Database, left: str, state: SubscriptionState
) -> None:
    with database.transaction() as session:
        chosen = session.scalars(select(model.Publication)).one()
        anna = make.subscriber(session, "anna@example.org")
        make.subscription(
            session,
            subscriber_id=anna.id,
            publication_id=chosen.id,
            changed_at=NOW - timedelta(days=2),
        )
    rows = f"address,status,unsubscribed_at\nanna@example.org,unsubscribed,{left}\n"
    job, _ = bring_in(rows)
    assert states(database) == {"anna@example.org": state}
    assert job.counts["changed"] == len(consents(database)) == (state is LEFT)


@pytest.mark.parametrize(
    ("bounced", "state"), [("2026-11-22", LEFT), ("2026-11-20", ACTIVE)], ids=["later", "earlier"]
)
def test_a_bounce_elsewhere_suppresses_no_one_who_came_here_after_it(
    bring_in: Import, database: Database, bounced: str, state: SubscriptionState
) -> None:
    bring_in("address,created_at\nanna@example.org,2026-11-21\n")
    bring_in(f"address,bounced_at\nanna@example.org,{bounced}\n")
    assert states(database) == {"anna@example.org": state}
    with database.reading() as session:
        assert session.scalar(select(func.count(model.Suppression.id))) == (state is LEFT)


def test_who_is_pending_here_and_confirmed_elsewhere_is_active(
    bring_in: Import, database: Database
) -> None:
    bring_in("address,status\nanna@example.org,pending\n")
    job, _ = bring_in("address,status\nanna@example.org,active\n")
    assert states(database) == {"anna@example.org": ACTIVE}
    assert job.counts["changed"] == 1


@pytest.mark.parametrize("block", [30, 10_000], ids=["in two chunks", "in one"])
def test_rows_of_one_person_are_merged_and_leaving_wins(
    bring_in: Import, database: Database, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(importing, "BLOCK", dict.fromkeys(importing.BLOCK, block))
    bring_in(
        "address,status,name\nanna@example.org,active,Anna\njan@example.org,unsubscribed,\n"
        "ANNA@example.org,unsubscribed,\nJan@example.org,active,Jan\nola@example.org,pending,\n"
        "ola@example.org,active,Ola\n"
    )
    assert states(database) == {
        "anna@example.org": LEFT,
        "jan@example.org": LEFT,
        "ola@example.org": ACTIVE,
    }


def test_merging_is_counted(bring_in: Import) -> None:
    job, _ = bring_in("address\nanna@example.org\nAnna@example.org\nanna@EXAMPLE.ORG\n")
    assert (job.counts["read"], job.counts["added"], job.counts["merged"]) == (3, 1, 2)


def test_the_same_file_again_does_nothing(bring_in: Import, database: Database) -> None:
    content = "address,status\nanna@example.org,active\njan@example.org,bounced\n"
    bring_in(content)
    before = tables(database)
    job, _ = bring_in(content)
    assert job.finished_at == NOW
    assert tables(database) == before
    job, _ = bring_in(content, source="other words")
    assert job.finished_at == NOW
    assert tables(database) == before


def test_an_import_goes_on_where_it_was(
    bring_in: Import, database: Database, small_blocks: None
) -> None:
    rows = "".join(f'reader-{n}@example.org,"Reader\n{n}"\n' for n in range(40))
    content = f"address,name\n{rows}nonsense,\n"
    part, _ = bring_in(content, chunks=5)
    some = len(states(database))
    assert 0 < some < 40
    assert part.line < 80
    job, errors = bring_in(content)
    assert len(states(database)) == job.counts["added"] == 40
    assert job.counts["read"] == 41
    assert [one.line for one in errors] == [82]


def test_two_at_once_keep_no_chunk_twice(
    bring_in: Import, database: Database, tmp_path: Path
) -> None:
    job, _ = bring_in("address\nanna@example.org\n", chunks=1)
    (chunk,) = subscriptions.prepared(subscriptions.Job(job.plan, job.id, job.size, 0, 0, {}, None))
    with pytest.raises(Conflict, match="by somebody else"), database.transaction() as session:
        subscriptions.keep_chunk(session, job, chunk)


def test_a_rehearsal_counts_as_the_import_does_and_leaves_nothing(
    bring_in: Import, database: Database, publication: str, tmp_path: Path, small_blocks: None
) -> None:
    rows = "".join(f"reader-{n % 30}@example.org\n" for n in range(40))
    file = tmp_path / "people.csv"
    file.write_text(f"address\n{rows}broken\n")
    with database.transaction() as session:
        job = subscriptions.begin_import(
            session,
            file,
            NOW,
            folder=tmp_path,
            secret_key=SECRET_KEY,
            publication=publication,
        )
        for chunk in subscriptions.prepared(job):
            job = subscriptions.keep_chunk(session, job, chunk, rehearsed=True)
        session.rollback()
    assert states(database) == {}
    with database.reading() as session:
        assert session.scalar(select(func.count(model.Import.id))) == 0
    again, _ = bring_in(file.read_bytes())
    assert again.counts == job.counts
    assert again.counts["added"] == 30


def test_rows_may_name_their_publication(bring_in: Import, database: Database) -> None:
    with database.transaction() as session:
        make.publication(session, slug="other-monitor")
    _, errors = bring_in(
        "address,publication\na@example.org,baltic-monitor\na@example.org,other-monitor\n"
        "b@example.org,nowhere\n",
        publication="",
    )
    assert [(one.line, one.field) for one in errors] == [(4, "publication")]
    with database.reading() as session:
        assert session.scalar(select(func.count(model.Subscriber.id))) == 1
        assert session.scalar(select(func.count(model.Subscription.id))) == 2


def test_a_publication_must_be_named_and_known(bring_in: Import) -> None:
    with pytest.raises(InvalidImport, match="--publication SLUG"):
        bring_in("address\nanna@example.org\n", publication="")
    with pytest.raises(NotFound, match="nowhere"):
        bring_in("address\nanna@example.org\n", publication="nowhere")


HOSTILE = (
    b'"Anna\0 Nowak",anna@example.org\n'
    b"=HYPERLINK(1),\"=cmd|' /C calc'!A0\"\n"
    b'"' + b"x" * 1_000_000 + b'",b@example.org\n'
    b"Zo\xff\xfe,c@example.org\n"
    b"D,d\0@example.org\n"
    b"\\N\\\t{},e@example.org\n"
    b"short\n"
    b",,,,,many@example.org\n"
    b'"never closed,f@example.org\n'
    b"G,g@example.org\n"
)


def test_hostile_rows_harm_nobody_but_themselves(bring_in: Import, database: Database) -> None:
    job, errors = bring_in(b"name,address\n" + HOSTILE + b"h,h@example.org")
    assert states(database) == {f"{one}@example.org": ACTIVE for one in ("anna", "e", "g", "h")}
    assert person(database, "anna@example.org").name == "Anna Nowak"
    assert person(database, "e@example.org").name == "\\N\\ {}"
    assert [(one.line, one.field) for one in errors] == [
        *((3, "address"), (4, ""), (5, "name"), (6, "address"), (8, "address"), (9, "address")),
        (10, ""),
    ]
    assert all(len(one.reason) <= 300 for one in errors)
    assert job.counts["read"] == 11


def test_details_of_a_hostile_row_can_be_kept(bring_in: Import, database: Database) -> None:
    bring_in(
        b"email,created_at,attributes,tags\n"
        b'a@example.org,"soon\\u0000 \\ \0 ""x""","{""a"": ""\\u0000\\\\ \\ud800""}",\0\n'
    )
    (line,) = consents(database)
    assert line.details is not None
    assert line.details["source"] == "a file"
    assert "\0" not in str(line.details)


@pytest.mark.parametrize("kind", [b'"', b'""', b"\r", b"\n", b"\r\n"])
def test_a_block_ends_only_where_a_record_does(
    bring_in: Import, database: Database, small_blocks: None, kind: bytes
) -> None:
    name = b'"a' + (b"" if kind == b'"' else kind) + b'b, c"'
    rows = b"".join(b"%s,reader-%d@example.org\n" % (name, n) for n in range(30))
    job, errors = bring_in(b"name,address\n" + rows + b"x,y\n")
    lines = 2 if kind.strip() == b"" and kind else 1
    assert job.counts["added"] == 30
    assert [one.line for one in errors] == [1 + 30 * lines + 1]


def test_who_is_on_the_block_list_is_not_taken(bring_in: Import, database: Database) -> None:
    with database.transaction() as session:
        subscriptions.block(session, "@spam.example", NOW)
        subscriptions.block(session, "Anna@example.org", NOW)
    rows = ["anna@example.org", "jan@example.org", "x@spam.example", "y@mx.spam.example"]
    job, errors = bring_in("email\n" + "\n".join(rows) + "\n")
    assert states(database) == {"jan@example.org": ACTIVE}
    assert job.counts["refused"] == 3
    assert {error.reason for error in errors} == {"is on the block list here; nobody is added"}


def test_who_signs_up_while_strangers_are_taken_in_is_neither_lost_nor_doubled(
    bring_in: Import, database: Database, publication: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        made = make.subscriber(session, "anna@example.org", name="Anna")
        monitor = session.scalars(select(model.Publication)).one()
        make.subscription(session, subscriber_id=made.id, publication_id=monitor.id)
    # As if she were no reader yet at the moment of the question.
    monkeypatch.setattr(stage, "_known", lambda *_: set())
    job, _ = bring_in("email,name\nanna@example.org,A\njan@example.org,Jan\n")
    assert states(database) == {"anna@example.org": ACTIVE, "jan@example.org": ACTIVE}
    assert person(database, "anna@example.org").name == "Anna"
    assert (job.counts["added"], job.counts["known"]) == (1, 1)
    assert len(consents(database)) == 1


def test_strangers_get_their_own_subscriptions_beside_people_of_before(
    bring_in: Import, database: Database
) -> None:
    first = "email,name\n" + "".join(f"p{n}@example.org,P{n}\n" for n in range(30))
    second = "email,name\n" + "".join(f"q{n}@example.org,Q{n}\n" for n in range(30))
    mixed = "email,name\n" + "".join(f"{c}{n}@example.org,X\n" for n in range(40) for c in "pq")
    for content in (first, second, mixed):
        bring_in(content)
    with database.reading() as session:
        rows = session.execute(
            select(model.Subscriber.address, model.Subscriber.name, func.count())
            .join(model.Subscription, model.Subscription.subscriber_id == model.Subscriber.id)
            .join(model.Consent, model.Consent.subscriber_id == model.Subscriber.id)
            .group_by(model.Subscriber.address, model.Subscriber.name)
        ).all()
    assert len(rows) == 80
    assert {count for _, _, count in rows} == {1}
    assert all(name in {address.split("@")[0].upper(), "X"} for address, name, _ in rows)
