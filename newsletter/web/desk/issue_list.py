"""The list of issues: all of them, by publication and state, found by their words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request

from newsletter import issues, model
from newsletter.desk import Permission, may
from newsletter.model import IssueState
from newsletter.web.context import database
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, needs, presence
from newsletter.web.typed import MOST, counted

PER_PAGE = 50
AWAITING = "awaiting"
"""The drafts that were submitted: no state of its own, but a thing to look for."""

SHELVES = ("", AWAITING, *(state.value for state in IssueState))
"""What can be looked through; without a word, everything."""


@dataclass(frozen=True, slots=True)
class Search:
    """What of the list is asked for."""

    words: str
    publication: str
    state: str
    before: int | None

    @property
    def is_narrow(self) -> bool:
        """Tell whether it asks for less than everything."""
        return bool(self.words or self.publication or self.state)


@bp.get("/issues")
@needs(Permission.ISSUES)
def issue_list() -> Response:
    """List issues, newest first."""
    asked = request.args
    search = Search(
        words=asked.get("words", "").strip()[:MOST],
        publication=asked.get("publication", ""),
        state=asked["state"] if asked.get("state") in SHELVES else "",
        before=asked.get("before", type=counted),
    )
    with database.reading() as session:
        publications = issues.publications(session)
        entries = issues.browse(
            session,
            publication=_named(publications, search.publication),
            state=None if search.state in ("", AWAITING) else IssueState(search.state),
            submitted=search.state == AWAITING,
            words=search.words,
            before=search.before,
            limit=PER_PAGE + 1,
        )
    shown = entries[:PER_PAGE]
    return page(
        "issues/list.html",
        entries=shown,
        older=shown[-1].id if len(entries) > PER_PAGE else "",
        search=search,
        publications=publications,
        may_write=may(presence.role, Permission.WRITE),
    )


def _named(publications: Sequence[model.Publication], slug: str) -> model.Publication | None:
    return next((each for each in publications if each.slug == slug), None)
