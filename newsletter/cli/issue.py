"""Commands about issues: from a manuscript to what became of it."""

import mimetypes
import threading
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shlex import quote
from string import capwords
from zoneinfo import ZoneInfo

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, issues, manuscripts, model, outward, rendering
from newsletter.cli.installation import Installation, installation
from newsletter.cli.run import run_parts
from newsletter.cli.tables import print_table
from newsletter.deliveries import relays
from newsletter.engine import Journal
from newsletter.errors import Conflict, Invalid, NewsletterError, NotFound, Unreachable
from newsletter.language import say_kept

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
MOST_PICTURE_OCTETS = 15 * 1024 * 1024
_WEB = ("http://", "https://")
WALL_TIME = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"])


@click.group()
def issue() -> None:
    """Bring in, preview, schedule, send and follow issues."""


@issue.command("import")
@click.argument("manuscript", type=click.Path(path_type=Path))
@click.option("--publication", default="", help="Its slug, if the kicker does not name it.")
@click.option(
    "--new-publication",
    default="",
    metavar="AUTHOR-ADDRESS",
    help="Make the publication that the kicker names, with this address in From.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="The lead picture; a picture beside the manuscript with its name is found.",
)
@click.option("--alt", default="", help="What the lead picture shows, for those who do not see it.")
@click.option(
    "--replace",
    "replaced",
    type=int,
    metavar="ISSUE",
    help="Put this text in the place of an issue's; its approval is revoked.",
)
def import_(
    manuscript: Path,
    publication: str,
    new_publication: str,
    picture: Path | None,
    alt: str,
    replaced: int | None,
) -> None:
    """Read MANUSCRIPT into a draft, and say what was recognised.

    It is plain text, Markdown, a Word document (.docx) or a web page (.html).
    """
    reading = read_file(manuscript)
    print_findings(reading)
    with installation() as here, here.database.transaction() as session:
        now = datetime.now(UTC)
        article = with_pictures(session, reading, manuscript, picture, alt, now)
        if replaced is None:
            chosen = _choose(session, article, publication, new_publication, now)
            made = issues.draft(session, chosen, [article], now)
        else:
            made = issues.fetch(session, replaced)
            chosen = issues.publication_of(session, made)
            issues.revise(session, made, [article], now)
        click.echo(f"\nIssue {made.id} of {chosen.name}: {made.subject}")
        _print_remarks(issues.remarks(session, made, here.links, now))
        tomorrow = (now + timedelta(days=1)).astimezone(issues.find_zone(chosen.zone))
        click.echo(
            f"Next: newsletter issue preview {made.id} -o out.html, then newsletter issue schedule"
            f" {made.id} --at '{tomorrow:%Y-%m-%d} 07:00'"
        )


@issue.command()
@click.argument("source")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Where to write: out.html for the mail's HTML part, out.txt for its text part.",
)
def preview(source: str, output: Path) -> None:
    """Write the mail of SOURCE, a manuscript file or the number of an issue, as it will look.

    A manuscript needs no database and no settings.
    """
    if source.isdecimal() and not Path(source).exists():
        with installation() as here, here.database.reading() as session:
            chosen = issues.fetch(session, int(source))
            words = issues.words(session, chosen, here.links, datetime.now(UTC))
    else:
        words = rendering.mail(_edition_of(Path(source)))
    text = words.text if output.suffix == ".txt" else words.html
    filled = rendering.fill(text, dict.fromkeys(rendering.Slot, "https://example.org/"))
    try:
        output.write_text(filled, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"Cannot write {output}: {error.strerror}") from error
    click.echo(f"Wrote {output}; subject: {words.subject}")


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
def approve(number: int) -> None:
    """Approve ISSUE as it stands, to be scheduled at the desk; any change to it revokes that."""
    with installation() as here, here.database.transaction() as session:
        _approve(session, issues.fetch(session, number), here)


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
@click.option(
    "--at", "wall_time", type=WALL_TIME, required=True, help="Wall time, 2026-01-31 07:00."
)
@click.option("--zone", default="", help="The time zone meant; the publication's if left out.")
@click.option(
    "--latest-start",
    type=click.IntRange(min=1, max=100_000),
    metavar="MINUTES",
    help="How late it may start without asking; as the publication has it if left out.",
)
def schedule(number: int, wall_time: datetime, zone: str, latest_start: int | None) -> None:
    """Approve ISSUE as it stands and have it leave at a wall time; again moves it."""
    with installation() as here, here.database.transaction() as session:
        chosen = _approved(session, number, here)
        publication = issues.publication_of(session, chosen)
        timing = issues.schedule(
            session,
            chosen,
            wall_time,
            zone or publication.zone,
            datetime.now(UTC),
            latest_start=timedelta(minutes=latest_start) if latest_start else None,
        )
        click.echo(
            f"Issue {number} leaves on {wall_time:%Y-%m-%d at %H:%M} ({timing.zone}),"
            f" {timing.due_at:%H:%M} UTC"
        )
        if timing.comes_twice:
            click.echo(
                f"Note: {wall_time:%H:%M} comes twice on that night in {timing.zone}, as the clocks"
                " go back; the first one is meant"
            )


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
@click.option("--rest", is_flag=True, help="Of a cancelled issue: to those it did not reach.")
@click.option("--refused", is_flag=True, help="Once more to those whose mail was refused.")
@click.option("--unknown", is_flag=True, help="Once more to those of whom nobody knows.")
def send(number: int, rest: bool, refused: bool, unknown: bool) -> None:
    """Approve ISSUE as it stands, send it now, and follow it until it is sent.

    If the service runs, it does the sending; if not, this command does. Ctrl-C ends the watching;
    nobody is lost, and the service goes on, or the next one that runs.
    """
    again = {
        model.DeliveryState.SKIPPED: rest,
        model.DeliveryState.REFUSED: refused,
        model.DeliveryState.UNKNOWN: unknown,
    }
    states = [state for state, is_wanted in again.items() if is_wanted]
    with installation() as here:
        with here.database.transaction() as session:
            now = datetime.now(UTC)
            if states:
                count = issues.send_again(session, number, states, now)
                click.echo(f"Once more to {count}; who left or is suppressed is left out")
            else:
                chosen = _approved(session, number, here)
                issues.send_now(session, chosen, now)
        if _service_runs(here):
            follow(here, number, threading.Event())
        else:
            run_parts(
                here,
                ("clock", "engine"),
                alongside=lambda stopping: follow(here, number, stopping, then_stop=True),
            )
        with here.database.reading() as session:
            print_status(session, number)


@issue.command()
@click.argument("number", type=int, metavar="ISSUE")
def status(number: int) -> None:
    """Say where ISSUE stands, with its sums."""
    with installation() as here, here.database.reading() as session:
        print_status(session, number)


@issue.command("list")
@click.option("--publication", default="", help="Only this publication's, by its slug.")
def list_(publication: str) -> None:
    """List the latest issues, newest first."""
    table = Table("Issue", "Publication", "State", "Leaves or left", "Subject", box=None)
    with installation() as here, here.database.reading() as session:
        only = issues.fetch_publication(session, publication) if publication else None
        for each, name in issues.latest(session, only):
            moment = each.published_at or each.due_at
            place = ZoneInfo(each.zone or "UTC")
            when = f"{moment.astimezone(place):%Y-%m-%d %H:%M}" if moment else ""
            table.add_row(str(each.id), name, each.state, when, _subject(each))
    if table.row_count:
        print_table(table)
    else:
        click.echo("There is no issue yet. Bring one in: newsletter issue import FILE")


def read_file(path: Path) -> manuscripts.Reading:
    """Read a manuscript file; raise NewsletterError in plain words for what cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(manuscripts.LARGEST_FILE + 1)
    except OSError as error:
        raise NotFound(f"Cannot read {path}: {error.strerror}") from error
    try:
        return manuscripts.read(content, path.name)
    except Invalid as error:
        raise type(error)(f"{path}: {error.message}") from error


def name_from(kicker: str) -> str:
    """Write a kicker as the name of its publication: RUSSIA MONITOR as Russia Monitor."""
    return capwords(kicker) if kicker.isupper() else kicker


def print_findings(reading: manuscripts.Reading) -> None:
    """Say line by line what was recognised."""
    table = Table("Line", "Taken for", "Text", box=None)
    for finding in reading.findings:
        table.add_row(str(finding.line), finding.part, finding.excerpt)
    print_table(table)


def with_pictures(
    session: Session,
    reading: manuscripts.Reading,
    manuscript: Path,
    picture: Path | None,
    alt: str,
    now: datetime,
) -> manuscripts.Article:
    """Store the pictures in the manuscript, named in it or beside it, under their new names."""
    article = reading.article
    found = picture or _beside(manuscript)
    lead = article.picture
    if found and (picture or not lead or not lead.file):
        lead = replace(lead or manuscripts.Picture(), file=str(found.absolute()))
    if lead and alt:
        lead = replace(lead, alt=alt)
    article = replace(article, picture=lead)
    names: dict[str, str] = {}
    for file in manuscripts.picture_files(article):
        came_along = file in reading.pictures or file.startswith(_WEB)
        try:
            content = _picture_bytes(reading, manuscript, file)
            names[file] = issues.store_image(session, content, now)
        except (Unreachable, Invalid) as error:
            if not came_along:
                raise
            click.echo(f"Left out the picture {file}: {error.message}")
            names[file] = ""
    return manuscripts.with_picture_files(article, names)


def _picture_bytes(reading: manuscripts.Reading, manuscript: Path, file: str) -> bytes:
    if file in reading.pictures:
        return reading.pictures[file]
    if file.startswith(_WEB):
        return outward.fetch(file, most=MOST_PICTURE_OCTETS, accept="image/*").content
    try:
        return (manuscript.parent / file).read_bytes()
    except (OSError, ValueError) as error:  # no file can be called by a NUL
        reason = getattr(error, "strerror", None) or error
        raise NotFound(f"Cannot read the picture {file}: {reason}") from error


def _beside(manuscript: Path) -> Path | None:
    places = (manuscript.with_suffix(suffix) for suffix in PICTURES)
    return next((place for place in places if place.is_file()), None)


def _edition_of(manuscript: Path) -> rendering.Edition:
    """Make an edition of a manuscript file alone; its pictures are shown from where they lie."""
    reading = read_file(manuscript)
    article = reading.article
    found = _beside(manuscript)
    if found and (not article.picture or not article.picture.file):
        article = replace(
            article,
            picture=replace(article.picture or manuscripts.Picture(), file=found.name),
        )
    name = article.kicker or "Preview"
    return rendering.Edition(
        masthead=rendering.Masthead(
            name=name, kicker=name, language=article.language, url="https://example.org/"
        ),
        subject=article.headline,
        articles=(article,),
        url="https://example.org/",
        donate_url="https://example.org/" if article.appeal else "",
        appeal=article.appeal,
        licence=article.licence,
        images={
            file: rendering.Shown(*_shown_from(reading, manuscript, file))
            for file in manuscripts.picture_files(article)
            if file in reading.pictures or (manuscript.parent / file).is_file()
        },
    )


def _shown_from(reading: manuscripts.Reading, manuscript: Path, file: str) -> tuple[str, int, int]:
    """Return where a picture is shown from, and its size; one in the manuscript is in the page."""
    if file in reading.pictures:
        content = reading.pictures[file]
        kind = mimetypes.guess_type(file)[0] or "image/png"
        return f"data:{kind};base64,{b64encode(content).decode()}", *issues.picture_size(content)
    path = manuscript.parent / file
    return path.absolute().as_uri(), *issues.picture_size(path.read_bytes())


def _choose(
    session: Session,
    article: manuscripts.Article,
    slug: str,
    new_author: str,
    now: datetime,
) -> model.Publication:
    if slug:
        return issues.fetch_publication(session, slug)
    if not article.kicker:
        raise Invalid("The manuscript names no publication; say which: --publication SLUG")
    found = issues.find_publication_for(session, article.kicker)
    if found:
        return found
    name = name_from(article.kicker)
    slug = issues.slugify(name)
    if new_author:
        return issues.add_publication(
            session,
            slug=slug,
            name=name,
            author_address=new_author,
            language=article.language,
            now=now,
        )
    raise NotFound(
        f"There is no publication for the kicker {article.kicker!r}. Add it: newsletter publication"
        f" add {slug or 'SLUG'} --name {quote(name)} --author monitor@example.org; or name another"
        " with --publication SLUG; or make it here with --new-publication monitor@example.org"
    )


def _approved(session: Session, number: int, here: Installation) -> model.Issue:
    chosen = issues.fetch(session, number)
    if chosen.state is model.IssueState.DRAFT:
        _approve(session, chosen, here)
    return chosen


def _approve(session: Session, chosen: model.Issue, here: Installation) -> None:
    now = datetime.now(UTC)
    _print_remarks(issues.remarks(session, chosen, here.links, now))
    issues.approve(session, chosen, here.links, now)
    click.echo(f"Approved issue {chosen.id}, content {(chosen.content_hash or '')[:12]}")


def _print_remarks(remarks: Sequence[rendering.Remark]) -> None:
    for remark in remarks:
        click.echo(f"{'Blocks' if remark.blocks else 'Note'}: {remark.message}")


def _service_runs(here: Installation) -> bool:
    try:
        Journal(here.settings.home / "sent.journal").close()
    except Conflict:
        return True
    return False


def follow(
    here: Installation, number: int, stopping: threading.Event, *, then_stop: bool = False
) -> None:
    """Show an issue's progress until it has come to an end."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[sums]}"),
    ) as progress:
        bar = progress.add_task(f"Issue {number}", total=None, sums="")
        while not stopping.is_set():
            with here.database.reading() as session:
                issue = issues.fetch(session, number)
                tally = deliveries.progress(session, number)
            sums = ", ".join(f"{count} {state}" for state, count in tally.counts.items() if count)
            done = tally.total - tally.open
            progress.update(bar, total=tally.total or None, completed=done, sums=sums)
            if issue.held:
                raise NewsletterError(issues.say_obstacle(issue.held, "en"))
            if issue.state in (model.IssueState.SENT, model.IssueState.CANCELLED):
                break
            stopping.wait(0.2)
    if then_stop:
        stopping.set()


def _subject(issue: model.Issue) -> str:
    """Return the subject of an issue, with a word about whom a digest is for."""
    if issue.frequency is model.Frequency.EACH:
        return issue.subject
    return f"{issue.subject} ({issue.frequency} digest)"


def print_status(session: Session, number: int) -> None:
    """Print where an issue stands, with its sums."""
    chosen = issues.fetch(session, number)
    click.echo(f"Issue {number}: {_subject(chosen)}")
    why = issues.say_obstacle(chosen.held, "en")
    click.echo(f"State: {chosen.state}{f' ({why})' if why else ''}")
    if chosen.state is model.IssueState.PAUSED:
        click.echo(f"Let it go on: newsletter issue resume {number}")
    if chosen.wall_time:
        click.echo(f"Scheduled: {chosen.wall_time.replace('T', ' ')} ({chosen.zone})")
    if chosen.audience:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(chosen.audience.items()))
        click.echo(f"Audience: {counts}")
    tally = deliveries.tally(session, number)
    if tally.total:
        counts = " + ".join(f"{count} {state}" for state, count in tally.counts.items())
        click.echo(f"Deliveries: {tally.total} = {counts}")
    for wave in deliveries.waves(session, number):
        name, due = wave.kind.name.lower(), f"{wave.due_at:%Y-%m-%d %H:%M} UTC"
        click.echo(f"Wave {name}: {wave.frozen} from {due}, {wave.open} open")
    links, appeal = feedback.clicks_of(session, [number]).get(number, (0, 0))
    if links or appeal:
        click.echo(f"Clicks: {links} on links, {appeal} on the appeal")
    if chosen.state in (model.IssueState.SENDING, model.IssueState.PAUSED):
        for relay in relays.states(session):
            if relay.resting_until:
                click.echo(
                    f"Relay {relay.name}: in trouble, rests until"
                    f" {relay.resting_until:%H:%M:%S} UTC (failures: {relay.failures}):"
                    f" {say_kept(relay.words, 'en')}"
                )
