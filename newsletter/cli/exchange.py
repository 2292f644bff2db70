"""Subscribers in files: import and export, commands of the group ``subscriber``."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from newsletter import intake, issues, subscriptions
from newsletter.cli.installation import Installation, installation
from newsletter.cli.subscriber import subscriber
from newsletter.subscriptions import Chunk, Job

_WORDS = {
    "read": "rows read",
    "added": "subscriptions added",
    "changed": "changed by what the file says of people who are here",
    "known": "known, left as they are",
    "merged": "further rows of the same person, merged",
    "suppressed": "suppressed here, left out",
    "refused": "refused, with the reason for each",
}


@subscriber.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publication", default="", help="What people get whose row names no publication.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column holds a field, where the guess is wrong: --map address=Mail.",
)
@click.option("--source", default="", help="Where these people agreed, for the consent log.")
@click.option("--language", default="", help="Their language, where the file says nothing.")
@click.option("--encoding", default="", help="The file's encoding, where the guess is wrong.")
def import_(
    file: Path,
    publication: str,
    dry_run: bool,
    pairs: tuple[str, ...],
    source: str,
    language: str,
    encoding: str,
) -> None:
    """Take in the subscribers of FILE, CSV or JSON lines. Only people who agreed to get mail.

    Exports of listmonk, Mailchimp, Substack, Ghost, MailerLite, Buttondown and this program are
    known. Who left there, or could not be reached, gets nothing; who is suppressed here or has left
    stays away. If it is interrupted, run it again: it goes on where it was.
    """
    with installation() as here, intake.workroom(here.settings.home) as folder:
        now = datetime.now(UTC)
        begin = partial(
            subscriptions.begin_import,
            path=file,
            now=now,
            folder=folder,
            secret_key=here.settings.secret_key,
            publication=publication,
            mapping=_mapping(pairs),
            language=language,
            source=source,
            encoding=encoding,
        )
        errors = file.with_name(f"{file.stem}.errors.csv")
        if dry_run:
            job = _rehearse(here, begin, errors)
        else:
            with here.database.transaction() as session:
                job = begin(session)
            if job.finished_at:
                _say_finished(job)
                return
            job = _import(here, job, errors)
    _report(job, errors, dry_run=dry_run)


@subscriber.command("export")
@click.option("--publication", default="", help="Only this publication's; all if left out.")
@click.option(
    "--format",
    "form",
    type=click.Choice(subscriptions.FORMATS),
    default="csv",
    show_default=True,
    help="CSV, or JSON lines.",
)
@click.option("-o", "--output", type=click.File("wb", atomic=True), default="-", help="A file.")
def export(publication: str, form: str, output: BinaryIO) -> None:
    """Write every subscription with its person, one a line; `import` reads it again.

    A cell that a spreadsheet might run as a formula begins with a quote, which `import` takes away.
    """
    with installation() as here, here.database.reading() as session:
        chosen = issues.fetch_publication(session, publication) if publication else None
        for page in subscriptions.exported(session, chosen, form=form):
            output.write(page.encode())


def _mapping(pairs: Iterable[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field.strip() or not column.strip():
            raise click.BadParameter(
                f"{pair!r} maps nothing; write FIELD=COLUMN, such as address=Mail",
                param_hint="--map",
            )
        mapping[field.strip()] = column.strip()
    return mapping


def _import(here: Installation, job: Job, errors: Path) -> Job:
    if job.counts.get("read"):
        click.echo(f"Going on after line {job.line:,}", err=True)
    with _progress(job) as (progress, task):

        def keep(job: Job, chunk: Chunk) -> Job:
            with here.database.transaction() as session:
                kept = subscriptions.keep_chunk(session, job, chunk)
            progress.update(task, completed=chunk.offset)
            return kept

        job = intake.keep_all(job, errors, keep)
        with here.database.transaction() as session:
            return subscriptions.finish_import(session, job, datetime.now(UTC))


def _rehearse(here: Installation, begin: Callable[..., Job], errors: Path) -> Job:
    """Do all of it in one transaction, and take it back."""
    with here.database.transaction() as session:
        job = begin(session)
        if not job.finished_at:
            with _progress(job) as (progress, task):

                def keep(job: Job, chunk: Chunk) -> Job:
                    kept = subscriptions.keep_chunk(session, job, chunk, rehearsed=True)
                    progress.update(task, completed=chunk.offset)
                    return kept

                job = intake.keep_all(job, errors, keep)
        session.rollback()
    return job


@contextmanager
def _progress(job: Job) -> Iterator[tuple[Progress, TaskID]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, refresh_per_second=4, transient=True) as progress:
        yield progress, progress.add_task("Importing", total=job.size, completed=job.offset)


def _say_finished(job: Job) -> None:
    finished = f"{job.finished_at:%d %B %Y, %H:%M} UTC" if job.finished_at else ""
    click.echo(
        f"{job.sheet.path.name} was imported to its end on {finished}; nothing is done twice."
    )


def _report(job: Job, errors: Path, *, dry_run: bool) -> None:
    sheet = job.sheet
    if job.finished_at and dry_run:
        _say_finished(job)
        return
    origin = f", an export of {sheet.service.name}" if sheet.service else ""
    named = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    form = f"CSV with {named[sheet.delimiter]}" if sheet.delimiter in named else "JSON lines"
    click.echo(f"{sheet.path.name}: {form}, {sheet.encoding}{origin}")
    for field, column in sheet.columns.items():
        click.echo(f"  {field.replace('_', ' ')} from {sheet.headings[column]!r}")
    if dry_run:
        click.echo("Nothing was changed. The import would come to:")
    for name, words in _WORDS.items():
        if (count := job.counts.get(name, 0)) or name in {"read", "added"}:
            click.echo(f"{count:>12,} {words}")
    if gone := job.counts.get("gone"):
        click.echo(f"{gone:,} of the rows say that the person left; they get nothing.")
    if job.counts.get("refused"):
        click.echo(f"Why rows were refused: {errors}")
