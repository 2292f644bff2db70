"""Variants: the mails of one issue that differ, by their subject, an embargo or their appeal.

All of them are proven, approved and frozen together. The issue's own words, with the first variant
of its appeal, are the main variant, which is what its page shows too. A mail is called by its
subject and its appeal: "" is the main one, "b" that under the second subject; "/7" has the appeal
in its variant 7, and "b/none" is the second subject for whoever is not asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import model
from newsletter.issues.appeals import MAIN, asked, without
from newsletter.issues.editions import counted
from newsletter.links import Links
from newsletter.rendering import Edition

SECOND, EMBARGOED = "b", "embargo"
"""The words under the second subject, and those that some get under embargo."""
NUMBERS = {MAIN: 1, SECOND: 2, EMBARGOED: 3}
"""By which number the clicks of a subject are counted."""
NONE = "none"
"""The appeal of whoever is not asked, in the name of a variant."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One mail of an issue: ``appeal`` and its variant by their numbers, 0 where it has none."""

    name: str
    edition: Edition
    appeal: int = 0
    saying: int = 0


def variants(
    session: Session, issue: model.Issue, main: Edition, links: Links, now: datetime
) -> Sequence[Kind]:
    """Return all mails of an issue, the main one first."""
    publication = session.get_one(model.Publication, issue.publication_id)
    asks = asked(session, [issue], {publication.id: publication}, now).get(issue.id)
    shown = asks.in_variants(main, links) if asks else {}
    plain = {**shown, 0: without(main)} if shown else {0: main}
    appeal = asks.appeal.id if asks else 0
    return [
        Kind(named(subject, saying, place == 0), change(each), appeal if saying else 0, saying)
        for subject, change in _subjects(session, issue, publication, links).items()
        for place, (saying, each) in enumerate(plain.items())
    ]


def named(subject: str, saying: int, is_first: bool) -> str:
    """Name the variant with a subject and a variant of the appeal."""
    return subject if is_first else f"{subject}/{saying or NONE}"


def find_named(names: Mapping[str, int], subject: str, saying: int | None) -> str:
    """Return the name of a variant, given which variant of the appeal each name has.

    What an issue does not have is its own words; without a ``saying`` the first is meant.
    """
    subject = subject if subject in names else MAIN
    mine = [name for name in names if name.partition("/")[0] == subject]
    return next((name for name in mine if names[name] == saying), subject)


def subjects_of(session: Session, issue: model.Issue) -> Sequence[str]:
    """Name the subjects under which an issue leaves, its own first."""
    test, embargo = plan_of(session, issue)
    return [MAIN, *([SECOND] if test else []), *([EMBARGOED] if embargo else [])]


def _subjects(
    session: Session, issue: model.Issue, publication: model.Publication, links: Links
) -> Mapping[str, Callable[[Edition], Edition]]:
    """Return what each subject changes of an edition."""
    test, embargo = plan_of(session, issue)
    changes: dict[str, dict[str, Any]] = {MAIN: {}}
    if test:
        changes[SECOND] = {"subject": test.subject}
    if embargo:
        changes[EMBARGOED] = {"embargo": ends_there(embargo)}
    if len(changes) > 1:
        for name, change in changes.items():
            change["counted"] = counted(publication, issue.id, links, NUMBERS[name])
    return {name: partial(replace, **change) for name, change in changes.items()}


def plan_of(
    session: Session, issue: model.Issue
) -> tuple[model.SubjectTest | None, model.Embargo | None]:
    """Return the test of subjects and the embargo that an issue has, or is to have."""
    return session.get(model.SubjectTest, issue.id), session.get(model.Embargo, issue.id)


def ends_there(embargo: model.Embargo) -> datetime:
    """Return when an embargo ends, on the clock of its zone."""
    return embargo.ends_at.astimezone(ZoneInfo(embargo.zone))


def main_of(contents: Sequence[model.Content]) -> model.Content:
    """Return of frozen contents that of the issue's own words."""
    return min(
        (
            each
            for each in contents
            if each.variant not in (SECOND, EMBARGOED) and "/" not in each.variant
        ),
        key=lambda each: each.id,
    )
