"""The frame of the reports: a tab for each kind, and the publication that one asks for."""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from newsletter import model
from newsletter.desk import Permission, may
from newsletter.language import marked as _
from newsletter.web.desk.frame import Place, page
from newsletter.web.desk.guard import presence

TABS: Sequence[Place] = (
    Place("reports", _("Issues"), Permission.SENDING),
    Place("growth", _("Growth"), Permission.SENDING),
    Place("donations", _("Donations"), Permission.DONATIONS),
    Place("appeal_reports", _("Appeals"), Permission.DONATIONS),
)


def reports_page(template: str, *, status: int = 200, **facts: Any) -> Response:
    """Answer with a page whose template extends ``desk/reports/frame.html``."""
    tabs = [tab for tab in TABS if may(presence.role, tab.permission)]
    return page(f"reports/{template}", status=status, tabs=tabs, **facts)


def asked_for(
    publications: Sequence[model.Publication], slug: str | None = None
) -> model.Publication | None:
    """Return the publication that a form names, or the page's address."""
    wanted = request.args.get("publication") if slug is None else slug
    return next((each for each in publications if each.slug == wanted), None)
