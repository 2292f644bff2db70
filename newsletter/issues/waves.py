"""Waves of an issue: what an editor plans, and what happens when a wave's time has come.

The plan is a part of what is approved, so that another plan needs another approval. What a clock
does here is a compare-and-set: it may run anywhere, in any number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, model
from newsletter.deliveries import Part, Rule, Split, Standing
from newsletter.errors import Conflict, Invalid, IssueNotEditable
from newsletter.issues.appeals import MAIN
from newsletter.issues.details import LONGEST_LINE
from newsletter.issues.drafts import lock, publication_of, revoke
from newsletter.issues.history import note_step
from newsletter.issues.search import index
from newsletter.issues.variants import (
    EMBARGOED,
    NUMBERS,
    SECOND,
    main_of,
    plan_of,
    subjects_of,
)
from newsletter.language import marked as _
from newsletter.model import (
    Frequency,
    IssueState,
    StepKind,
    Tracking,
    Variant,
    WaveKind,
    WinnerRule,
)

SHARES = range(2, 101)
"""How many readers in a hundred may try two subjects."""
WAITS = range(15, 7 * 24 * 60 + 1)
"""How many minutes the rest may wait, and how much earlier some may get an issue."""
_PLANNED = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class TestPlan:
    """A second subject to try: on ``share`` in a hundred readers, for ``wait`` minutes."""

    __test__ = False

    subject: str
    share: int
    wait: int
    rule: WinnerRule = WinnerRule.CLICKS


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one subject: mails sent with it, and clicks in them."""

    sent: int
    clicks: int

    @property
    def rate(self) -> float:
        """Clicks for each mail sent."""
        return self.clicks / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class EmbargoPlan:
    """A segment that gets the issue ``lead`` minutes before the moment at which it is for all.

    That is ``wall_time`` in ``zone``, as their mail says, and ``ends_at`` is what it means.
    """

    segment: int
    lead: int
    wall_time: datetime
    zone: str
    ends_at: datetime


def waves_of(session: Session, issue: model.Issue) -> tuple[TestPlan | None, EmbargoPlan | None]:
    """Return what is planned for an issue."""
    test, embargo = plan_of(session, issue)
    return (
        TestPlan(test.subject, test.share, test.wait, test.rule) if test else None,
        EmbargoPlan(
            embargo.segment_id,
            embargo.lead,
            datetime.fromisoformat(embargo.wall_time),
            embargo.zone,
            embargo.ends_at,
        )
        if embargo and embargo.segment_id
        else None,
    )


def choose_waves(
    session: Session,
    issue: model.Issue,
    now: datetime,
    *,
    test: TestPlan | None = None,
    embargo: EmbargoPlan | None = None,
    editor: model.Editor | None = None,
) -> bool:
    """Say in which waves an issue leaves; with neither it leaves for all at once.

    An approval is revoked by that, because it was of other mails; returns whether there was one.
    What is planned already changes nothing. Raises IssueNotEditable for an issue that has begun to
    leave and for a digest, Invalid for a plan that cannot be.
    """
    lock(session, issue)
    if issue.state not in _PLANNED or issue.frequency is not Frequency.EACH:
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its waves cannot be changed")
    if (test, embargo) == waves_of(session, issue):
        return False
    if test:
        _check_test(session, issue, test)
    if embargo:
        _check_embargo(session, issue, embargo, now)
    former, _embargo = plan_of(session, issue)
    whose = editor.id if editor else None
    if former and test and former.subject == test.subject:
        whose = former.editor_id
    was_approved = revoke(session, issue)
    if was_approved:
        note_step(session, issue, StepKind.REVOKED, now, editor)
    for table in (model.SubjectTest, model.Embargo):
        session.execute(delete(table).where(table.issue_id == issue.id))
    session.expire_all()
    if test:
        session.add(
            model.SubjectTest(
                issue_id=issue.id,
                subject=test.subject,
                share=test.share,
                wait=test.wait,
                rule=test.rule,
                editor_id=whose,
            )
        )
    if embargo:
        session.add(
            model.Embargo(
                issue_id=issue.id,
                segment_id=embargo.segment,
                lead=embargo.lead,
                wall_time=embargo.wall_time.isoformat(timespec="minutes"),
                zone=embargo.zone,
                ends_at=embargo.ends_at,
            )
        )
    session.flush()
    return was_approved


def _check_test(session: Session, issue: model.Issue, test: TestPlan) -> None:
    subject = " ".join(test.subject.split())
    if not subject or subject != test.subject or len(subject) > LONGEST_LINE:
        raise Invalid(_("Write the second subject in one line."), field="subject")
    if subject == issue.subject:
        raise Invalid(_("That is the first subject; write another."), field="subject")
    if test.share not in SHARES:
        raise Invalid(_("Choose how many readers try the subjects."), field="share")
    if test.wait not in WAITS:
        raise Invalid(_("The rest waits for 15 minutes at least and 7 days at most."), field="wait")
    is_counted = publication_of(session, issue).tracking is Tracking.CLICKS
    if test.rule is WinnerRule.CLICKS and not is_counted:
        raise Invalid(_("This publication counts no clicks; a person has to decide."), field="rule")


def _check_embargo(
    session: Session, issue: model.Issue, embargo: EmbargoPlan, now: datetime
) -> None:
    segment = session.get(model.Segment, embargo.segment)
    if segment is None or segment.publication_id != issue.publication_id:
        raise Invalid(_("Choose who gets it first: one of the segments."), field="segment")
    if embargo.lead not in WAITS:
        raise Invalid(
            _("They get it 15 minutes earlier at least and 7 days at most."), field="lead"
        )
    if embargo.ends_at <= now:
        raise Invalid(_("That time is past. Choose one to come."), field="until")


def lead_of(session: Session, issue_id: int) -> timedelta:
    """Return how much earlier than due an issue begins."""
    lead = session.scalar(select(model.Embargo.lead).where(model.Embargo.issue_id == issue_id))
    return timedelta(minutes=lead or 0)


def lacks_variant(session: Session, issue: model.Issue, contents: Sequence[model.Content]) -> bool:
    """Tell whether something is planned that nobody has approved."""
    wanted = set(subjects_of(session, issue)) - {MAIN}
    return not wanted <= {content.variant for content in contents}


def split_of(
    session: Session, issue: model.Issue, contents: Sequence[model.Content], now: datetime
) -> Split | None:
    """Work out how the audience of an issue that begins ``now`` is parted; None for all at once.

    Whose embargo would be over already gets the mail that everybody gets.
    """
    test, embargo = plan_of(session, issue)
    words = {content.variant: content.id for content in contents}
    main, moment = main_of(contents).id, max(now, issue.due_at or now)
    parts: dict[WaveKind, Part] = {}
    first = None
    if embargo and embargo.segment_id and moment > now:
        segment = session.get_one(model.Segment, embargo.segment_id)
        first = Rule.parse(segment.rule)
        parts[WaveKind.EMBARGO] = Part(words[EMBARGOED], now)
    if test:
        test.ends_at = moment + timedelta(minutes=test.wait)
        parts[WaveKind.A] = Part(main, moment)
        parts[WaveKind.B] = Part(words[SECOND], moment)
        parts[WaveKind.REST] = Part(main, test.ends_at, decided=False)
    elif parts:
        parts[WaveKind.REST] = Part(main, moment)
    session.flush()
    return Split(parts, first, test.share if test else 0) if parts else None


def awaits_subject() -> ColumnElement[bool]:
    """Return the condition on an issue of which an editor is to choose the subject of the rest."""
    return and_(
        model.Issue.state == IssueState.SENDING,
        exists().where(
            model.SubjectTest.issue_id == model.Issue.id,
            model.SubjectTest.rule == WinnerRule.EDITOR,
            model.SubjectTest.winner.is_(None),
        ),
        exists().where(
            model.Wave.issue_id == model.Issue.id,
            model.Wave.content_id.is_(None),
            model.Wave.frozen > 0,
        ),
    )


def undecided(session: Session, now: datetime) -> Sequence[int]:
    """List the issues being sent whose rest is to get the better subject now."""
    return session.scalars(
        select(model.SubjectTest.issue_id)
        .join(model.Issue, model.Issue.id == model.SubjectTest.issue_id)
        .where(
            model.Issue.state == IssueState.SENDING,
            model.SubjectTest.winner.is_(None),
            model.SubjectTest.ends_at <= now,
        )
    ).all()


def decide(
    session: Session,
    issue_id: int,
    now: datetime,
    *,
    choice: Variant | None = None,
    by: str = "",
) -> bool:
    """Choose the subject of the rest, once, and let the rest go.

    ``choice`` is what an editor, called ``by``, says. Without one it is the subject that was
    clicked more for each mail sent, or A: on a tie, and where an editor was to decide and did not.
    Returns False where there is nothing to decide (any more).
    """
    test = session.get(model.SubjectTest, issue_id, populate_existing=True)
    if test is None or test.winner or test.ends_at is None:
        return False
    standing = {each.kind: each for each in deliveries.waves(session, issue_id)}
    a, b = results(session, issue_id, standing.values())
    by_rule = better(a, b) if test.rule is WinnerRule.CLICKS else Variant.A
    winner = choice or by_rule
    going = exists().where(
        model.Issue.id == issue_id,
        model.Issue.state.in_((IssueState.SENDING, IssueState.PAUSED)),
    )
    decided = session.execute(
        update(model.SubjectTest)
        .where(model.SubjectTest.issue_id == issue_id, model.SubjectTest.winner.is_(None), going)
        .values(
            winner=winner,
            decided_at=now,
            decided_by=by,
            numbers={"a": asdict(a), "b": asdict(b)},
        )
        .returning(model.SubjectTest.issue_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if decided is None:
        return False
    kind = WaveKind.B if winner is Variant.B else WaveKind.A
    content = standing[kind].content
    if content is None:
        raise Conflict(f"The words of issue {issue_id} are not there")
    deliveries.open_wave(session, issue_id, WaveKind.REST, content, now)
    _go_on(session, issue_id, now)
    session.refresh(test)
    return True


def results(session: Session, issue_id: int, waves: Iterable[Standing]) -> tuple[Result, Result]:
    """Return what became of A and of B so far: of all mails with these words, the rest included."""
    clicks = feedback.clicks_by_variant(session, issue_id)
    standing = list(waves)
    found = []
    for kind, variant in ((WaveKind.A, MAIN), (WaveKind.B, SECOND)):
        words = {each.content for each in standing if each.kind is kind}
        sent = sum(
            each.sent
            for each in standing
            if each.content in words and each.kind is not WaveKind.EMBARGO
        )
        found.append(Result(sent, clicks.get(NUMBERS[variant], 0)))
    return found[0], found[1]


def better(a: Result, b: Result) -> Variant:
    """Return which was clicked more for each mail sent; A on a tie."""
    # Cross-multiplied, so that nothing is lost to rounding.
    more = b.clicks * a.sent > a.clicks * b.sent if a.sent else b.clicks > 0
    return Variant.B if b.sent and more else Variant.A


def over_embargoes(session: Session, now: datetime) -> Sequence[int]:
    """List the issues whose embargo is over, and that are to be public from here on."""
    return session.scalars(select(model.Issue.id).where(_is_over(now))).all()


def lift_embargo(session: Session, issue_id: int, now: datetime) -> bool:
    """Make an issue public whose embargo is over, once; its date is the moment that was set.

    One that is paused stays where it is until it goes on.
    """
    lifted = session.execute(
        update(model.Issue)
        .where(model.Issue.id == issue_id, _is_over(now))
        .values(published_at=model.Issue.embargo_until, embargo_until=None)
        .returning(model.Issue.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if lifted is None:
        return False
    index(session, session.get_one(model.Issue, issue_id, populate_existing=True))
    _go_on(session, issue_id, now)
    return True


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(
        model.Issue.embargo_until <= now,
        model.Issue.state.in_((IssueState.SENDING, IssueState.SENT)),
    )


def _go_on(session: Session, issue_id: int, now: datetime) -> None:
    """Bear temporary trouble of the next wave as long as that of the first."""
    session.execute(
        update(model.Issue)
        .where(model.Issue.id == issue_id)
        .values(tries_since=now)
        .execution_options(synchronize_session=False)
    )
