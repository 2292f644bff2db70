"""Issues that leave in waves: planned, under embargo, waiting for a subject, decided, reported."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.model import IssueState, Variant, WaveKind, WinnerRule
from scenes.schedule import LATER
from scenes.schedule import issue as scheduled

SECOND = "Without Ice, Harbours Have a Winter of Plenty"
DECIDED = {"a": {"sent": 1_204, "clicks": 96}, "b": {"sent": 1_196, "clicks": 131}}


_REST = WaveKind.REST


def _press(session: Session, issue: model.Issue) -> model.Segment:
    monitor = issue.publication_id
    press = make.segment(session, publication_id=monitor, name="Press", rule={"tags": ["press"]})
    tag = make.tag(session, name="press")
    for _ in range(3):
        reader = make.subscription(session, publication_id=monitor).subscriber_id
        make.subscriber_tag(session, subscriber_id=reader, tag_id=tag.id)
    return press


def _planned(session: Session) -> model.Issue:
    due = LATER + timedelta(days=2)
    issue = scheduled(
        session,
        IssueState.SCHEDULED,
        40,
        zone="Europe/Warsaw",
        wall_time="2031-11-25T10:00:00",
        due_at=due,
        latest_start=due + timedelta(hours=2),
    )
    segment = _press(session, issue)
    make.subject_test(session, issue_id=issue.id, subject=SECOND)
    make.embargo(
        session,
        issue_id=issue.id,
        segment_id=segment.id,
        wall_time="2031-11-25T10:00",
        ends_at=due,
    )
    return issue


def planned(session: Session) -> str:
    return f"/desk/issues/{_planned(session).id}/schedule?done=waves"


def choosing(session: Session) -> str:
    """Open the fields, which are folded away until somebody wants them."""
    issue = scheduled(session, IssueState.DRAFT, 40)
    _press(session, issue)
    make.subject_test(session, issue_id=issue.id, subject=SECOND, rule=WinnerRule.EDITOR)
    return f"/desk/issues/{issue.id}/schedule#subject"


def none_yet(session: Session) -> str:
    return f"/desk/issues/{scheduled(session, IssueState.APPROVED, 7).id}/schedule"


def _going(
    session: Session, state: IssueState, sent: dict[WaveKind, int], **test: object
) -> model.Issue:
    """Make an issue that began an hour ago, of which so many of each wave are sent."""
    now = datetime.now(UTC)
    began = now - timedelta(hours=1)
    frozen = dict(zip(WaveKind, (38, 1_204, 1_196, 9_604), strict=True))
    issue = scheduled(
        session,
        state,
        published_at=began,
        tries_since=began,
        finished_at=now if state is IssueState.SENT else None,
        audience={"frozen": sum(frozen.values())},
    )
    waits = {WaveKind.EMBARGO: -120, WaveKind.A: 0, WaveKind.B: 0, WaveKind.REST: 240}
    start = 1
    for kind, count in frozen.items():
        done = sent.get(kind, 0)
        due = began + timedelta(minutes=waits[kind])
        make.wave(
            session,
            issue_id=issue.id,
            number=kind.value,
            content_id=_content(kind, is_decided="winner" in test),
            frozen=count,
            due_at=due,
        )
        make.batch(
            session,
            issue_id=issue.id,
            number=kind.value,
            wave=kind.value,
            first_delivery=start,
            last_delivery=start + count - 1,
            sent=done,
            due_at=due if done < count else None,
        )
        start += count
    make.subject_test(
        session,
        issue_id=issue.id,
        subject=SECOND,
        ends_at=began + timedelta(hours=4),
        **test,
    )
    make.link(session, issue.id, "https://port.example/")
    for variant, count in ((1, 96), (2, 131 if _REST not in sent else 1_177), (3, 9)):
        make.click(session, issue.id, "https://port.example/", variant=variant, count=count)
    make.waypoint(session, issue_id=issue.id, at=began, sent=38)
    make.waypoint(session, issue_id=issue.id, at=now, sent=sum(sent.values()))
    return issue


def _content(kind: WaveKind, *, is_decided: bool) -> int | None:
    """Number the words of a wave: the rest gets those of B, once that is decided."""
    if kind is WaveKind.REST:
        return 3 if is_decided else None
    return 1 + kind.value


_TRIED = {WaveKind.EMBARGO: 38, WaveKind.A: 1_204, WaveKind.B: 1_196}


def waiting(session: Session) -> str:
    return f"/desk/issues/{_going(session, IssueState.SENDING, _TRIED).id}/sending"


def under_embargo(session: Session) -> str:
    issue = _going(session, IssueState.SENDING, {WaveKind.EMBARGO: 38})
    issue.embargo_until = datetime.now(UTC) + timedelta(hours=1)
    return f"/desk/issues/{issue.id}/sending"


def _decided(session: Session) -> model.Issue:
    everybody = {**_TRIED, _REST: 9_604}
    return _going(
        session,
        IssueState.SENT,
        everybody,
        winner=Variant.B,
        decided_at=datetime.now(UTC) - timedelta(minutes=20),
        numbers=DECIDED,
    )


def decided(session: Session) -> str:
    return f"/desk/issues/{_decided(session).id}/sending"


def report(session: Session) -> str:
    return f"/desk/issues/{_decided(session).id}/report"


def _written(session: Session) -> int:
    """Make an issue with a text and three mails."""
    monitor = make.publication(session, name="Baltic Monitor")
    issue = make.issue(session, make.article(session, publication_id=monitor.id))
    make.subject_test(session, issue_id=issue.id, subject=SECOND)
    segment = make.segment(session, publication_id=monitor.id)
    make.embargo(session, issue_id=issue.id, segment_id=segment.id)
    return issue.id


def preview(session: Session) -> str:
    """Look at the mail under embargo."""
    return f"/desk/issues/{_written(session)}/preview?variant=embargo"


def approval(session: Session) -> str:
    """Have all mails read before they are approved."""
    return f"/desk/issues/{_written(session)}/approval"


SCENES = {
    "planned": planned,
    "choosing": choosing,
    "none-yet": none_yet,
    "waiting": waiting,
    "under-embargo": under_embargo,
    "decided": decided,
    "report": report,
    "preview": preview,
    "approval": approval,
}
