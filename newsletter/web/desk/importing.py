"""Import at the desk: upload a file, say what its columns are, see what it comes to, take it in.

The file stays on this machine for a day, and a clock of this machine reads it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import desk, intake, issues, model, sheets, subscriptions
from newsletter.desk import Action, Permission
from newsletter.errors import Conflict, InvalidImport, NotFound
from newsletter.language import LANGUAGES
from newsletter.language import marked as _
from newsletter.model import UploadState
from newsletter.web.context import database, settings
from newsletter.web.desk.frame import page, say, say_languages
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.tables import streamed_table
from newsletter.web.typed import typed

LARGEST = 200 * 1024 * 1024
"""Bytes of a file; some three million people."""
PATIENCE = timedelta(seconds=20)
"""After so long without a sign of a clock, a page says that none seems to run."""
AS_THE_ROWS_SAY = "*"

FIELDS = {
    "address": _("E-mail address"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Surname"),
    "language": _("Language"),
    "publication": _("Publication"),
    "state": _("State"),
    "wanted": _("Subscribed (yes or no)"),
    "unwanted": _("Not subscribed (yes or no)"),
    "since": _("Subscribed since"),
    "created": _("Known since"),
    "left": _("Left on"),
    "bounced": _("Mail came back on"),
    "frequency": _("How often"),
    "paused_until": _("On pause until"),
    "suppression": _("Suppressed because of"),
    "groups": _("Groups or tags, for the record"),
    "attributes": _("Other facts, for the record"),
    "origin": _("Network they agreed from"),
}
"""What a column may hold."""

STATES = {
    UploadState.WAITING: _("To be mapped"),
    UploadState.CHECKING: _("Being checked"),
    UploadState.CHECKED: _("Checked"),
    UploadState.RUNNING: _("Being taken in"),
    UploadState.DONE: _("Taken in"),
    UploadState.CANCELLED: _("Stopped"),
    UploadState.FAILED: _("Failed"),
}

COUNTS = {
    "read": _("rows read"),
    "added": _("subscriptions added"),
    "changed": _("changed by what the file says of people who are here"),
    "known": _("known, left as they are"),
    "merged": _("further rows of the same person, merged"),
    "gone": _("rows that say that the person left; they get nothing"),
    "suppressed": _("suppressed here, left out"),
    "refused": _("refused, with the reason for each"),
}
"""What became of rows, in the order in which it is shown."""


@bp.get("/subscribers/import")
@needs(Permission.SUBSCRIBERS)
def importing() -> Response:
    """Ask for a file, and list those of the last day."""
    return _start_page("")


@bp.post("/subscribers/import")
@needs(Permission.SUBSCRIBERS, largest=LARGEST)
def upload() -> Response:
    """Take a file, look whether it can be read, and lead to its columns."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _start_page(say(_("Choose a file.")), status=422)
    now = datetime.now(UTC)
    with database.transaction() as session:
        number = subscriptions.receive_upload(
            session, given.filename, now, editor=presence.editor_id
        ).id
    size = intake.keep_upload(settings.home, number, given.filename, given.save)
    with database.transaction() as session:
        subscriptions.fetch_upload(session, number).size = size
    file = intake.uploaded_file(settings.home, number)
    try:
        if file is None:
            raise InvalidImport
        sheets.glance(file)
    except InvalidImport as error:
        _forget(number)
        return _start_page(say(error.words, error.facts).rstrip(".") + ".", status=422)
    return lead(to("import_page", number=number))


@bp.get("/subscribers/import/<int:number>")
@needs(Permission.SUBSCRIBERS)
def import_page(number: int) -> Response:
    """Show where a file has come to: its columns, how far it is, or what it came to."""
    with database.reading() as session:
        found = subscriptions.fetch_upload(session, number)
        again = found.state in (UploadState.CHECKED, UploadState.FAILED, UploadState.CANCELLED)
        if found.state is UploadState.WAITING or (again and "again" in request.args):
            return _columns_page(session, found, {}, {})
        if found.state in (UploadState.CHECKING, UploadState.RUNNING):
            return page("subscribers/import-live.html", **_progress(found))
        return page(
            "subscribers/import-report.html",
            upload=found,
            states=STATES,
            counts=COUNTS,
            said=say,
            has_errors=intake.upload_errors(settings.home, number) is not None,
        )


@bp.post("/subscribers/import/<int:number>")
@needs(Permission.SUBSCRIBERS)
def check_import(number: int) -> Response:
    """Take how a file is to be read, and have it checked."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        found = subscriptions.fetch_upload(session, number)
        glance = _glance(found)
        columns = {
            column: request.form.get(f"column-{column}", "")
            for column in range(len(glance.headings))
        }
        given = {name: typed(name) for name in ("publication", "source", "language")}
        troubles = _troubles(columns, given, {each.slug for each in issues.publications(session)})
        if troubles:
            return _columns_page(session, found, given, troubles, columns, status=422)
        held = {field: glance.headings[column] for column, field in columns.items() if field}
        by_rows = given["publication"] == AS_THE_ROWS_SAY
        subscriptions.check_upload(
            session,
            number,
            now,
            # What is named nowhere is guessed at; here nothing is to be guessed.
            mapping=dict.fromkeys(FIELDS, "") | held,
            publication="" if by_rows else given["publication"],
            source=given["source"],
            language=given["language"],
        )
    return lead(to("import_page", number=number))


@bp.post("/subscribers/import/<int:number>/run")
@needs(Permission.SUBSCRIBERS)
def run_import(number: int) -> Response:
    """Have a file that was checked taken in."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        found = subscriptions.run_upload(session, number, now)
        about = f"{number}: {found.publication or AS_THE_ROWS_SAY}"
        desk.note(session, presence.actor, Action.IMPORT_BEGUN, now, about)
    return lead(to("import_page", number=number))


@bp.post("/subscribers/import/<int:number>/cancel")
@needs(Permission.SUBSCRIBERS)
def cancel_import(number: int) -> Response:
    """Stop reading a file."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        found = subscriptions.cancel_upload(session, number, now)
        if found.state is UploadState.CANCELLED:
            desk.note(session, presence.actor, Action.IMPORT_STOPPED, now, str(number))
    return lead(to("import_page", number=number))


@bp.post("/subscribers/import/<int:number>/discard")
@needs(Permission.SUBSCRIBERS)
def discard_import(number: int) -> Response:
    """Delete a file and what is known of it; whom it brought stays."""
    _forget(number)
    return lead(to("importing", done="import-discarded"))


@bp.get("/subscribers/import/<int:number>/progress")
@needs(Permission.SUBSCRIBERS)
def import_progress(number: int) -> Response:
    """Show how far a file is, as a part of a page; 204 when it is there."""
    with database.reading() as session:
        found = subscriptions.fetch_upload(session, number)
        if found.state not in (UploadState.CHECKING, UploadState.RUNNING):
            return Response(status=204)
        return page("subscribers/_import-progress.html", **_progress(found))


@bp.get("/subscribers/import/<int:number>/errors.csv")
@needs(Permission.SUBSCRIBERS)
def import_errors(number: int) -> Response:
    """Give every row that was refused, with the reason in the reader's language."""
    with database.reading() as session:
        subscriptions.fetch_upload(session, number)
    errors = intake.upload_errors(settings.home, number)
    if errors is None:
        raise NotFound
    headings = (say(_("Line")), say(_("Column")), say(_("Reason")))
    told = ((each.line, each.field, say(each.words, each.facts)) for each in errors)
    return streamed_table(f"import-{number}-errors.csv", chain([headings], told))


def _start_page(trouble: str, *, status: int = 200) -> Response:
    with database.reading() as session:
        return page(
            "subscribers/import.html",
            status=status,
            uploads=subscriptions.uploads(session),
            states=STATES,
            troubles={"file": trouble} if trouble else {},
            megabytes=LARGEST // 1024 // 1024,
            zone=desk.house_zone(session),
        )


def _columns_page(
    session: Session,
    upload: model.Upload,
    given: Mapping[str, str],
    troubles: Mapping[str, str],
    columns: Mapping[int, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    glance = _glance(upload)
    if columns is None:
        guess = {column: field for field, column in glance.guess.items()}
        held = {heading: field for field, heading in upload.mapping.items() if heading}
        columns = {
            column: held.get(heading, "") if held else guess.get(column, "")
            for column, heading in enumerate(glance.headings)
        }
    said = {
        "publication": upload.publication,
        "source": upload.source or glance.service,
        "language": upload.language,
    }
    publications = issues.publications(session)
    return page(
        "subscribers/import-columns.html",
        status=status,
        upload=upload,
        glance=glance,
        columns=columns,
        fields=[(field, say(words)) for field, words in FIELDS.items()],
        publications=[
            *((each.slug, each.name) for each in publications),
            (AS_THE_ROWS_SAY, say(_("what the column of the file says"))),
        ],
        language_names=say_languages([*LANGUAGES, *(each.language for each in publications)]),
        given=said | dict(given),
        troubles=troubles,
    )


def _troubles(
    columns: Mapping[int, str], given: Mapping[str, str], slugs: set[str]
) -> dict[str, str]:
    troubles = {}
    chosen = Counter(field for field in columns.values() if field)
    twice = next((field for field, count in chosen.items() if count > 1), "")
    if any(field not in FIELDS for field in chosen):
        troubles["columns"] = say(_("Choose what the columns hold from the lists."))
    elif not chosen["address"]:
        troubles["columns"] = say(_("Say which column holds the e-mail addresses."))
    elif twice:
        words = say(_("Two columns are said to hold the same: %(field)s."))
        troubles["columns"] = words % {"field": say(FIELDS[twice])}
    by_rows = given["publication"] == AS_THE_ROWS_SAY
    if given["publication"] not in slugs and not (by_rows and chosen["publication"]):
        troubles["publication"] = say(_("Choose what these people are to get."))
    if not given["source"]:
        troubles["source"] = say(_("Say when and where these people agreed."))
    return troubles


def _progress(upload: model.Upload) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "upload": upload,
        "counts": COUNTS,
        "is_alone": upload.leased_until is None and upload.changed_at < now - PATIENCE,
    }


def _glance(upload: model.Upload) -> sheets.Glance:
    file = intake.uploaded_file(settings.home, upload.id)
    if file is None:
        raise Conflict(_("The file is on another machine, or was deleted. Upload it again."))
    return sheets.glance(file)


def _forget(number: int) -> None:
    with database.transaction() as session:
        subscriptions.drop_upload(session, number)
    intake.drop_file(settings.home, number)
