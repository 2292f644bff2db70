"""Audiences: rules, who meets them, segments; everyone is frozen or counted as left out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, issues, model, subscriptions
from newsletter.deliveries import EVERYONE, Rule
from newsletter.deliveries.reach import Reach
from newsletter.errors import Conflict, Invalid
from newsletter.model import Frequency, IssueState, SubscriptionState


def reader(
    session: Session,
    issue: model.Issue,
    *tags: str,
    language: str = "en",
    came: datetime = NOW,
    **wish: Any,
) -> int:
    """Make a reader of the issue's publication; return the person's number."""
    person = make.subscriber(session, language=language, created_at=came)
    here = {"subscriber_id": person.id, "publication_id": issue.publication_id}
    make.subscription(session, **(here | wish))
    for name in tags:
        subscriptions.tag(session, [person.id], name)
    return person.id


def freeze(session: Session, issue: model.Issue) -> dict[str, int]:
    issue.state, issue.content_hash = IssueState.SENDING, "0" * 64
    content = make.content(session, issue_id=issue.id)
    return deliveries.freeze(session, issue, content.id, NOW, batch_size=500)


def frozen(session: Session, issue: model.Issue) -> Sequence[int | None]:
    rows = select(model.Delivery.subscriber_id).where(model.Delivery.issue_id == issue.id)
    return session.scalars(rows.order_by(model.Delivery.id)).all()


MIDNIGHT_IN_WARSAW = datetime(2026, 1, 31, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "meets", "does_not"),
    [
        (Rule(languages=("pl", "uk")), {"language": "uk"}, {"language": "en"}),
        (Rule(not_languages=("pl",)), {"language": "uk"}, {"language": "pl"}),
        (Rule(tags=("press", "donors")), {"tag": "press"}, {"tag": "students"}),
        (Rule(not_tags=("press",)), {"tag": "students"}, {"tag": "press"}),
        (
            Rule(joined_since=date(2026, 2, 1)),
            {"came": MIDNIGHT_IN_WARSAW},
            {"came": MIDNIGHT_IN_WARSAW.replace(hour=22)},
        ),
        (
            Rule(joined_before=date(2026, 2, 1)),
            {"came": MIDNIGHT_IN_WARSAW.replace(hour=22)},
            {"came": MIDNIGHT_IN_WARSAW},
        ),
        (
            Rule(changed_since=date(2026, 2, 1), changed_before=date(2026, 2, 2)),
            {"changed_at": MIDNIGHT_IN_WARSAW},
            {"changed_at": NOW},
        ),
        (
            Rule(languages=("pl",), not_tags=("press",), joined_since=date(2026, 1, 1)),
            {"language": "pl"},
            {"language": "pl", "tag": "press"},
        ),
    ],
    ids=lambda given: ", ".join(given.data) if isinstance(given, Rule) else "",
)
def test_who_meets_the_rule_is_frozen_and_the_others_are_counted(
    session: Session, rule: Rule, meets: dict[str, Any], does_not: dict[str, Any]
) -> None:
    issue = make.issue(session)
    inside = [reader(session, issue, *_tags(meets), **_facts(meets)) for _ in range(2)]
    reader(session, issue, *_tags(does_not), **_facts(does_not))
    issues.choose_audience(session, issue, rule=rule)
    assert deliveries.reach(session, issue) == Reach(2)
    assert freeze(session, issue) == {"candidates": 3, "frozen": 2, "outside the audience": 1}
    assert frozen(session, issue) == inside
    assert Rule.parse(issue.rule) == rule


def _tags(facts: dict[str, Any]) -> list[str]:
    return [facts["tag"]] if "tag" in facts else []


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "tag"}


def test_whoever_is_left_out_for_another_reason_is_not_counted_as_outside(
    session: Session,
) -> None:
    issue = make.issue(session)
    reader(session, issue, state=SubscriptionState.PENDING)
    reader(session, issue, frequency=Frequency.WEEKLY)
    gone = make.subscriber(session, "gone@example.org")
    make.subscription(session, publication_id=issue.publication_id, subscriber_id=gone.id)
    make.suppression(session, "gone@example.org")
    issues.choose_audience(session, issue, rule=Rule(tags=("press",)))
    counts = {"candidates": 3, "frozen": 0, "pending": 1, "other frequency": 1, "suppressed": 1}
    assert freeze(session, issue) == counts


SOME = st.lists(st.sampled_from(["en", "pl", "uk"]), max_size=2).map(tuple)
TAGS = st.lists(st.sampled_from(["press", "donors"]), max_size=2).map(tuple)
RULES = st.builds(Rule, languages=SOME, not_languages=SOME, tags=TAGS, not_tags=TAGS)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["en", "pl", "uk"]),
        st.sets(st.sampled_from(["press", "donors"])),
        st.sampled_from(SubscriptionState),
        st.sampled_from(Frequency),
        st.booleans(),
    ),
    max_size=8,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rule=RULES, people=PEOPLE)
def test_everyone_is_frozen_once_or_counted_with_a_reason(
    session: Session, rule: Rule, people: Sequence[Any]
) -> None:
    issue = make.issue(session)
    expected = []
    for language, tags, state, frequency, is_suppressed in people:
        wish: dict[str, Any] = {"state": state, "frequency": frequency}
        number = reader(session, issue, *tags, language=language, **wish)
        if is_suppressed:
            person = session.get_one(model.Subscriber, number)
            make.suppression(session, person.address)
        asks = state is SubscriptionState.ACTIVE and frequency is Frequency.EACH
        inside = (
            (not rule.languages or language in rule.languages)
            and language not in rule.not_languages
            and (not rule.tags or tags & {*rule.tags})
            and not tags & {*rule.not_tags}
        )
        if asks and inside and not is_suppressed:
            expected.append(number)
    issues.choose_audience(session, issue, rule=rule)
    assert deliveries.reach(session, issue) == Reach(len(expected))
    counts = freeze(session, issue)
    assert frozen(session, issue) == expected
    assert counts.pop("candidates") == len(people) == sum(counts.values())
    session.execute(delete(model.Suppression))


@pytest.mark.parametrize(
    "data",
    [
        [],
        "languages",
        {"sql": "1 = 1"},
        {"languages": "pl"},
        {"languages": [1]},
        {"languages": [""]},
        {"tags": ["x" * 61]},
        {"tags": ["x"] * 51},
        {"joined_since": "yesterday"},
        {"joined_since": "2026-02-01", "joined_before": "2026-02-01"},
    ],
)
def test_what_is_no_rule_is_refused(data: object) -> None:
    with pytest.raises(Invalid):
        Rule.parse(data)


def test_a_rule_comes_back_from_json_as_it_was() -> None:
    rule = Rule(languages=("pl",), not_tags=("press",), changed_since=date(2026, 1, 31))
    assert Rule.parse(rule.data) == rule
    assert Rule.parse(None) == Rule.parse({}) == EVERYONE
    assert EVERYONE.is_everyone
    assert not rule.is_everyone


def test_an_issue_is_for_what_its_segment_is_when_it_is_frozen(session: Session) -> None:
    issue = make.issue(session)
    segment = deliveries.add_segment(
        session, issue.publication_id, " Polish  readers ", Rule(languages=("pl",)), NOW
    )
    assert segment.name == "Polish readers"
    issues.choose_audience(session, issue, segment=segment)
    polish, british = (reader(session, issue, language=each) for each in ("pl", "en"))
    assert deliveries.reach(session, issue) == Reach(1)
    deliveries.change_segment(session, segment, "British readers", Rule(languages=("en",)), NOW)
    freeze(session, issue)
    assert frozen(session, issue) == [british]
    deliveries.change_segment(session, segment, "Polish readers", Rule(languages=("pl",)), NOW)
    session.refresh(issue)
    assert Rule.parse(issue.rule) == Rule(languages=("en",))
    deliveries.delete_segment(session, segment)
    session.refresh(issue)
    assert issue.segment_id is None
    assert polish != british


def test_a_segment_that_an_issue_to_come_is_for_stays(session: Session) -> None:
    issue = make.issue(session)
    segment = make.segment(session, publication_id=issue.publication_id)
    issues.choose_audience(session, issue, segment=segment)
    assert deliveries.awaited_by(session, segment) == [issue]
    with pytest.raises(Conflict, match="1 issues to come"):
        deliveries.delete_segment(session, segment)


def test_a_segment_has_a_name_of_its_own_and_a_rule(session: Session) -> None:
    segment = make.segment(session, name="Polish readers")
    rule, home = Rule(languages=("pl",)), segment.publication_id
    for name, asked, kind in (
        ("Polish readers", rule, Conflict),
        ("  ", rule, Invalid),
        ("x" * 81, rule, Invalid),
        ("Everyone", EVERYONE, Invalid),
    ):
        with pytest.raises(kind):
            deliveries.add_segment(session, home, name, asked, NOW)
    other = make.publication(session).id
    deliveries.add_segment(session, other, "Polish readers", rule, NOW)
    deliveries.change_segment(session, segment, "Polish readers", rule, NOW)
    assert [each.publication_id for each in deliveries.segments(session)] == [home, other]
    assert deliveries.segments(session, home) == [segment]


def test_the_segment_of_another_publication_is_no_audience(session: Session) -> None:
    with pytest.raises(Invalid, match="another publication"):
        issues.choose_audience(session, make.issue(session), segment=make.segment(session))


def test_an_audience_is_chosen_before_it_is_frozen(session: Session) -> None:
    issue = make.issue(session, state=IssueState.SENDING, content_hash="0" * 64)
    with pytest.raises(Conflict, match="is sending"):
        issues.choose_audience(session, issue, rule=Rule(tags=("press",)))


def test_few_with_a_tag_are_counted_among_the_many(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = make.issue(session)
    for number in range(9):
        reader(session, issue, *(["press", "donors"] if number == 4 else []))
    monkeypatch.setattr(import_module("newsletter.deliveries.reach"), "COUNTED", 5)
    issues.choose_audience(session, issue, rule=Rule(tags=("press", "donors")))
    assert deliveries.reach(session, issue) == Reach(1)
