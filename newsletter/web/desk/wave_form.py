"""The fields of an issue's waves: a second subject to try, and who gets it first under embargo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.issues import EmbargoPlan, TestPlan, Timing
from newsletter.language import marked as _
from newsletter.model import Frequency, WinnerRule
from newsletter.web.desk.frame import say
from newsletter.web.desk.timing import typed_timing
from newsletter.web.typed import cleaned

SHARES = (10, 20, 30, 50)
"""How many in a hundred may try two subjects."""
WAITS = (60, 120, 180, 240, 360, 480, 720, 1440)
"""Minutes that the rest may wait."""
LEADS = (15, 30, 60, 120, 180, 240, 720, 1440, 2880)
"""Minutes by which some may get it earlier."""
_USUAL = time(8)


@dataclass(frozen=True, slots=True)
class WaveForm:
    """What the fields hold, what is wrong with it, and what is planned by it."""

    given: Mapping[str, str]
    troubles: Mapping[str, str]
    test: TestPlan | None = None
    embargo: EmbargoPlan | None = None

    @property
    def choices(self) -> Mapping[str, list[int]]:
        """The numbers that are offered, and among them those that are there already."""
        return {
            name: sorted({*offered, *_numbers(self.given[name])})
            for name, offered in (("share", SHARES), ("wait", WAITS), ("lead", LEADS))
        }


def shown_waves(
    session: Session, issue: model.Issue, publication: model.Publication, now: datetime
) -> WaveForm | None:
    """Return the fields as an issue has them; None where it can have no waves any more."""
    if issue.state not in issues.TO_COME or issue.frequency is not Frequency.EACH:
        return None
    return WaveForm(_given(session, issue, publication, now), {})


def typed_waves(
    session: Session, issue: model.Issue, form: Mapping[str, str], now: datetime
) -> WaveForm:
    """Read the fields that were typed; whether that can be is for the issue to say."""
    publication = issues.publication_of(session, issue)
    given = dict(_given(session, issue, publication, now))
    given |= {name: cleaned(form[name]) for name in given if name in form}
    troubles: dict[str, str] = {}
    test = embargo = None
    if given["subject"]:
        test = TestPlan(
            subject=" ".join(given["subject"].split()),
            share=_number(given["share"]),
            wait=_number(given["wait"]),
            rule=WinnerRule.EDITOR if given["rule"] == WinnerRule.EDITOR else WinnerRule.CLICKS,
        )
    if given["segment"]:
        embargo = _embargo(given, publication.zone, now, troubles)
    return WaveForm(given, troubles, test, embargo)


def with_trouble(form: WaveForm, field: str, words: str) -> WaveForm:
    """Return ``form`` with what is wrong with one of its fields."""
    place = {"until": "until_day"}.get(field, field)
    return WaveForm(form.given, {**form.troubles, place: words}, form.test, form.embargo)


def trouble_with_embargo(session: Session, issue: model.Issue, timing: Timing) -> str:
    """Say that an issue cannot leave at a time at which its embargo does not end, if so."""
    _test, embargo = issues.waves_of(session, issue)
    if embargo is None or embargo.ends_at == timing.due_at:
        return ""
    words = _(
        "The mail under embargo says %(day)s, %(time)s in %(zone)s. Choose that time, or change"
        " the embargo below."
    )
    wall = embargo.wall_time
    facts = {"day": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "zone": embargo.zone}
    return say(words) % facts


def _embargo(
    given: Mapping[str, str], zone: str, now: datetime, troubles: dict[str, str]
) -> EmbargoPlan | None:
    wrong: dict[str, str] = {}
    when = {"date": given["until_day"], "time": given["until_time"], "zone": zone}
    timing = typed_timing(when, now, wrong)
    troubles |= {f"until_{'day' if name == 'date' else name}": wrong[name] for name in wrong}
    if timing is None:
        return None
    segment, lead = _number(given["segment"]), _number(given["lead"])
    return EmbargoPlan(segment, lead, timing.wall_time, zone, timing.due_at)


def _given(
    session: Session, issue: model.Issue, publication: model.Publication, now: datetime
) -> Mapping[str, str]:
    """Return what the fields hold before anything is typed."""
    test, embargo = issues.waves_of(session, issue)
    zone = ZoneInfo(publication.zone)
    if embargo:
        until = embargo.wall_time
    elif issue.due_at:
        until = issue.due_at.astimezone(zone).replace(tzinfo=None)
    else:
        usual = issues.usual_time(session, publication) or _USUAL
        until = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), usual)
    return {
        "subject": test.subject if test else "",
        "share": str(test.share if test else 20),
        "wait": str(test.wait if test else 240),
        "rule": (test.rule if test else WinnerRule.CLICKS).value,
        "segment": str(embargo.segment) if embargo else "",
        "lead": str(embargo.lead if embargo else 120),
        "until_day": f"{until:%Y-%m-%d}",
        "until_time": f"{until:%H:%M}",
    }


def _number(text: str) -> int:
    """Read a number; what is none is 0, which no field may be."""
    return next(iter(_numbers(text)), 0)


def _numbers(text: str) -> list[int]:
    return [int(text)] if text.isascii() and text.isdecimal() and len(text) < 19 else []
