"""Waves of an issue: what is planned is approved, each leaves in its turn, and the sums agree."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import clock, deliveries, feedback, issues, model
from newsletter.database import Database
from newsletter.errors import Invalid, IssueNotEditable
from newsletter.issues import EMBARGOED, SECOND, EmbargoPlan, Result, TestPlan, better
from newsletter.links import ClickTag, Links
from newsletter.mail import Outcome, Verdict
from newsletter.manuscripts import Article
from newsletter.model import DeliveryState, IssueState, StepKind, Variant, WaveKind, WinnerRule

LINKS = Links("https://news.example.org", SECRET_KEY)
ARTICLE = Article(
    "Ice on the canal",
    "See [the port](https://port.example/).",
    lead="The locks close.",
    dated=date(2026, 11, 20),
)
AT_TEN = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 - wall time has no zone of its own
TEN = datetime.fromisoformat("2026-11-24T09:00:00+00:00")
HOUR = timedelta(hours=1)
SENT = Outcome(Verdict.SENT, 250, "2.0.0 Ok")
TRY = TestPlan("Locks stay shut", share=50, wait=240)


def drafted(session: Session, readers: int = 0, reporters: int = 0) -> model.Issue:
    """Make a draft for readers, some of whom have the tag of a segment called press."""
    licence = make.licence(session)
    monitor = make.publication(session, licence_id=licence.id, language="pl")
    press = make.tag(session, name="press")
    for number in range(readers):
        wish = make.subscription(session, publication_id=monitor.id)
        if number < reporters:
            make.subscriber_tag(session, subscriber_id=wish.subscriber_id, tag_id=press.id)
    make.segment(session, publication_id=monitor.id, name="Press", rule={"tags": ["press"]})
    return issues.draft(session, monitor, [ARTICLE], NOW)


def first(session: Session, **facts: Any) -> EmbargoPlan:
    """Plan an embargo of two hours until ten."""
    segment = session.scalars(select(model.Segment.id)).one()
    return replace(EmbargoPlan(segment, 120, AT_TEN, "Europe/Warsaw", TEN), **facts)


def scheduled(
    session: Session, test: TestPlan | None, *, embargo: bool = False, **audience: int
) -> model.Issue:
    issue = drafted(session, **audience)
    plan = first(session) if embargo else None
    issues.choose_waves(session, issue, NOW, test=test, embargo=plan)
    issues.approve(session, issue, LINKS, NOW)
    issues.schedule(session, issue, AT_TEN, "Europe/Warsaw", NOW)
    return issue


def tick(database: Database, now: datetime) -> None:
    clock.tick(database, now, batch_size=7)


def deliver(database: Database, now: datetime, most: int = 99) -> list[tuple[int, int, datetime]]:
    """Send what is due; return each mail's delivery and content, and what it is dated by."""
    mails = []
    for _ in range(most):
        with database.transaction() as session:
            held = deliveries.claim(session, now)
            if held is None:
                break
            assert held.dated
            mails += [(one.delivery, one.content, held.dated) for one in held.parcels]
            deliveries.settle(session, [(one.delivery, SENT) for one in held.parcels], now)
            deliveries.release(session, held, now)
    return mails


def variants(session: Session, mails: Iterable[tuple[int, int, datetime]]) -> Counter[str]:
    names = dict(session.execute(select(model.Content.id, model.Content.variant)).all())
    return Counter(names[content] for _, content, _ in mails)


def click(database: Database, number: int, variant: int, times: int) -> None:
    with database.transaction() as session:
        for _ in range(times):
            feedback.count_click(session, ClickTag(number, 77, variant), TEN)


def state(database: Database, number: int) -> IssueState:
    with database.reading() as session:
        return issues.fetch(session, number).state


def is_public(session: Session, issue: model.Issue) -> bool:
    monitor = issues.publication_of(session, issue)
    return bool(issues.archive(session, monitor))


def test_all_mails_of_an_issue_are_approved_together(session: Session) -> None:
    issue = drafted(session)
    plain = issues.proof(session, issue, LINKS, NOW)
    assert [content.variant for content in plain.contents] == [""]
    issues.choose_waves(session, issue, NOW, test=TRY, embargo=first(session))
    proof = issues.proof(session, issue, LINKS, NOW)
    main, second, embargoed = proof.contents
    assert (main.subject, second.subject) == ("Ice on the canal", "Locks stay shut")
    line = "Embargo do godz. 10:00, wtorek, 24 listopada 2026 (Europe/Warsaw)."
    assert line in embargoed.html
    assert line in " ".join(embargoed.text.split())
    assert embargoed.text.startswith("*** Embargo")
    assert "Embargo" not in main.html + main.text + second.html + second.text
    tags = [content.html.partition("/c/")[2].partition('"')[0] for content in proof.contents]
    assert [LINKS.read_click(tag).variant for tag in tags] == [1, 2, 3]
    issues.approve(session, issue, LINKS, NOW, seen=proof.content_hash)
    assert len({proof.content_hash, plain.content_hash}) == 2
    assert issues.words(session, issue, LINKS, NOW, SECOND).subject == "Locks stay shut"
    assert line in issues.words(session, issue, LINKS, NOW, EMBARGOED).html


@pytest.mark.parametrize("change", ["test", "embargo", "text"])
def test_another_plan_needs_another_approval(session: Session, change: str) -> None:
    issue = scheduled(session, TRY, embargo=True)
    same = first(session)
    assert not issues.choose_waves(session, issue, NOW, test=TRY, embargo=same)
    assert issue.state is IssueState.SCHEDULED, "nothing has changed"
    if change == "text":
        issues.revise(session, issue, [replace(ARTICLE, lead="Thaw.")], NOW)
    else:
        test = replace(TRY, share=20) if change == "test" else TRY
        embargo = replace(same, lead=60) if change == "embargo" else same
        assert issues.choose_waves(session, issue, NOW, test=test, embargo=embargo)
    assert (issue.state, issue.content_hash) == (IssueState.DRAFT, None)
    assert issues.steps(session, issue)[-1].kind is StepKind.REVOKED


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (replace(TRY, subject=" "), "subject"),
        (replace(TRY, subject="two\nlines"), "subject"),
        (replace(TRY, subject="Ice on the canal"), "subject"),
        (replace(TRY, share=0), "share"),
        (replace(TRY, wait=1), "wait"),
        ({"lead": 1}, "lead"),
        ({"segment": 2**40}, "segment"),
        ({"ends_at": NOW}, "until"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    session: Session, plan: TestPlan | dict[str, Any], field: str
) -> None:
    issue = drafted(session)
    test = plan if isinstance(plan, TestPlan) else None
    embargo = None if test else first(session, **plan)  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        issues.choose_waves(session, issue, NOW, test=test, embargo=embargo)
    assert getattr(refused.value, "field", "") == field


def test_clicks_decide_nothing_where_none_are_counted(session: Session) -> None:
    issue = drafted(session)
    issues.publication_of(session, issue).tracking = model.Tracking.NONE
    with pytest.raises(Invalid, match="counts no clicks"):
        issues.choose_waves(session, issue, NOW, test=TRY)
    issues.choose_waves(session, issue, NOW, test=replace(TRY, rule=WinnerRule.EDITOR))


def test_a_digest_and_what_has_begun_have_no_plan(session: Session) -> None:
    digest = make.issue(session, frequency=model.Frequency.WEEKLY)
    sending = make.issue(session, state=IssueState.SENDING, content_hash="0" * 64)
    for issue in (digest, sending):
        with pytest.raises(IssueNotEditable):
            issues.choose_waves(session, issue, NOW, test=TRY)


def test_an_embargo_ends_when_the_issue_leaves(session: Session) -> None:
    issue = drafted(session)
    issues.choose_waves(session, issue, NOW, embargo=first(session))
    issues.approve(session, issue, LINKS, NOW)
    with pytest.raises(Invalid, match="ends at 2026-11-24T10:00"):
        issues.schedule(session, issue, AT_TEN + HOUR, "Europe/Warsaw", NOW)
    issues.schedule(session, issue, AT_TEN - HOUR, "Europe/London", NOW)


def test_whose_second_subject_it_is_does_not_approve_it_where_four_eyes_are_needed(
    session: Session,
) -> None:
    issue = drafted(session)
    issues.publication_of(session, issue).four_eyes = True
    anna, bela = make.editor(session), make.editor(session)
    issues.choose_waves(session, issue, NOW, test=TRY, editor=anna)
    issues.choose_waves(session, issue, NOW, test=replace(TRY, share=20), editor=bela)
    assert issues.is_barred(session, issue, anna.id)
    assert not issues.is_barred(session, issue, bela.id)


def test_a_segment_that_gets_an_issue_first_stays(session: Session) -> None:
    scheduled(session, None, embargo=True)
    segment = session.scalars(select(model.Segment)).one()
    assert len(deliveries.awaited_by(session, segment)) == 1


@pytest.mark.parametrize(
    ("a", "b", "winner"),
    [
        ((100, 10), (100, 11), Variant.B),
        ((100, 11), (100, 10), Variant.A),
        ((100, 10), (100, 10), Variant.A),
        ((100, 10), (50, 6), Variant.B),
        ((100, 10), (200, 19), Variant.A),
        ((300, 1), (900, 3), Variant.A),
        ((0, 0), (0, 0), Variant.A),
        ((0, 0), (10, 1), Variant.B),
        ((10, 0), (0, 5), Variant.A),
    ],
)
def test_the_better_is_clicked_more_for_each_mail_and_a_wins_ties(
    a: tuple[int, int], b: tuple[int, int], winner: Variant
) -> None:
    assert better(Result(*a), Result(*b)) is winner


@pytest.mark.parametrize("clicks", [(3, 90), (90, 3), (0, 0)])
def test_the_rest_gets_the_better_subject_after_the_wait(
    database: Database, clicks: tuple[int, int]
) -> None:
    winner = Variant.B if clicks[1] > clicks[0] else Variant.A
    with database.transaction() as session:
        number = scheduled(session, TRY, readers=60).id
    tick(database, TEN - HOUR)
    assert state(database, number) is IssueState.SCHEDULED
    tick(database, TEN)
    tried = deliver(database, TEN)
    assert 0 < len(tried) < 60
    for variant, times in enumerate(clicks, 1):
        click(database, number, variant, times)
    with database.reading() as session:
        waves = {each.kind: each for each in deliveries.waves(session, number)}
    tick(database, TEN + 4 * HOUR - timedelta(seconds=1))
    assert not deliver(database, TEN + 4 * HOUR), "nothing is decided"
    assert state(database, number) is IssueState.SENDING
    tick(database, TEN + 4 * HOUR)
    tick(database, TEN + 4 * HOUR)
    rest = deliver(database, TEN + 4 * HOUR)
    tick(database, TEN + 4 * HOUR)
    assert state(database, number) is IssueState.SENT
    with database.reading() as session:
        test = session.get_one(model.SubjectTest, number)
        assert (test.winner, test.decided_at) == (winner, TEN + 4 * HOUR)
        assert test.numbers == {
            "a": {"sent": waves[WaveKind.A].sent, "clicks": clicks[0]},
            "b": {"sent": waves[WaveKind.B].sent, "clicks": clicks[1]},
        }
        name = SECOND if winner is Variant.B else ""
        assert set(variants(session, rest)) == {name}
        assert len({mail for mail, _, _ in (*tried, *rest)}) == len(tried) + len(rest) == 60
        assert {dated for _, _, dated in tried} == {TEN}
        assert {dated for _, _, dated in rest} == {TEN + 4 * HOUR}
        assert deliveries.tally(session, number).counts[DeliveryState.SENT] == 60


def test_an_editor_decides_once_and_the_rest_leaves_at_once(database: Database) -> None:
    with database.transaction() as session:
        plan = replace(TRY, rule=WinnerRule.EDITOR)
        number = scheduled(session, plan, readers=40).id
    tick(database, TEN)
    deliver(database, TEN)
    click(database, number, 1, 5)
    with database.transaction() as session:
        assert issues.decide(session, number, TEN + HOUR, choice=Variant.B, by="Anna")
        assert not issues.decide(session, number, TEN + HOUR, choice=Variant.A)
    rest = deliver(database, TEN + HOUR)
    tick(database, TEN + 4 * HOUR)
    with database.reading() as session:
        assert set(variants(session, rest)) == {SECOND}
        test = session.get_one(model.SubjectTest, number)
        assert (test.winner, test.decided_by) == (Variant.B, "Anna")
    assert state(database, number) is IssueState.SENT


def test_where_an_editor_was_to_decide_and_did_not_it_is_a(database: Database) -> None:
    with database.transaction() as session:
        number = scheduled(session, replace(TRY, rule=WinnerRule.EDITOR), readers=20).id
    tick(database, TEN)
    deliver(database, TEN)
    click(database, number, 2, 50)
    tick(database, TEN + 4 * HOUR)
    with database.reading() as session:
        assert session.get_one(model.SubjectTest, number).winner is Variant.A


def test_some_get_it_under_embargo_and_the_page_is_public_at_the_moment(
    database: Database,
) -> None:
    with database.transaction() as session:
        issue = scheduled(session, TRY, embargo=True, readers=50, reporters=3)
        number = issue.id
    early = TEN - 2 * HOUR
    tick(database, early - timedelta(seconds=1))
    assert not deliver(database, early)
    tick(database, early)
    press = deliver(database, early)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        assert variants(session, press) == {EMBARGOED: 3}
        assert deliveries.tally(session, number).total == 50, "promise 1: all are frozen"
        assert (issue.state, issue.embargo_until) == (IssueState.SENDING, TEN)
        assert not is_public(session, issue)
        assert not issues.search(session, "ice")
    tick(database, TEN - timedelta(seconds=1))
    assert not deliver(database, TEN - timedelta(seconds=1))
    tick(database, TEN)
    tried = deliver(database, TEN)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        assert (issue.embargo_until, issue.published_at) == (None, TEN)
        assert is_public(session, issue)
        assert issues.search(session, "ice")
        assert set(variants(session, tried)) == {"", SECOND}
    tick(database, TEN + 4 * HOUR)
    rest = deliver(database, TEN + 4 * HOUR)
    tick(database, TEN + 4 * HOUR)
    mails = [mail for mail, _, _ in (*press, *tried, *rest)]
    assert len(mails) == len(set(mails)) == 50
    assert state(database, number) is IssueState.SENT


def test_an_embargo_without_a_test_has_two_waves(database: Database) -> None:
    with database.transaction() as session:
        number = scheduled(session, None, embargo=True, readers=9, reporters=2).id
    tick(database, TEN - HOUR)
    assert len(deliver(database, TEN - HOUR)) == 2
    tick(database, TEN)
    assert len(deliver(database, TEN)) == 7
    tick(database, TEN)
    assert state(database, number) is IssueState.SENT


def test_an_embargo_that_is_over_holds_for_nobody(database: Database) -> None:
    """Where nothing could be sent before the moment, all get the same mail."""
    with database.transaction() as session:
        number = scheduled(session, None, embargo=True, readers=9, reporters=2).id
    tick(database, TEN + timedelta(minutes=5))
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        assert (issue.state, issue.embargo_until) == (IssueState.SENDING, None)
        assert is_public(session, issue)
        assert deliveries.waves(session, number) == []
        held = [deliveries.claim(session, TEN + HOUR) for _ in range(2)]
        contents = {one.content for each in held if each for one in each.parcels}
    with database.reading() as session:
        found = session.scalars(select(model.Content.variant).where(model.Content.id.in_(contents)))
        assert found.all() == [""]


def test_a_paused_issue_keeps_its_embargo_and_its_rest(database: Database) -> None:
    with database.transaction() as session:
        number = scheduled(session, None, embargo=True, readers=9, reporters=2).id
    tick(database, TEN - HOUR)
    deliver(database, TEN - HOUR)
    with database.transaction() as session:
        assert issues.pause(session, number, TEN - HOUR)
    tick(database, TEN)
    assert not deliver(database, TEN)
    with database.transaction() as session:
        assert not is_public(session, issues.fetch(session, number))
        issues.resume(session, number, TEN + HOUR)
    tick(database, TEN + HOUR)
    assert len(deliver(database, TEN + HOUR)) == 7
    with database.reading() as session:
        assert is_public(session, issues.fetch(session, number))


def test_a_cancelled_issue_skips_the_waiting_rest_and_has_no_page(database: Database) -> None:
    with database.transaction() as session:
        number = scheduled(session, TRY, embargo=True, readers=30, reporters=4).id
    tick(database, TEN - HOUR)
    assert len(deliver(database, TEN - HOUR)) == 4
    with database.transaction() as session:
        issues.cancel(session, number, TEN - HOUR)
    for later in (TEN, TEN + 4 * HOUR):
        tick(database, later)
        assert not deliver(database, later)
    with database.transaction() as session:
        counts = deliveries.tally(session, number).counts
        assert (counts[DeliveryState.SENT], counts[DeliveryState.SKIPPED]) == (4, 26)
        assert not is_public(session, issues.fetch(session, number))
        assert not issues.decide(session, number, TEN, choice=Variant.B)


def test_what_is_planned_and_not_approved_does_not_leave(database: Database) -> None:
    with database.transaction() as session:
        issue = scheduled(session, None, readers=3)
        make.subject_test(session, issue_id=issue.id)
        number = issue.id
    tick(database, TEN)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        assert issue.state is IssueState.SCHEDULED
        assert "not what was approved" in issues.say_obstacle(issue.held, "en")
