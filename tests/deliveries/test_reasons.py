"""Why mails did not leave: one row for the same trouble, no word of an address, bounded."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, issues, model
from newsletter.deliveries import reasons
from newsletter.deliveries.reasons import Trouble, plain
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState, IssueState, ReasonKind

BUSY = Outcome(Verdict.TEMPORARY, 450, "4.7.1 <anna@canal.example>: come back later")
NOBODY = Outcome(Verdict.PERMANENT, 550, "5.1.1 <jan@river.example>: no such mailbox")
LOST = Outcome(Verdict.UNKNOWN, 0, "The connection was lost")


@pytest.mark.parametrize(
    ("words", "address", "told"),
    [
        ("5.1.1 <anna@example.org>: unknown", "anna@example.org", "5.1.1 <…>: unknown"),
        ("no mailbox Anna.K here", "anna.k@example.org", "no mailbox … here"),
        ("other@elsewhere.example is full", "anna@example.org", "… is full"),
        ('"a b"@x.example, żółw@ż.example', "", "…, …"),
        (
            "5.1.1 https://help.example/?p=NoSuchUser d2e1a72fcca58-7204a0ab1si12 - gsmtp",
            "anna@example.org",
            "5.1.1 https://help.example/?p=NoSuchUser … - gsmtp",
        ),
        ("queued as 4bXyZ12345Qz and 1234567890", "", "queued as … and …"),
        ("blocked [203.0.113.9], see 5.7.26 and RFC5322", "", None),
        ("two\r\nlines\x00 \ud800 ?", "", "two lines ? ?"),
        ("annals are not anna", "anna@example.org", "annals are not …"),
    ],
)
def test_what_names_a_mail_is_taken_from_the_words(
    words: str, address: str, told: str | None
) -> None:
    assert plain(words, address) == (words if told is None else told)


def sending(session: Session, *domains: str) -> tuple[model.Issue, deliveries.Claim]:
    """Make an issue with a reader at each of ``domains`` and claim its batch."""
    issue = make.issue(
        session,
        state=IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
    )
    for number, domain in enumerate(domains):
        reader = make.subscriber(session, f"reader{number}@{domain}")
        make.subscription(session, publication_id=issue.publication_id, subscriber_id=reader.id)
    content = make.content(session, issue_id=issue.id)
    issue.audience = deliveries.freeze(session, issue, content.id, NOW, batch_size=500)
    session.flush()
    held = deliveries.claim(session, NOW)
    assert held is not None
    return issue, held


def told(session: Session, issue: model.Issue) -> list[tuple[str, str, int, int]]:
    return [
        (each.kind.value, each.words, each.count, each.domains)
        for each in reasons.said(session, issue.id)
    ]


def test_the_same_words_are_one_reason_counted_by_domain(session: Session) -> None:
    issue, held = sending(session, "canal.example", "canal.example", "river.example", "sea.example")
    first, second, third, fourth = (parcel.delivery for parcel in held.parcels)
    outcomes = [(first, BUSY), (second, BUSY), (third, BUSY), (fourth, NOBODY)]
    deliveries.settle(session, outcomes, NOW)
    assert told(session, issue) == [
        ("deferred", "450 4.7.1 <…>: come back later", 3, 2),
        ("refused", "550 5.1.1 <…>: no such mailbox", 1, 1),
    ]
    (domain, counts), *_ = reasons.by_domain(session, issue.id)
    assert (domain, counts[ReasonKind.DEFERRED], counts[ReasonKind.REFUSED]) == (
        "canal.example",
        2,
        0,
    )


def test_a_fact_counts_once(session: Session) -> None:
    issue, held = sending(session, "canal.example")
    for _ in range(2):
        deliveries.settle(session, [(held.parcels[0].delivery, NOBODY)], NOW)
    assert [count for _, _, count, _ in told(session, issue)] == [1]


def test_who_is_given_up_counts_as_refused_and_who_is_held_as_in_doubt(session: Session) -> None:
    issue, held = sending(session, "canal.example", "canal.example")
    session.get_one(model.Publication, issue.publication_id).hold_unknown = True
    session.flush()
    first, second = (parcel.delivery for parcel in held.parcels)
    late = NOW + timedelta(hours=49)
    deliveries.settle(session, [(first, BUSY), (second, LOST)], late)
    assert {kind for kind, *_ in told(session, issue)} == {"refused", "unknown"}


def test_what_is_sent_again_is_counted_no_more(session: Session) -> None:
    issue, held = sending(session, "canal.example", "river.example", "sea.example")
    deliveries.settle(session, [(held.parcels[0].delivery, NOBODY)], NOW)
    deliveries.release(session, held, NOW)
    issues.cancel(session, issue.id, NOW)
    assert told(session, issue) == [
        ("skipped", "cancelled", 2, 1),
        ("refused", "550 5.1.1 <…>: no such mailbox", 1, 1),
    ]
    issues.send_again(session, issue.id, [DeliveryState.REFUSED, DeliveryState.SKIPPED], NOW)
    assert told(session, issue) == []


def test_who_has_left_meanwhile_is_skipped_for_that_reason(session: Session) -> None:
    issue, held = sending(session, "canal.example", "river.example")
    deliveries.release(session, held, NOW)
    left = session.scalars(select(model.Subscription)).first()
    assert left is not None
    left.state = model.SubscriptionState.UNSUBSCRIBED
    session.flush()
    deliveries.claim(session, NOW)
    assert told(session, issue) == [("skipped", "unsubscribed", 1, 1)]


def test_a_notice_counts_for_no_issue(session: Session) -> None:
    notice = make.delivery(session)
    deliveries.settle(session, [(notice.id, NOBODY)], NOW)
    assert session.scalar(select(func.count()).select_from(model.Reason)) == 0


def test_whatever_relays_say_the_rows_are_bounded_and_all_is_counted(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reasons, "MOST", 20)
    issue = make.issue(session)
    for part in range(8):
        reasons.count_troubles(
            session,
            [
                Trouble(issue.id, f"a@d{n}.example", 450, f"word {n}", DeliveryState.QUEUED)
                for n in range(part * 10, part * 10 + 10)
            ],
        )
    rows = select(func.count(), func.sum(model.Reason.count))
    count, total = session.execute(rows).one()
    assert total == 80
    assert count <= 31
