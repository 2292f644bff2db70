"""Uploads: files of subscribers that editors bring in at the desk, from the file to the report.

An editor says how a file is to be read; a clock checks it, the editor looks at what it would come
to, and a clock takes it in. A clock holds an upload by a lease, which it renews with each chunk, so
that another goes on where one was stopped.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict, NotFound
from newsletter.language import marked as _
from newsletter.model import UploadState
from newsletter.sheets import Error
from newsletter.subscriptions.importing import Job

KEPT = timedelta(days=1)
"""How long an upload is kept, and its file."""
LEASE = timedelta(minutes=2)
"""How long a clock holds an upload without a sign of life."""
SHOWN = 20
"""Problems that a report shows; all of them are in its file."""
MOST_NAME = 120
UNDER_WAY = (UploadState.CHECKING, UploadState.RUNNING)
_AFTER = {
    UploadState.CHECKING: UploadState.CHECKED,
    UploadState.RUNNING: UploadState.DONE,
}


def receive_upload(session: Session, name: str, now: datetime, *, editor: int) -> model.Upload:
    """Take note of a file that is being uploaded; how large it is, is told when it is there."""
    made = model.Upload(editor_id=editor, name=name[-MOST_NAME:], size=0, at=now, changed_at=now)
    session.add(made)
    session.flush()
    return made


def fetch_upload(session: Session, number: int) -> model.Upload:
    """Return the upload with that number; raise NotFound."""
    found = session.get(model.Upload, number)
    if found is None:
        raise NotFound
    return found


def uploads(session: Session) -> Sequence[model.Upload]:
    """List the uploads that are kept, the latest first."""
    return session.scalars(select(model.Upload).order_by(model.Upload.id.desc())).all()


def check_upload(
    session: Session,
    number: int,
    now: datetime,
    *,
    mapping: Mapping[str, str],
    publication: str,
    source: str,
    language: str,
) -> None:
    """Have a clock find out what an upload would come to, read so; raise NotFound and Conflict."""
    upload = _locked(session, number)
    if upload.state in (*UNDER_WAY, UploadState.DONE):
        raise Conflict(_("This file is being read already, or was."))
    upload.mapping = dict(mapping)
    upload.publication, upload.source, upload.language = publication, source, language
    _enter(upload, UploadState.CHECKING, now)


def run_upload(session: Session, number: int, now: datetime) -> model.Upload:
    """Have a clock take in what was checked; raise NotFound and Conflict."""
    upload = _locked(session, number)
    if upload.state is not UploadState.CHECKED:
        raise Conflict(_("This file has to be checked first."))
    _enter(upload, UploadState.RUNNING, now)
    return upload


def cancel_upload(session: Session, number: int, now: datetime) -> model.Upload:
    """Stop after the chunk that is under way; what was taken in before stays."""
    upload = _locked(session, number)
    if upload.state in UNDER_WAY:
        was_checking = upload.state is UploadState.CHECKING
        upload.state = UploadState.WAITING if was_checking else UploadState.CANCELLED
        upload.changed_at, upload.leased_until = now, None
    session.flush()
    return upload


def drop_upload(session: Session, number: int) -> None:
    """Forget an upload that nobody works on; raise NotFound and Conflict."""
    upload = _locked(session, number)
    if upload.state in UNDER_WAY:
        raise Conflict(_("Stop it first."))
    session.delete(upload)
    session.flush()


def waiting_uploads(session: Session, now: datetime) -> Sequence[int]:
    """List the uploads that there is something to do for, and that no clock holds."""
    row = model.Upload
    return session.scalars(
        select(row.id)
        .where(row.state.in_(UNDER_WAY), or_(row.leased_until.is_(None), row.leased_until < now))
        .order_by(row.id)
    ).all()


def take_upload(session: Session, number: int, now: datetime) -> model.Upload | None:
    """Hold an upload for as long as a lease lasts; None when another clock was quicker."""
    row = model.Upload
    taken = session.execute(
        update(row)
        .where(
            row.id == number,
            row.state.in_(UNDER_WAY),
            or_(row.leased_until.is_(None), row.leased_until < now),
        )
        .values(leased_until=now + LEASE)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return taken and session.get(row, number, populate_existing=True)


def note_progress(
    session: Session, number: int, job: Job, errors: Sequence[Error], now: datetime
) -> bool:
    """Write down how far an upload is, and hold it on; tell whether it is still wanted."""
    upload = session.get(model.Upload, number, with_for_update=True, populate_existing=True)
    if upload is None or upload.state not in UNDER_WAY:
        return False
    upload.offset, upload.counts = job.offset, dict(job.counts)
    more = [
        {"line": one.line, "field": one.field, "reason": one.words, "facts": dict(one.facts)}
        for one in errors[: SHOWN - len(upload.problems)]
    ]
    upload.problems = [*upload.problems, *more]
    upload.leased_until = now + LEASE
    session.flush()
    return True


def let_go(session: Session, number: int) -> None:
    """Hold an upload no longer, for another clock to go on."""
    upload = session.get(model.Upload, number, with_for_update=True)
    if upload is not None:
        upload.leased_until = None


def end_upload(session: Session, number: int, now: datetime, *, words: str = "") -> None:
    """Write down that an upload is checked, or taken in; with ``words`` that it failed, and why."""
    upload = session.get(model.Upload, number, with_for_update=True, populate_existing=True)
    if upload is None or upload.state not in UNDER_WAY:
        return
    upload.state = UploadState.FAILED if words else _AFTER[upload.state]
    upload.words, upload.changed_at, upload.leased_until = words, now, None
    session.flush()


def _enter(upload: model.Upload, state: UploadState, now: datetime) -> None:
    upload.state, upload.changed_at, upload.leased_until = state, now, None
    upload.offset, upload.counts, upload.problems, upload.words = 0, {}, [], ""


def _locked(session: Session, number: int) -> model.Upload:
    upload = session.get(model.Upload, number, with_for_update=True, populate_existing=True)
    if upload is None:
        raise NotFound
    return upload
