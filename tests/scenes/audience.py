"""Audiences and segments: everyone, a rule, a segment, trouble, and what was frozen."""

from sqlalchemy.orm import Session

import make
from newsletter import model, subscriptions
from newsletter.model import IssueState
from scenes.schedule import issue

RULE = {"languages": ["pl", "uk"], "not_tags": ["press"], "joined_since": "2026-01-01"}


def _peopled(session: Session, state: IssueState = IssueState.APPROVED) -> model.Issue:
    """Make an issue and readers of two languages, some of whom have tags."""
    made = issue(session, state, 4)
    for number in range(12):
        person = make.subscriber(session, language="pl")
        home = {"publication_id": made.publication_id, "subscriber_id": person.id}
        make.subscription(session, **home)
        if number < 3:
            subscriptions.tag(session, [person.id], ("press", "donors", "students")[number])
    return made


def everyone(session: Session) -> str:
    return f"/desk/issues/{_peopled(session).id}/audience"


def rule(session: Session) -> str:
    made = _peopled(session)
    made.rule = RULE
    return f"/desk/issues/{made.id}/audience"


def segment(session: Session) -> str:
    made = _peopled(session)
    home = {"publication_id": made.publication_id}
    make.segment(session, name="The press", rule={"tags": ["press"]}, **home)
    made.segment_id = make.segment(session, name="Polish readers", **home).id
    return f"/desk/issues/{made.id}/audience?done=audience"


def frozen(session: Session) -> str:
    made = _peopled(session, IssueState.SENT)
    made.published_at, made.rule = make.NOW, RULE
    made.audience = {
        "candidates": 14_203,
        "frozen": 12_480,
        "outside the audience": 1_204,
        "other frequency": 310,
        "paused": 96,
        "pending": 58,
        "suppressed": 55,
    }
    return f"/desk/issues/{made.id}/audience"


def no_segments(session: Session) -> str:
    make.publication(session)
    return "/desk/subscribers/segments"


def segments(session: Session) -> str:
    home = {"publication_id": _peopled(session).publication_id}
    make.segment(session, name="Polish and Ukrainian, without the press", rule=RULE, **home)
    make.segment(session, name="The press", rule={"tags": ["press"]}, **home)
    return "/desk/subscribers/segments"


def one_segment(session: Session) -> str:
    made = _peopled(session)
    kept = make.segment(session, publication_id=made.publication_id, name="Polish", rule=RULE)
    made.segment_id = kept.id
    return f"/desk/subscribers/segments/{kept.id}"


SCENES = {
    "everyone": everyone,
    "rule": rule,
    "segment": segment,
    "frozen": frozen,
    "no-segments": no_segments,
    "segments": segments,
    "one-segment": one_segment,
}
