"""What appeals brought: sums by variant and issue, and what is said of two variants."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import desk, model
from newsletter.desk import CLICKS, Brought, Part
from newsletter.model import DeliveryState, IssueState, Tracking
from newsletter.support import Sum


def left(session: Session, publication: model.Publication) -> model.Issue:
    facts = {"state": IssueState.SENT, "content_hash": "0" * 64, "published_at": NOW}
    return make.issue(session, publication_id=publication.id, **facts)


def test_sums_are_of_mails_clicks_and_gifts_by_the_tags_of_links(session: Session) -> None:
    monitor = make.publication(session)
    quiet = make.publication(session, tracking=Tracking.NONE)
    appeal, other = make.appeal(session), make.appeal(session)
    (a,) = session.query(model.AppealVariant).filter_by(appeal_id=appeal.id)
    b = make.appeal_variant(session, appeal_id=appeal.id, name="B")
    one, two, never = left(session, monitor), left(session, quiet), left(session, monitor)
    for issue, variant, sent in ((one, a, 1_000), (one, b, 500), (two, a, None)):
        make.showing(session, issue_id=issue.id, variant_id=variant.id, sent=sent)
    asks, silent = (
        make.content(session, issue_id=two.id, variant=name, appeal_variant_id=number).id
        for name, number in (("", a.id), ("/none", None))
    )
    for number, state in enumerate(("SENT", "SENT", "REFUSED", "SENT")):
        subscriber = make.subscriber(session, address=f"{number}@one.example").id
        make.delivery(
            session,
            issue_id=two.id,
            content_id=silent if number == 3 else asks,
            subscriber_id=subscriber,
            state=DeliveryState[state],
            due_at=None,
        )
    numbers = [row.id for row in session.query(model.Delivery)]
    make.batch(session, issue_id=two.id, first_delivery=min(numbers), last_delivery=max(numbers))
    for number, count in ((a.id, 30), (b.id, 20), (0, 7)):
        make.click(session, one.id, variant=number, count=count)
    make.click(session, one.id, "https://example.org/", variant=a.id, count=400)
    gifts = [(one, a, 5_000, 0, "EUR"), (one, a, 2_500, 500, "EUR"), (one, a, 900, 0, "JPY")]
    gifts += [(one, b, 10**14, 0, "PLN"), (one, b, 100, 100, "PLN"), (two, a, 1_000, 0, "EUR")]
    for issue, variant, amount, returned, currency in gifts:
        make.donation(
            session,
            publication_id=monitor.id,
            issue_id=issue.id,
            appeal_id=appeal.id,
            appeal_variant_id=variant.id,
            amount=amount,
            returned=returned,
            currency=currency,
        )
    make.donation(session, publication_id=monitor.id, issue_id=one.id, appeal_id=appeal.id)
    make.donation(session, publication_id=monitor.id, issue_id=one.id, appeal_id=other.id)

    found = desk.brought_by(session, appeal)
    first, second = found.parts
    assert (first.name, first.brought.sent, first.brought.counted) == ("A", 1_002, 1_000)
    assert (first.brought.clicks, first.brought.gifts) == (30, 4)
    euros = first.brought.sums["EUR"]
    assert (euros.count, euros.total, euros.largest) == (3, 80, 50)
    assert euros.squares == pytest.approx(50**2 + 20**2 + 10**2)
    assert first.brought.sums["JPY"].total == 900
    assert (second.brought.sent, second.brought.clicks) == (500, 20)
    assert second.brought.sums["PLN"].total == 1e12
    assert found.total.sent == 1_502
    assert found.total.gave is None, "of so few gifts nothing is said"
    assert {(each.issue, each.total.sent) for each in found.issues} == {
        (one.id, 1_500),
        (two.id, 2),
    }
    assert [(each.count, each.amount) for each in found.beside] == [(1, Decimal(50))]
    assert {each.currency: each.apart is None for each in found.compared} == {
        "EUR": True,
        "JPY": True,
        "PLN": True,
        CLICKS: False,
    }

    within = desk.brought_in(session, one)
    assert within is not None
    assert (within.appeal, [part.brought.sent for part in within.parts]) == (
        appeal.id,
        [1_000, 500],
    )
    assert desk.brought_in(session, never) is None
    assert desk.brought_by_appeals(session) == {appeal.id: found.total}
    assert desk.brought_by(session, other).total == Brought()


def test_of_two_variants_only_what_can_be_told_is_said() -> None:
    def part(name: str, gifts: int, clicks: int) -> Part:
        euros = Sum.of([50.0] * gifts)
        return Part(ord(name), name, Brought(10_000, 10_000, clicks, {"EUR": euros}))

    a, b, few = part("A", 40, 300), part("B", 100, 310), part("C", 4, 320)
    more, clicks = desk.compared([a, b])
    assert (more.currency, more.more.name, more.less.name) == ("EUR", "B", "A")
    assert more.apart is not None
    assert more.apart.value == pytest.approx(300)
    assert 0 < more.apart.low < 300 < more.apart.high
    assert clicks.apart is not None
    assert not clicks.apart.is_apart
    alone = desk.compared([a, b])[0].apart
    together = desk.compared([a, b, few])[0].apart
    assert alone is not None
    assert together is not None
    assert together.low < alone.low, "the more is said, the more cautious it is"
    assert [each.apart for each in desk.compared([a, few]) if each.currency == "EUR"] == [None]
    assert desk.compared([a, Part(1, "D", Brought())]) == []
