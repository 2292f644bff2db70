"""Donations are recorded once, under the issue and the appeal of the link they came by."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model, subscriptions, support
from newsletter.support import Gift, Given, Recorded
from signups import LINKS, reader

TODAY = NOW.date()


def gift(amount: str = "50.00", currency: str = "EUR", **facts: str) -> Gift:
    return Gift(TODAY, Decimal(amount), currency, **facts)


def record(session: Session, publication: int, *gifts: Gift, source: str = "bank") -> Recorded:
    return support.record(session, publication, source, gifts, NOW, LINKS)


def rows(session: Session) -> list[model.Donation]:
    return list(session.scalars(select(model.Donation).order_by(model.Donation.id)))


def tag_of(session: Session) -> tuple[model.Issue, model.Appeal, str]:
    """Make an issue with an appeal, and return what the donate link in it ends with."""
    issue, appeal = make.issue(session), make.appeal(session)
    return issue, appeal, LINKS.donate("monitor", issue.id, appeal.id).rpartition("/")[2]


def test_a_gift_is_the_issues_whose_link_it_came_by(session: Session) -> None:
    other = make.publication(session).id
    issue, appeal, tag = tag_of(session)
    titles = (tag, f"Darowizna {tag.upper()} dziekuje", "a gift", f"{tag}0", "1-1.0", "")
    gifts = [gift(reference=title, transaction=str(n)) for n, title in enumerate(titles)]
    assert record(session, other, *gifts) == Recorded(6, 0, 2)
    found = [(row.issue_id, row.appeal_id, row.publication_id) for row in rows(session)]
    mine = (issue.id, appeal.id, issue.publication_id)
    assert found == [mine, mine, *[(None, None, other)] * 4]


def test_a_tag_of_what_is_not_there_leads_nowhere(session: Session) -> None:
    publication = make.publication(session).id
    tag = LINKS.donate("monitor", 999, 999).rpartition("/")[2]
    assert record(session, publication, gift(reference=tag)) == Recorded(1, 0, 0)
    (row,) = rows(session)
    assert (row.issue_id, row.appeal_id, row.publication_id) == (None, None, publication)


def test_an_issue_without_an_appeal_of_its_own_has_its_gifts_too(session: Session) -> None:
    issue = make.issue(session)
    tag = LINKS.donate("monitor", issue.id, 0).rpartition("/")[2]
    assert record(session, issue.publication_id, gift(reference=tag)).attributed == 1
    (row,) = rows(session)
    assert (row.issue_id, row.appeal_id) == (issue.id, None)


def test_a_gift_is_recorded_once_for_each_source(session: Session) -> None:
    publication = make.publication(session).id
    named, unnamed = gift(transaction="tx-1"), gift("20.00")
    assert record(session, publication, named, unnamed, unnamed) == Recorded(3, 0, 0)
    assert record(session, publication, unnamed, named, unnamed) == Recorded(0, 3, 0)
    # The same sum on the same day, a third time.
    assert record(session, publication, unnamed, unnamed, unnamed) == Recorded(1, 2, 0)
    assert record(session, publication, named, source="stripe") == Recorded(1, 0, 0)
    assert len(rows(session)) == 5


def test_however_many_gifts_there_are_each_is_recorded(session: Session) -> None:
    publication = make.publication(session).id
    gifts = [gift(transaction=str(number)) for number in range(1_203)]
    assert record(session, publication, *gifts) == Recorded(1_203, 0, 0)
    assert record(session, publication, *gifts[::-1], gift()) == Recorded(1, 1_203, 0)


def test_nobody_who_gave_is_kept(session: Session) -> None:
    record(session, make.publication(session).id, gift(address="ann@example.org"))
    (row,) = rows(session)
    kept = [getattr(row, column.key) for column in model.Donation.__table__.columns]
    assert "ann@example.org" not in map(str, kept)


def test_a_gift_is_linked_to_who_has_the_address_only_where_the_publication_does_that(
    session: Session,
) -> None:
    linking = make.publication(session, link_gifts=True)
    silent = make.publication(session)
    ann, eva = (make.subscriber(session, f"{name}@example.org") for name in ("ann", "eva"))
    tag = LINKS.donate(linking.slug, make.issue(session, publication_id=linking.id).id, 0)
    reference = tag.rpartition("/")[2]
    given = [
        gift(address="ANN@example.org", transaction="1"),
        gift(address="nobody@example.org", transaction="2"),
        gift(transaction="3"),
        gift(address="eva@example.org", transaction="4"),
    ]
    record(session, linking.id, *given)
    assert [row.subscriber_id for row in rows(session)] == [ann.id, None, None, eva.id]
    # By the tag of its link a gift is another publication's, whose word counts.
    record(session, silent.id, gift(address="ann@example.org", transaction="5"))
    record(session, silent.id, gift(reference=reference, address="ann@example.org"), source="b")
    assert [row.subscriber_id for row in rows(session)[4:]] == [None, ann.id]
    everything = " ".join(
        str(getattr(row, column.key))
        for row in rows(session)
        for column in model.Donation.__table__.columns
    )
    assert "@" not in everything
    # Who is erased gave nothing that names them; the sums stay.
    subscriptions.erase(session, ann.id, NOW)
    assert [row.subscriber_id for row in rows(session)] == [None] * 3 + [eva.id] + [None] * 2
    # A publication that links gifts no more takes its links away.
    make.donation(session, publication_id=silent.id, subscriber_id=eva.id)
    issues.change_publication(session, linking, link_gifts=False)
    assert [row.subscriber_id for row in rows(session)] == [None] * 6 + [eva.id]
    record(session, linking.id, gift(address="eva@example.org", transaction="6"))
    assert rows(session)[-1].subscriber_id is None


def test_linked_gifts_are_among_all_that_is_held_of_a_person(session: Session) -> None:
    publication = make.publication(session, slug="monitor", link_gifts=True)
    ann = make.subscriber(session, "ann@example.org")
    record(session, publication.id, gift("1234.50", address="ann@example.org"))
    record(session, publication.id, gift(address="eva@example.org"))
    rows(session)[0].returned = 23_450
    session.flush()
    told = {
        "publication": "monitor",
        "given_on": TODAY.isoformat(),
        "amount": "1234.50",
        "returned": "234.50",
        "currency": "EUR",
        "source": "bank",
    }
    assert subscriptions.held(session, ann.id)["donations"] == [told]
    found = subscriptions.evidence(session, "ann@example.org", secret_key=SECRET_KEY)
    assert [(each.amount, each.returned) for each in found.given] == [("1234.50", "234.50")]


def test_who_goes_on_at_another_address_keeps_their_gifts(session: Session) -> None:
    publication = make.publication(session, link_gifts=True)
    ann = reader(session, publication, address="ann@example.org")
    reader(session, publication, address="ann@elsewhere.example")
    record(session, publication.id, gift(address="ann@example.org"))
    assert rows(session)[0].subscriber_id == ann.id
    subscriptions.ask_address_change(
        session, ann.id, "ann@elsewhere.example", NOW, LINKS, secret_key=SECRET_KEY
    )
    change = session.scalars(select(model.AddressChange.id)).one()
    for new in (False, True):
        subscriptions.agree(session, change, new, NOW)
    session.expire_all()
    now_at = subscriptions.find(session, "ann@elsewhere.example", secret_key=SECRET_KEY)
    assert now_at
    assert rows(session)[0].subscriber_id == now_at.id


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("50.25", "EUR", 5_025), ("1500.00", "JPY", 1_500), ("2.50", "KWD", 2_500)],
)
def test_an_amount_is_kept_in_the_smallest_unit(
    session: Session, amount: str, currency: str, units: int
) -> None:
    issue, _, tag = tag_of(session)
    record(session, issue.publication_id, gift(amount, currency, reference=tag))
    assert [row.amount for row in rows(session)] == [units]
    (given,) = support.given_to(session, [issue.id])[issue.id]
    assert (given.amount, given.count) == (Decimal(amount), 1)


def test_what_was_given_to_issues_is_summed_up_by_currency(session: Session) -> None:
    one, other = make.issue(session).id, make.issue(session).id
    for issue, amount, currency in (
        *((one, 5_000, "PLN"), (one, 2_000, "EUR"), (one, 100, "EUR")),
        *((other, 700, "EUR"), (None, 99, "EUR")),
    ):
        make.donation(session, issue_id=issue, amount=amount, currency=currency)
    make.donation(session, issue_id=one, amount=900, currency="EUR", returned=900)
    make.donation(session, issue_id=other, amount=900, currency="CHF", returned=300)
    assert support.given_to(session, [one, other]) == {
        one: [Given("EUR", 2, 2_100), Given("PLN", 1, 5_000)],
        other: [Given("CHF", 1, 600), Given("EUR", 1, 700)],
    }
    assert support.given_to(session, []) == {}


def test_donations_are_listed_latest_first_page_by_page(session: Session) -> None:
    days = [TODAY - timedelta(days=ago) for ago in (3, 0, 1, 0)]
    numbers = [make.donation(session, given_on=day).id for day in days]
    latest = [numbers[each] for each in (3, 1, 2, 0)]
    assert [each.id for each in support.donations(session)] == latest
    assert [each.id for each in support.donations(session, limit=2)] == latest[:2]
    assert [each.id for each in support.donations(session, before=latest[1])] == latest[2:]
    (oldest,) = support.donations(session, before=latest[2])
    assert (oldest.given_on, oldest.amount) == (date(2026, 11, 20), Decimal(50))
