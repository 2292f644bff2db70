"""The frame of an issue's pages: its name and state on top, and a tab for each thing to do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Permission, may
from newsletter.issues import Asked
from newsletter.language import marked as _
from newsletter.web.desk.frame import Place, current, page
from newsletter.web.desk.guard import presence, to

TABS: Sequence[Place] = (
    Place("issue_text", _("Text"), Permission.WRITE),
    Place("preview", _("Preview"), Permission.PREVIEW),
    Place("issue_check", _("Check"), Permission.PREVIEW),
    Place("approval", _("Approval"), Permission.ISSUES),
    Place("audience", _("Audience"), Permission.SCHEDULE),
    Place("schedule", _("Schedule"), Permission.SCHEDULE),
    Place("sending_page", _("Sending"), Permission.SENDING),
    Place("report_page", _("Report"), Permission.SENDING),
)
"""The tabs, in the order of the work; each is a view with ``number``, the issue's."""
MONTHLY = Place("monthly", _("Monthly"), Permission.WRITE)
"""The first tab of a monthly."""


def issue_page(
    template: str, session: Session, issue: model.Issue, *, status: int = 200, **facts: Any
) -> Response:
    """Answer with a page about ``issue``, whose template extends ``desk/issue/frame.html``."""
    tabs = [tab for tab in _tabs(session, issue) if may(presence.role, tab.permission)]
    return page(
        f"issue/{template}",
        status=status,
        issue=issue,
        publication_name=issues.publication_of(session, issue).name,
        tabs=tabs,
        nearest=max(tabs, key=lambda tab: _nearness(tab, issue)),
        **facts,
    )


def asks_of(session: Session, issue: model.Issue, now: datetime) -> Asked | None:
    """Return what an issue asks of its readers ``now``."""
    publication = issues.publication_of(session, issue)
    return issues.asked(session, [issue], {publication.id: publication}, now).get(issue.id)


def _nearness(tab: Place, issue: model.Issue) -> int:
    """Say how much of our address is that of a tab: pages below one belong to it."""
    is_near = current(tab.view, number=issue.id) != ""
    return len(to(tab.view, number=issue.id)) if is_near else 0


def _tabs(session: Session, issue: model.Issue) -> Sequence[Place]:
    return [MONTHLY, *TABS] if issues.monthlies.find_monthly(session, issue) else TABS
