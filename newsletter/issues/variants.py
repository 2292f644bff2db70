"""Variants: the mails of one issue that differ, by their subject or by an embargo.

All of them are proven, approved and frozen together. The issue's own words are the main variant,
which is what its page shows too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import model, rendering
from newsletter.issues.editions import counted
from newsletter.links import Links

MAIN, SECOND, EMBARGOED = "", "b", "embargo"
"""The issue's own words; those under the second subject; those that some get under embargo."""
NUMBERS = {MAIN: 1, SECOND: 2, EMBARGOED: 3}
"""By which number the clicks of a variant are counted."""


def variants(
    session: Session, issue: model.Issue, main: rendering.Edition, links: Links
) -> Mapping[str, rendering.Edition]:
    """Return the editions of all variants of an issue, ``main`` first, by their names."""
    test, embargo = plan_of(session, issue)
    if test is None and embargo is None:
        return {MAIN: main}
    publication = session.get_one(model.Publication, issue.publication_id)
    editions = {MAIN: main}
    if test:
        editions[SECOND] = replace(main, subject=test.subject)
    if embargo:
        editions[EMBARGOED] = replace(main, embargo=ends_there(embargo))
    return {
        name: replace(each, counted=counted(publication, issue.id, links, NUMBERS[name]))
        for name, each in editions.items()
    }


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
        (each for each in contents if each.variant not in (SECOND, EMBARGOED)),
        key=lambda each: each.id,
    )
