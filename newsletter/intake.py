"""Intake: files of subscribers are taken in chunk by chunk, each in a transaction of its own.

The command line waits until a file is read. What editors uploaded at the desk is worked off by a
clock, of the machine that has the file.
"""

import csv
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from newsletter import subscriptions
from newsletter.database import Database
from newsletter.errors import Conflict, NewsletterError
from newsletter.language import marked as _
from newsletter.model import Upload, UploadState
from newsletter.subscriptions import Chunk, Error, Job, safe

HEADINGS = ["line", "field", "reason"]
"""Of a file of errors."""
ERRORS = "errors.csv"
"""Beside what was uploaded; its reasons are kept as they are said in any language."""


class Intake:
    """Works off what was uploaded to one machine, until it is stopped."""

    def __init__(self, database: Database, home: Path, secret_key: str) -> None:
        self._database = database
        self._home = home
        self._secret_key = secret_key
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Stop after the chunk that is under way; the rest is for the next start."""
        self._stopping.set()

    def work_off(self, ask: Callable[[], datetime]) -> int:
        """Check and take in what waits; return how many files it was. ``ask`` tells the time."""
        with self._database.reading() as session:
            waiting = subscriptions.waiting_uploads(session, ask())
        done = 0
        for number in waiting:
            file = uploaded_file(self._home, number)
            if file is None or self._stopping.is_set():
                continue  # another machine has it
            with self._database.transaction() as session:
                upload = subscriptions.take_upload(session, number, ask())
                if upload is not None:
                    session.expunge(upload)
            if upload is not None:
                self._work(upload, file, ask)
                done += 1
        return done

    def sweep(self, now: datetime) -> None:
        """Delete files that are older than uploads are kept."""
        for folder in uploads_folder(self._home).glob("*"):
            if folder.stat().st_mtime < (now - subscriptions.UPLOADS_KEPT).timestamp():
                shutil.rmtree(folder, ignore_errors=True)

    def _work(self, upload: Upload, file: Path, ask: Callable[[], datetime]) -> None:
        number = upload.id
        try:
            with workroom(self._home) as room:
                self._read(upload, file, room, ask)
        except _NotWanted:
            return
        except _Stopped:
            with self._database.transaction() as session:
                subscriptions.let_go(session, number)
            return
        except NewsletterError as error:
            with self._database.transaction() as session:
                subscriptions.end_upload(session, number, ask(), words=error.message)
            return
        with self._database.transaction() as session:
            subscriptions.end_upload(session, number, ask())

    def _read(self, upload: Upload, file: Path, room: Path, ask: Callable[[], datetime]) -> None:
        checking = upload.state is UploadState.CHECKING
        with self._database.transaction() as session:
            job = subscriptions.begin_import(
                session,
                file,
                ask(),
                folder=room,
                secret_key=self._secret_key,
                publication=upload.publication,
                mapping=upload.mapping,
                language=upload.language,
                source=upload.source,
            )
            subscriptions.note_progress(session, upload.id, job, (), ask())
        if job.finished_at is not None:
            if checking:
                raise Conflict(_("This file was taken in before, read in just this way."))
            return

        def keep(job: Job, chunk: Chunk) -> Job:
            if self._stopping.is_set():
                raise _Stopped
            if checking:
                with self._database.transaction() as session:
                    job = subscriptions.rehearse_chunk(session, job, chunk)
                    session.rollback()
            with self._database.transaction() as session:
                if not checking:
                    job = subscriptions.keep_chunk(session, job, chunk)
                if not subscriptions.note_progress(session, upload.id, job, chunk.errors, ask()):
                    raise _NotWanted
            return job

        job = keep_all(job, file.with_name(ERRORS), keep, _kept)
        if not checking:
            with self._database.transaction() as session:
                subscriptions.finish_import(session, job, ask())


class _Stopped(Exception):
    """The program is to end."""


class _NotWanted(Exception):
    """An editor has stopped it."""


def _told(error: Error) -> list[str]:
    return [str(error.line), safe(error.field), safe(error.reason)]


def _kept(error: Error) -> list[str]:
    return [str(error.line), error.field, error.words, json.dumps(dict(error.facts))]


def keep_all(
    job: Job,
    errors: Path,
    keep: Callable[[Job, Chunk], Job],
    written: Callable[[Error], list[str]] = _told,
) -> Job:
    """Have chunk after chunk kept, each with its errors on the disk before it is committed.

    Each error is a line of ``errors`` as it is ``written``: in English, if nobody says.
    """
    with (
        subscriptions.processes(job) as processes,
        _errors(errors, job, written) as report,
    ):
        for chunk in subscriptions.prepared(job, processes):
            report(chunk.errors)
            job = keep(job, chunk)
    return job


def uploads_folder(home: Path) -> Path:
    """Return where this machine keeps what was uploaded to it."""
    folder = home / "uploads"
    folder.mkdir(exist_ok=True)
    return folder


def uploaded_file(home: Path, number: int) -> Path | None:
    """Return the file of an upload, if this machine has it."""
    found = [file for file in (uploads_folder(home) / str(number)).glob("*") if file.name != ERRORS]
    return found[0] if found else None


def upload_errors(home: Path, number: int) -> Iterator[Error] | None:
    """Read why rows of an upload were refused; None if none was, or another machine knows."""
    file = uploaded_file(home, number)
    errors = file and file.with_name(ERRORS)
    return _read_errors(errors) if errors and errors.exists() else None


def _read_errors(file: Path) -> Iterator[Error]:
    with file.open(encoding="utf-8", newline="") as lines:
        for line, field, words, *facts in csv.reader(lines):
            if line.isdigit():
                yield Error(int(line), field, words, json.loads(facts[0]) if facts else {})


def keep_upload(home: Path, number: int, name: str, save: Callable[[Path], object]) -> int:
    """Have the file of an upload saved under its name, as far as a disk bears it; return its size.

    What the file is called may tell what is in it.
    """
    folder = uploads_folder(home) / str(number)
    folder.mkdir(mode=0o700)
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".")[-80:] or "file"
    file = folder / (f"_{kept}" if kept == ERRORS else kept)
    save(file)
    return file.stat().st_size


def drop_file(home: Path, number: int) -> None:
    """Delete the file of an upload, and what was written beside it."""
    shutil.rmtree(uploads_folder(home) / str(number), ignore_errors=True)


@contextmanager
def workroom(home: Path) -> Iterator[Path]:
    """Give a folder to work in; what a killed import left behind, with its people, goes away."""
    for left in home.glob("import-[0-9]*-*"):
        if not _is_running(int(left.name.split("-")[1])):
            shutil.rmtree(left)
    with TemporaryDirectory(dir=home, prefix=f"import-{os.getpid()}-") as folder:
        yield Path(folder)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _errors(file: Path, job: Job, written: Callable[[Error], list[str]]) -> Iterator["_Report"]:
    """Give what writes errors beside the input; what a killed run wrote too much is cut off."""
    earlier: list[list[str]] = []
    if job.counts.get("refused") and file.exists():
        with file.open(encoding="utf-8", newline="") as before:
            earlier = [row for row in csv.reader(before) if row[0].isdigit()]
    report = _Report(file, [row for row in earlier if int(row[0]) <= job.line], written)
    try:
        yield report
    finally:
        report.close()


class _Report:
    """A CSV file of errors, which is there only when there are some."""

    def __init__(
        self, file: Path, earlier: list[list[str]], written: Callable[[Error], list[str]]
    ) -> None:
        self._file = file
        self._written = written
        file.unlink(missing_ok=True)
        self._open: TextIO | None = None
        if earlier:
            self._write(earlier)

    def __call__(self, errors: Iterable[Error]) -> None:
        if rows := [self._written(one) for one in errors]:
            self._write(rows)

    def _write(self, rows: list[list[str]]) -> None:
        if self._open is None:
            self._open = self._file.open(
                "w", encoding="utf-8", newline="", errors="backslashreplace"
            )
            csv.writer(self._open).writerow(HEADINGS)
        csv.writer(self._open).writerows(rows)
        self._open.flush()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
