"""Donations: a list of them, and files of gifts that a bank or a payment service gives."""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, issues, support
from newsletter.desk import Action, Permission
from newsletter.errors import Invalid
from newsletter.language import marked as _
from newsletter.support import Fault, Recorded, Told
from newsletter.web.context import database, links
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, needs, presence
from newsletter.web.desk.leafing import leaf
from newsletter.web.desk.reports_frame import asked_for, reports_page
from newsletter.web.typed import typed

PER_PAGE = 50
MOST_FAULTS = 50
"""Rows of a file that cannot be read, of which a page tells."""
MOST_SOURCE = 60
LARGEST_FORM = support.MOST_OCTETS + 1024 * 1024


@bp.get("/reports/donations")
@needs(Permission.DONATIONS)
def donations() -> Response:
    """List donations, the latest first, and ask for a file of more."""
    return _page({}, {})


@bp.post("/reports/donations")
@needs(Permission.DONATIONS, largest=LARGEST_FORM)
def bring_in_donations() -> Response:
    """Read a file of gifts, and say what became of each row; the same file again changes nothing.

    What can be read is recorded, whatever is wrong with other rows.
    """
    now = datetime.now(UTC)
    file, source = request.files.get("file"), typed("source")
    given = {"source": source, "publication": request.form.get("publication", "")}
    troubles: dict[str, str] = {}
    if not 0 < len(source) <= MOST_SOURCE:
        troubles["source"] = say(_("Name the bank or the service in up to 60 characters."))
    with database.reading() as session:
        publication = asked_for(issues.publications(session), given["publication"])
    if publication is None:
        troubles["publication"] = say(_("Choose a publication from the list."))
    read = support.GiftFile((), ())
    if file is None or not file.filename:
        troubles["file"] = say(_("Choose a file."))
    else:
        try:
            read = support.read_csv(file.stream.read(support.MOST_OCTETS + 1), now.date())
        except Invalid as error:
            troubles["file"] = _said(Told.by(error))
    if troubles or publication is None:
        return _page(given, troubles, status=422)
    with database.transaction() as session:
        gifts = (gift for _line, gift in read.gifts)
        done = support.record(session, publication.id, source, gifts, now, links)
        about = f"{source}, {done.new}"
        desk.note(session, presence.actor, Action.DONATIONS_BROUGHT_IN, now, about)
    return _page(given, {}, recorded=done, faults=read.faults)


def _page(
    given: dict[str, str],
    troubles: dict[str, str],
    *,
    recorded: Recorded | None = None,
    faults: tuple[Fault, ...] = (),
    status: int = 200,
) -> Response:
    with database.reading() as session:
        publications = issues.publications(session)
        found = leaf(
            lambda before, most: support.donations(session, before=before, limit=most), PER_PAGE
        )
    return reports_page(
        "donations.html",
        status=status,
        publications=publications,
        found=found.rows,
        older=found.older,
        before=found.before,
        given={"source": "", "publication": "", **given},
        troubles=troubles,
        recorded=recorded,
        faults=[(each.line, each.field, _said(each.told)) for each in faults[:MOST_FAULTS]],
        more_faults=max(0, len(faults) - MOST_FAULTS),
    )


def _said(told: Told) -> str:
    words = say(told.words)
    return words % told.facts if told.facts else words
