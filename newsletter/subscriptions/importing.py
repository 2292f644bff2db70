"""Import of subscribers: a file's rows in chunks, each kept in a transaction of whoever calls.

An edge drives it: it begins an import, prepares chunks, opens a transaction for each to be kept in,
and finishes. What was kept is remembered with it, so that after a kill the same again goes on where
it was, and a file that was read to its end is not read twice.
"""

import gc
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.crew import crew
from newsletter.errors import Conflict, InvalidImport, NotFound
from newsletter.language import marked as _
from newsletter.sheets import Chunk, Plan, Sheet, blocks, examine, fingerprint, headings, prepare
from newsletter.subscriptions import blocking, stage

BLOCK = {"sqlite": 10_000_000, "postgresql": 6_000_000}
"""Bytes of a block: in large ones SQLite writes fewer pages twice; PostgreSQL's fill memory."""
_LARGE = 4_000_000
"""Bytes of a file from which on it pays to start processes."""
AHEAD = 1
"""Chunks that are prepared beyond those that every process works on."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import under way: its plan, its number, and how far it has come.

    ``counts`` say what became of the rows that were read: ``refused``, ``merged`` with another of
    the same person, ``suppressed``, ``added``, ``changed``, ``known``; ``gone`` are those of them
    that say that the person left.
    """

    plan: Plan
    id: int
    size: int
    line: int
    offset: int
    counts: Mapping[str, int]
    finished_at: datetime | None

    @property
    def sheet(self) -> Sheet:
        """Return the file and how it is read."""
        return self.plan.sheet


COUNTS = ("read", "added", "changed", "known", "merged", "gone", "suppressed", "refused")


def begin_import(
    session: Session,
    path: Path,
    now: datetime,
    *,
    folder: Path,
    secret_key: str,
    publication: str = "",
    mapping: Mapping[str, str] | None = None,
    language: str = "",
    source: str = "",
    encoding: str = "",
) -> Job:
    """Find out how to read the file, and whether it was begun before; change nothing but that note.

    ``publication`` is the slug for rows that name none, ``mapping`` says which column holds a
    field, ``source`` where the consent comes from, ``folder`` takes what is being worked on. The
    same file with the same words goes on; another word is another import. Raises InvalidImport,
    NotFound.
    """
    sheet = examine(path, mapping or {}, encoding)
    known = {one.slug: one for one in session.scalars(select(model.Publication))}
    if publication and publication not in known:
        raise NotFound(f"There is no publication {publication!r}")
    if not publication and "publication" not in sheet.columns:
        raise InvalidImport(
            "The file has no column of publications; say which these people get with"
            " --publication SLUG"
        )
    kind = _kind(path, sheet)
    source = source or (sheet.service.name if sheet.service else "a file")
    digest = fingerprint(sheet, publication, language, source, kind)
    begun = session.scalar(
        select(model.Import).where(model.Import.digest == digest).with_for_update()
    )
    if begun is None:
        begun = model.Import(digest=digest, began_at=now, line=sheet.line, offset=sheet.offset)
        session.add(begun)
        session.flush()
    plan = Plan(
        sheet=sheet,
        publications={slug: one.id for slug, one in known.items()},
        publication=known[publication].id if publication else None,
        languages={one.id: one.language for one in known.values()},
        language=language,
        source=source,
        kind=kind,
        at=begun.began_at,
        secret_key=secret_key,
        dialect=session.get_bind().dialect.name,
        folder=folder,
        blocked=blocking.patterns(session),
    )
    return Job(
        plan=plan,
        id=begun.id,
        size=path.stat().st_size,
        line=begun.line,
        offset=begun.offset,
        counts=dict(begun.counts),
        finished_at=begun.finished_at,
    )


def prepared(job: Job, executor: Executor | None = None) -> Iterator[Chunk]:
    """Yield what is left of the file in chunks, checked here or by the processes of ``executor``.

    Only so many chunks are held at a time as there are processes, and one.
    """
    rest = blocks(job.sheet, job.line, job.offset, BLOCK[job.plan.dialect])
    if executor is None:
        for block in rest:
            yield prepare(job.plan, block)
        return
    ahead = getattr(executor, "_max_workers", 1) + AHEAD
    waiting: deque[Future[Chunk]] = deque()
    for block in rest:
        waiting.append(executor.submit(prepare, job.plan, block))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def processes(job: Job) -> Iterator[Executor | None]:
    """Give processes that check rows while others are kept; none for a file that is soon read.

    A row takes longer to check than to keep, so that there are as many as there are cores.
    """
    if job.size < _LARGE:
        yield None
        return
    # They make a million small things and no circles, so that nothing needs to look for those.
    with crew(gc.disable) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


def keep_chunk(session: Session, job: Job, chunk: Chunk, *, rehearsed: bool = False) -> Job:
    """Keep a chunk and how far the import has come; return the job with that.

    Raises Conflict if somebody else has kept it meanwhile. With ``rehearsed`` many chunks may be
    kept in one transaction, which is then to be rolled back.
    """
    row = session.get(model.Import, job.id, with_for_update=True, populate_existing=True)
    if row is None or row.line != chunk.line or row.finished_at is not None:
        raise Conflict(
            _("This file is being imported by somebody else; look again when they are done")
        )
    at, words = job.plan.at, f"imported from {job.plan.source}"
    if chunk.staged:
        tally = stage.keep(
            session,
            chunk.stage,
            at,
            words,
            gone=chunk.gone > 0,
            barred=chunk.barred > 0,
            rehearsed=rehearsed,
        )
    else:
        tally = stage.Tally(0, 0, 0)
    if isinstance(chunk.stage, Path):
        # On this system an open file outlives its name.
        chunk.stage.unlink(missing_ok=True)
    news = {
        "read": chunk.read,
        "added": tally.added,
        "changed": tally.changed,
        "known": chunk.staged - tally.suppressed - tally.added - tally.changed,
        "merged": chunk.merged,
        "gone": chunk.gone,
        "suppressed": tally.suppressed,
        "refused": len(chunk.errors),
    }
    counts = {name: job.counts.get(name, 0) + news[name] for name in COUNTS}
    row.line, row.offset, row.counts = chunk.end, chunk.offset, counts
    session.flush()
    return replace(job, line=chunk.end, offset=chunk.offset, counts=counts)


def rehearse_chunk(session: Session, job: Job, chunk: Chunk) -> Job:
    """Find out what keeping a chunk would come to; the caller takes back what it changes.

    Each chunk is rehearsed by itself, so that others get to write in between: of one person in two
    chunks it is not known then that the second is no newcomer.
    """
    row = session.get_one(model.Import, job.id, with_for_update=True)
    row.line = chunk.line
    session.flush()
    return keep_chunk(session, job, chunk, rehearsed=True)


def finish_import(session: Session, job: Job, now: datetime) -> Job:
    """Note that the file was read to its end."""
    row = session.get_one(model.Import, job.id, with_for_update=True)
    row.finished_at = now
    session.flush()
    return replace(job, finished_at=now)


def _kind(path: Path, sheet: Sheet) -> str:
    """Tell what rows without a word of their own are, where the name of the file says so."""
    if sheet.service is not None and sheet.service.name == "Mailchimp":
        for beginning, kind in headings.FILES:
            if path.name.lower().startswith(beginning):
                return kind
    return "active"
