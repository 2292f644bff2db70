"""The appeal of an issue: whose it is and when, who is asked, and that it is what was approved."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, issues, model, support
from newsletter.errors import Conflict, Invalid, IssueNotEditable
from newsletter.issues import Chosen, TestPlan
from newsletter.links import DonateTag, Links
from newsletter.mail import Outcome, Verdict
from newsletter.manuscripts import Article
from newsletter.model import DeliveryState, IssueState
from newsletter.support import Terms, Wording

LINKS = Links("https://news.example.org", SECRET_KEY)
SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok")
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WORDS = Wording("Help us", "A gift keeps this free.", "Give", "https://give.example/")
TERMS = Terms("Winter", "en")


def monitor(session: Session, readers: int = 0, **columns: str) -> model.Publication:
    licence = make.licence(session)
    made = make.publication(session, licence_id=licence.id, **columns)
    for _ in range(readers):
        make.subscription(session, publication_id=made.id)
    return made


def winter(
    session: Session, publication: model.Publication, names: str = "A", **terms: Any
) -> model.Appeal:
    """Add an appeal that can be said in as many ways as there are ``names``."""
    chosen = replace(TERMS, publications=(publication.id,), **terms)
    appeal = support.add_appeal(session, chosen, replace(WORDS, title="Variant A"))
    for name in names[1:]:
        words = {"en": replace(WORDS, title=f"Variant {name}")}
        support.add_variant(session, appeal, name, 1, words)
    return appeal


def drafted(session: Session, publication: model.Publication, number: int = 1) -> model.Issue:
    article = Article(f"Ice {number}", "One.\n\nTwo.\n\nThree.", lead="Locks.", dated=TODAY)
    return issues.draft(session, publication, [article], NOW)


def sent(session: Session, issue: model.Issue, now: datetime) -> dict[int, str]:
    """Approve an issue and send it; return the variant's name in each reader's mail, or none."""
    issues.approve(session, issue, LINKS, now)
    issues.send_now(session, issue, now)
    assert issues.publish(session, issue.id, now, batch_size=4)
    found = deliver(session, now)
    assert issues.finish(session, issue.id, now)
    return found


def deliver(session: Session, now: datetime, most: int = 99) -> dict[int, str]:
    found: dict[int, str] = {}
    for _ in range(most):
        held = deliveries.claim(session, now)
        if held is None:
            break
        found |= shown(session, held)
        deliveries.settle(session, [(one.delivery, SENT) for one in held.parcels], now)
        deliveries.release(session, held, now)
    return found


def shown(session: Session, held: deliveries.Claim) -> dict[int, str]:
    """Read from the words of each mail of a batch which variant is in it: one, or none."""
    found = {}
    for one in held.parcels:
        row = session.get_one(model.Delivery, one.delivery)
        content = session.get_one(model.Content, one.content)
        names = [name for name in "ABC" if f">Variant {name}</p>" in content.html]
        assert [n for n in "ABC" if f"Variant {n}\n" in content.text] == names
        assert content.html.count('class="appeal"') == len(names) <= 1
        assert ("donate/" in content.html + content.text) == bool(names)
        found[row.subscriber_id or 0] = "".join(names)
    return found


def test_the_appeal_is_the_one_that_began_first_of_those_due(session: Session) -> None:
    here, there = monitor(session), monitor(session, zone="Pacific/Auckland")

    def due(now: datetime = NOW) -> list[str]:
        found = support.due_appeals(session, (here, there), now)
        return [found[each.id][0].name if each.id in found else "" for each in (here, there)]

    assert due() == ["", ""]
    said: dict[str, dict[str, Any]] = {
        "always": {"publications": (here.id,)},
        "for all": {"for_all": True},
        "past": {"for_all": True, "starts_on": date(2026, 1, 1), "ends_on": TODAY - DAY},
        "second": {"publications": (here.id,), "starts_on": TODAY, "ends_on": TODAY + DAY},
        "tomorrow": {"publications": (there.id,), "starts_on": TODAY + DAY},
    }
    for name, facts in said.items():
        support.add_appeal(session, replace(TERMS, name=name, **facts), WORDS)
    assert due() == ["second", "for all"]
    assert due(NOW + DAY) == ["second", "tomorrow"]
    assert due(NOW + 2 * DAY) == ["always", "tomorrow"]
    assert due(NOW + timedelta(hours=12)) == ["second", "tomorrow"], "where the day has begun"


def test_words_are_in_the_language_of_the_publication_or_in_their_own(session: Session) -> None:
    appeal = winter(session, monitor(session))
    (saying,) = support.sayings(session, [appeal.id])[appeal.id]
    support.put_words(session, saying.variant, "pl", replace(WORDS, title="Pomóż"))
    support.put_words(session, saying.variant, "pt-BR", replace(WORDS, title="Ajude"))
    (saying,) = support.sayings(session, [appeal.id])[appeal.id]
    for language, found in (
        *(("pl", "Pomóż"), ("PL-pl", "Pomóż"), ("pt-BR", "Ajude"), ("pt", "Ajude")),
        *(("en-GB", "Variant A"), ("sv", "Variant A")),
    ):
        assert saying.spoken(language)[1].title == found, language
    with pytest.raises(Conflict):
        support.drop_words(session, saying.variant, "en")
    support.change_appeal(
        session, appeal, replace(support.terms_of(session, appeal), language="pl")
    )
    support.drop_words(session, saying.variant, "en")
    other = replace(support.terms_of(session, appeal), language="sv")
    with pytest.raises(Invalid):
        support.change_appeal(session, appeal, other)


def test_what_cannot_be_said_of_an_appeal_is_named(session: Session) -> None:
    table: Sequence[tuple[dict[str, Any], str]] = (
        ({"name": " "}, "name"),
        ({"language": "x!"}, "language"),
        ({"placement": "middle"}, "placement"),
        ({"starts_on": TODAY, "ends_on": TODAY - DAY}, "ends_on"),
        ({"goal": Decimal(0), "goal_currency": "EUR"}, "goal"),
        ({"goal": Decimal(5), "goal_currency": "euro"}, "goal_currency"),
        ({"goal_until": TODAY}, "goal"),
        ({"every": 0}, "every"),
        ({"rest_days": -1}, "rest_days"),
        ({"silent_days": 9_999}, "silent_days"),
    )
    for wrong, field in table:
        assert list(support.appeal_faults(replace(TERMS, **wrong))) == [field]
    wrong_words = Wording("", "x" * 2001, " ", "http://give.example")
    assert list(support.wording_faults(wrong_words)) == ["title", "text", "button", "destination"]
    appeal = winter(session, monitor(session), "ABC")
    first = support.sayings(session, [appeal.id])[appeal.id][0].variant
    for name, weight in (("", 1), ("D", 0), ("D", 101)):
        with pytest.raises(Invalid):
            support.change_variant(session, first, name, weight, is_on=True)
    for name in "DE":
        support.add_variant(session, appeal, name, 100, {"en": WORDS})
    with pytest.raises(Conflict):
        support.add_variant(session, appeal, "F", 1, {"en": WORDS})
    support.remove_variant(session, first)
    assert len(support.sayings(session, [appeal.id])[appeal.id]) == 4
    support.remove_appeal(session, appeal)
    assert session.scalar(select(func.count()).select_from(model.AppealWords)) == 0


def test_every_mail_that_occurs_is_approved_and_has_one_appeal_or_none(session: Session) -> None:
    publication = monitor(session, 40)
    appeal = winter(session, publication, "ABC")
    issue = drafted(session, publication)
    issues.choose_waves(session, issue, NOW, test=TestPlan("Locks", share=50, wait=240))
    a, b, c = (each.variant.id for each in support.sayings(session, [appeal.id])[appeal.id])
    proof = issues.proof(session, issue, LINKS, NOW)
    names = [
        f"{subject}{saying}" for subject in ("", "b") for saying in ("", f"/{b}", f"/{c}", "/none")
    ]
    assert [each.variant for each in proof.contents] == names
    assert [each.appeal_variant_id for each in proof.contents] == [a, b, c, None] * 2
    assert "no-appeal" not in [each.slug for each in proof.remarks]
    for saying, title in ((None, "Variant A"), (b, "Variant B"), (c, "Variant C"), (0, "")):
        for subject in ("", "b"):
            words = issues.words(session, issue, LINKS, NOW, subject, saying)
            assert [n for n in "ABC" if f"Variant {n}" in words.html] == [*title[-1:]]
            assert words.subject == ("Locks" if subject else "Ice 1")
    assert issues.edition(session, issue, LINKS, NOW).appeal
    issues.approve(session, issue, LINKS, NOW)
    frozen = issues.words(session, issue, LINKS, NOW, "b", c)
    assert (frozen.subject, "Variant C" in frozen.html) == ("Locks", True)
    tags = {
        LINKS.read_donate(part.split('"')[0])
        for each in proof.contents
        for part in each.html.split(f"/donate/{publication.slug}/")[1:]
    }
    assert tags == {DonateTag(issue.id, appeal.id, each) for each in (a, b, c)}
    with pytest.raises(Conflict):
        support.remove_appeal(session, appeal)
    issues.send_now(session, issue, NOW)
    assert issues.publish(session, issue.id, NOW, batch_size=4)
    chosen = dict(
        session.execute(
            select(model.Delivery.id, model.Content.appeal_variant_id).join(
                model.Content, model.Content.id == model.Delivery.content_id
            )
        ).all()
    )
    assert set(chosen.values()) == {a, b, c}
    # A worker takes a batch and dies; another takes it over when the lease has run out.
    held = deliveries.claim(session, NOW, "first")
    assert held
    before = shown(session, held)
    later = NOW + deliveries.LEASE + DAY / 24
    again = deliveries.claim(session, later, "second")
    assert again
    assert again.batch == held.batch
    assert shown(session, again) == before
    deliveries.release(session, again, later)
    for variant in (a, b):
        row = session.get_one(model.AppealVariant, variant)
        support.change_variant(session, row, row.name, 1, is_on=False)
    found = deliver(session, later)
    assert issues.decide(session, issue.id, later, choice=model.Variant.B)
    found |= deliver(session, later)
    assert len(found) == 40
    assert issues.finish(session, issue.id, later)
    for delivery, subject, saying in session.execute(
        select(model.Delivery.id, model.Content.subject, model.Content.appeal_variant_id).join(
            model.Content, model.Content.id == model.Delivery.content_id
        )
    ):
        assert chosen[delivery] == saying, subject
    assert deliveries.shown(session, issue.id) == dict(Counter(chosen.values()))
    kept = dict(session.execute(select(model.Showing.variant_id, model.Showing.sent)).all())
    assert kept == deliveries.shown(session, issue.id)


@pytest.mark.parametrize(
    ("terms", "days", "asked"),
    [
        ({"every": 3}, [0, 1, 2, 3, 4, 5, 6], [0, 3, 6]),
        ({"rest_days": 7}, [0, 6, 7, 13, 14, 15], [0, 7, 14]),
        ({"every": 2, "rest_days": 3}, [0, 1, 2, 3, 4, 7], [0, 3, 7]),
    ],
)
def test_caps_hold_to_the_day_and_to_the_issue(
    session: Session, terms: dict[str, Any], days: Sequence[int], asked: Sequence[int]
) -> None:
    publication = monitor(session, 2)
    winter(session, publication, **terms)
    first = session.scalars(select(model.Subscription.subscriber_id)).first() or 0
    found = []
    for number in days:
        # An issue leaves some seconds earlier in the day than the one before it.
        now = NOW + number * DAY - timedelta(seconds=number)
        issue = drafted(session, publication, number)
        found += [number] if sent(session, issue, now)[first] else []
    assert found == asked


def test_whoever_gave_lately_is_not_asked_and_then_is(session: Session) -> None:
    publication = monitor(session, 3)
    winter(session, publication, silent_days=30)
    readers = session.scalars(
        select(model.Subscription.subscriber_id).order_by(model.Subscription.id)
    ).all()
    for reader, ago in zip(readers, (30, 31, None), strict=True):
        if ago:
            make.donation(session, subscriber_id=reader, given_on=TODAY - ago * DAY)
    found = sent(session, drafted(session, publication), NOW)
    assert [found[reader] for reader in readers] == ["", "A", "A"]


def test_an_issue_may_have_another_appeal_a_variant_a_place_or_none(session: Session) -> None:
    publication = monitor(session, 9)
    usual, other = winter(session, publication, "AB"), winter(session, monitor(session), "AC")
    other.ends_on, usual.placement = TODAY - DAY, "paragraph 1"
    session.flush()
    c = support.sayings(session, [other.id])[other.id][1].variant.id
    a = support.sayings(session, [usual.id])[usual.id][0].variant.id
    for number, (choice, names, place) in enumerate(
        (
            (None, {"A", "B"}, "One."),
            (Chosen(placement="end"), {"A", "B"}, "Three."),
            (Chosen(is_shown=False), {""}, ""),
            (Chosen(appeal=other.id, variant=c), {"C"}, "Two."),
            (Chosen(appeal=usual.id, variant=a, placement="paragraph 2"), {"A"}, "Two."),
        )
    ):
        issue = drafted(session, publication, number)
        issues.approve(session, issue, LINKS, NOW)
        assert issues.choose_appeal(session, issue, choice, NOW) is bool(choice)
        assert not issues.choose_appeal(session, issue, choice, NOW), "once is enough"
        assert issues.chosen_of(session, issue) == choice
        text = issues.words(session, issue, LINKS, NOW).text
        before = text.partition("    ---")[0].rstrip() if place else ""
        assert before.endswith(place)
        assert set(sent(session, issue, NOW).values()) == names
        with pytest.raises(IssueNotEditable):
            issues.choose_appeal(session, issue, None, NOW)
    issue = drafted(session, publication, 9)
    for wrong in (Chosen(appeal=99), Chosen(variant=c), Chosen(appeal=usual.id, variant=c)):
        with pytest.raises(Invalid):
            issues.choose_appeal(session, issue, wrong, NOW)


def test_an_appeal_that_is_over_when_the_issue_leaves_is_not_shown(session: Session) -> None:
    publication = monitor(session, 3)
    winter(session, publication, ends_on=TODAY)
    issue = drafted(session, publication)
    issues.approve(session, issue, LINKS, NOW)
    issues.send_now(session, issue, NOW + DAY)
    assert issues.publish(session, issue.id, NOW + DAY, batch_size=4)
    assert set(deliver(session, NOW + DAY).values()) == {""}
    assert issues.finish(session, issue.id, NOW + DAY)
    assert issue.state is IssueState.SENT
    assert issues.edition(session, issue, LINKS, NOW + DAY).appeal is None
    assert deliveries.tally(session, issue.id).counts[DeliveryState.SENT] == 3


def test_a_goal_counts_the_gifts_of_its_appeal_until_the_day_began(session: Session) -> None:
    publication = monitor(session)
    appeal = winter(session, publication, goal=Decimal(500), goal_currency="EUR")
    issue = drafted(session, publication)
    facts = {"appeal_id": appeal.id, "recorded_at": NOW - DAY, "amount": 10_000}
    for gift in (
        {},
        *({"currency": "USD"}, {"appeal_id": None}, {"recorded_at": NOW}),
        *({"returned": 10_000}, {"returned": 2_500}),
    ):
        make.donation(session, **facts | gift)
    goal = issues.edition(session, issue, LINKS, NOW).goal
    assert goal
    assert (goal.given, goal.gifts, goal.percent) == (Decimal(175), 2, 35)
    assert goal.told_on == TODAY - DAY
    seen = issues.proof(session, issue, LINKS, NOW).content_hash
    make.donation(session, **facts | {"recorded_at": NOW + timedelta(minutes=1)})
    issues.approve(session, issue, LINKS, NOW + timedelta(hours=2), seen=seen)
    assert "€175 of €500" in issues.words(session, issue, LINKS, NOW).text.replace("\xa0", " ")
    live = support.goals(session, [appeal], NOW + timedelta(hours=1))[appeal.id]
    assert (live.given, live.is_met) == (Decimal(375), False)
