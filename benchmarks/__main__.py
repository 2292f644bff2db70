"""What to measure, and how it is told: ``python -m benchmarks --help``.

Sender, sink, source and database share this machine, so that a ratio seen in one run says more than
any number of mails a second.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import create_engine, text

import postgres
from benchmarks import desk, importing, pages, places, postfix, report, sending
from benchmarks.report import Report
from newsletter.errors import NewsletterError

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FREEZINGS = 3
KINDS = {"plain": "plain", "waves": "in waves", "appeal": "with an appeal"}
USUAL = {
    "sending": 20_000,
    "memory": 1_000_000,
    "freeze": 1_000_000,
    "responsive": 100_000,
    "import": 1_000_000,
    "desk": 1_000_000,
}
"""How many subscribers a measurement has, if nobody says."""


class Bench:
    """One run of the measurements, with a sink to send to."""

    def __init__(
        self, databases: Sequence[str], connections: int, sink: postfix.Sink, progress: Progress
    ) -> None:
        self._databases = databases
        self._connections = connections
        self._sink = sink
        self._progress = progress

    def whole_issue(self, readers: int, signed: Sequence[bool]) -> Report:
        """Send a whole issue, on each database, plain and signed, beside smtp-source."""
        cases = [(database, dkim) for dkim in signed for database in self._databases]
        octets = {dkim: sending.octets(long=True, dkim=dkim) for dkim in signed}
        seen = [self._beside_source(*case, readers, octets[case[1]]) for case in cases]
        rows = [
            ("Octets of one mail", *(f"{octets[dkim]:,}" for _, dkim in cases)),
            ("Freezing the audience", *(f"{ours.freezing:.2f} s" for ours, _ in seen)),
            ("Sending", *(f"{ours.sending:.2f} s" for ours, _ in seen)),
            ("Finishing", *(f"{ours.finishing:.2f} s" for ours, _ in seen)),
            ("Mails a second, sending", *(f"{ours.rate:,.0f}" for ours, _ in seen)),
            ("Mails a second, from freezing to finish", *(f"{our.whole:,.0f}" for our, _ in seen)),
            (
                "`smtp-source`, mails a second before and after",
                *(f"{source.before:,.0f}, {source.after:,.0f}" for _, source in seen),
            ),
            ("Ratio, sending alone", *(f"{ours.rate / source.rate:.2f}" for ours, source in seen)),
            ("Ratio, whole issue", *(f"{ours.whole / source.rate:.2f}" for ours, source in seen)),
            (
                "CPU time a mail",
                *(f"{ours.cpu / readers * 1e6:.0f} µs" for ours, _ in seen),
            ),
            (
                "`smtp-source`, CPU time a mail",
                *(f"{source.cpu / readers * 1e6:.0f} µs" for _, source in seen),
            ),
            ("Peak memory", *(f"{ours.peak:.0f} MB" for ours, _ in seen)),
        ]
        if any(signed):
            with self._step("RSA-2048"):
                signature = sending.signing()
            ratios = [
                _of_signing_limit(ours, case, cases, seen, signature)
                for (ours, _), case in zip(seen, cases, strict=True)
            ]
            rows += [
                (
                    "The sink's CPU time a mail",
                    *(f"{ours.sink / readers * 1e6:.0f} µs" for ours, _ in seen),
                ),
                (
                    "The database server's CPU time a mail",
                    *(f"{ours.server / readers * 1e6:.0f} µs" for ours, _ in seen),
                ),
                (
                    "CPU time of one RSA-2048 signature",
                    *(f"{signature * 1e6:.0f} µs" if dkim else "–" for _, dkim in cases),
                ),
                ("Ratio to the signing limit", *ratios),
            ]
        names = [NAMES[database] + (", DKIM" if dkim else "") for database, dkim in cases]
        words = f"One issue to {readers:,} subscribers over {self._connections} connections."
        return Report("Sending", words, names, rows)

    def _beside_source(
        self, database: str, dkim: bool, readers: int, octets: int
    ) -> tuple[sending.Sending, sending.Source]:
        many = (self._sink.listen, readers, octets, self._connections)
        with self._step("smtp-source"):
            before, _ = postfix.generate(*many)
        ours = self._send(database, readers, dkim=dkim)
        with self._step("smtp-source"):
            after, use = postfix.generate(*many)
        return ours, sending.Source(readers / before, readers / after, use.cpu)

    def _send(
        self, database: str, readers: int, *, long: bool = True, dkim: bool = False
    ) -> sending.Sending:
        name = f"{NAMES[database]}{', DKIM' if dkim else ''}, {readers:,} subscribers"
        with self._step(name):
            return sending.send(
                database,
                readers,
                self._sink,
                self._connections,
                long=long,
                dkim=dkim,
                progress=self._progress,
            )

    def memory(self, most: int) -> Report:
        """Send short issues to a hundredth, a tenth and all of ``most`` subscribers."""
        sizes = [max(1, most // share) for share in (100, 10, 1)]
        rows = []
        for database in self._databases:
            peaks = [self._send(database, readers, long=False).peak for readers in sizes]
            rows.append(
                (NAMES[database], *(f"{p:.0f} MB" for p in peaks), f"{peaks[-1] / peaks[0]:.2f}")
            )
        cases = [*(f"{readers:,} subscribers" for readers in sizes), "last to first"]
        words = "The most memory that the sending process has held, for one issue in short mails."
        return Report("Memory", words, cases, rows)

    def freeze(self, readers: int) -> Report:
        """Freeze the audiences of some issues, by turns plain, in waves and with an appeal."""
        rows = []
        for database in self._databases:
            with self._step(f"{NAMES[database]}, {readers:,} subscribers"):
                seen = sending.freeze(database, readers, FREEZINGS)
            whole = seen.seconds["plain"]
            for kind, words in KINDS.items():
                best, usual = seen.seconds[kind]
                times = (f"{best:.2f} s", f"{usual:.2f} s", f"{best / whole[0]:.2f}")
                name = f"{NAMES[database]}, {words}"
                rows.append((name, *times, f"{usual / whole[1]:.2f}"))
        words = (
            f"{FREEZINGS} issues of each kind are published to {readers:,} subscribers, one after"
            " another, by turns. In waves: a fifth tries two subjects, the rest waits. With an"
            " appeal: three variants, none for the two fifths who saw one within a month, nor for"
            " the twentieth that gave."
        )
        cases = ("best", "median", "ratio of the best", "ratio of the medians")
        return Report("Freezing", words, cases, rows)

    def responsive(self, readers: int) -> Report:
        """Visit the pages of a service that sends, and of one that does not."""
        with self._step(f"SQLite, {readers:,} subscribers"):
            seen = pages.visit_while_sending(
                readers, self._sink.listen, self._connections, self._progress
            )
        both = (seen.sending, seen.resting)
        rows = [
            ("Visits", *(f"{answers.count:,}" for answers in both)),
            ("Median", *(f"{answers.median:.0f} ms" for answers in both)),
            ("95 of 100 within", *(f"{answers.p95:.0f} ms" for answers in both)),
            ("Longest", *(f"{answers.longest:.0f} ms" for answers in both)),
            (
                "Notices",
                *(f"{notices.count:,}" for notices in (seen.notices, seen.notices_resting)),
            ),
            (
                "Longest until a notice was sent",
                *(f"{one.longest:.0f} ms" for one in (seen.notices, seen.notices_resting)),
            ),
        ]
        words = (
            f"`newsletter run` on SQLite sends an issue to {readers:,} subscribers in"
            f" {seen.seconds:.0f} s, {readers / seen.seconds:,.0f} mails a second, while"
            f" {1 / pages.EVERY:.0f} visitors a second come to the home page, the archive and the"
            f" issue's page, and every {pages.NOTICE_EVERY} s somebody is sent a notice, as after a"
            " sign-up."
        )
        return Report("Pages", words, ("while sending", "at rest"), rows)

    def import_(self, most: int) -> Report:
        """Import a tenth of ``most`` rows and all of them, beside the database alone."""
        with self._step(f"{importing.HOSTILE:,} hostile addresses"):
            verdicts = importing.compare_verdicts()
        cases = [(name, size) for name in self._databases for size in (max(1, most // 10), most)]
        seen = []
        for database, size in cases:
            with self._step(f"{NAMES[database]}, {size:,} rows"):
                seen.append(importing.bring_in(database, size))
        rows = [
            ("Rows a second", *(f"{one.rate:,.0f}" for one in seen)),
            ("The database alone, rows a second", *(f"{one.alone_rate:,.0f}" for one in seen)),
            ("Ratio", *(f"{one.rate / one.alone_rate:.2f}" for one in seen)),
            ("CPU time a row, without the server", *(f"{one.each:.1f} µs" for one in seen)),
            ("Peak memory of a process", *(f"{one.peak:.0f} MB" for one in seen)),
        ]
        words = (
            "`newsletter subscriber import` reads a file in which one row of a hundred is bad, from"
            " its start to its end, into an empty installation. The database alone runs the same"
            " statements, three tables with their indexes, on chunks that were checked before."
            f" {verdicts.count:,} hostile addresses had the verdicts of email-validator, of which"
            f" {verdicts.good:,} were good."
        )
        names = [f"{NAMES[database]}, {size:,}" for database, size in cases]
        return Report("Import", words, names, rows)

    def desk(self, readers: int) -> Report:
        """Ask for pages of the desk in a house with so many subscribers."""
        seen = []
        for database in self._databases:
            with self._step(f"{NAMES[database]}, {readers:,} subscribers"):
                seen.append(desk.measure(database, readers))
        cases = [
            f"{NAMES[name]}, {which}" for name in self._databases for which in ("best", "median")
        ]
        rows = [
            (
                name,
                *(
                    f"{milliseconds:.0f} ms"
                    for found in seen
                    for milliseconds in (found[name].best, found[name].median)
                ),
            )
            for name in seen[0]
        ]
        words = (
            f"An issue is on its way to {readers:,} subscribers, and {desk.ISSUES} have been there"
            f" before it; each page is asked for {desk.ROUNDS} times, without a network."
        )
        return Report("Pages of the desk", words, cases, rows)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Show what is being done, and for how long."""
        task = self._progress.add_task(name, total=None)
        try:
            yield
        finally:
            self._progress.remove_task(task)


def _of_signing_limit(
    ours: sending.Sending,
    case: tuple[str, bool],
    cases: Sequence[tuple[str, bool]],
    seen: Sequence[tuple[sending.Sending, sending.Source]],
    signature: float,
) -> str:
    """Say how near a signed issue comes to what the cores can sign.

    At the limit all cores are busy, and each mail takes what a plain one took of the sender, the
    sink and the database server, and a signature.
    """
    database, dkim = case
    if not dkim or (database, False) not in cases:
        return "–"
    plain, _ = seen[cases.index((database, False))]
    each = (plain.cpu + plain.sink + plain.server) / plain.readers + signature
    return f"{ours.rate * each / (os.cpu_count() or 1):.2f}"


@click.command()
@click.option("--memory", "kind", flag_value="memory", help="Peak memory at growing audiences.")
@click.option("--freeze", "kind", flag_value="freeze", help="Seconds to freeze an audience.")
@click.option(
    "--responsive", "kind", flag_value="responsive", help="How fast pages answer meanwhile."
)
@click.option("--import", "kind", flag_value="import", help="Rows a second of an import.")
@click.option("--desk", "kind", flag_value="desk", help="How long pages of the desk take.")
@click.option(
    "--subscribers",
    type=click.IntRange(min=1),
    help="How many get the issue. 20,000, or 1,000,000 with --memory, --freeze, --import, --desk,"
    " or 100,000 with --responsive, if left out.",
)
@click.option(
    "--database",
    "databases",
    type=click.Choice(places.DATABASES),
    multiple=True,
    help="Only this one; what there is of both if left out.",
)
@click.option(
    "--dkim/--no-dkim", default=None, help="Only signed, or only plain; both if left out."
)
@click.option(
    "--connections",
    type=click.IntRange(1, 200),
    default=20,
    show_default=True,
    help="Connections to the sink.",
)
@click.option("--record", is_flag=True, help="Write the results into RESULTS.md, too.")
def bench(
    kind: str | None,
    subscribers: int | None,
    databases: tuple[str, ...],
    dkim: bool | None,
    connections: int,
    record: bool,
) -> None:
    """Send an issue into a sink on this machine, beside Postfix's own source, and say how fast.

    The other measurements take the place of this one.
    """
    kind = kind or "sending"
    readers = subscribers or USUAL[kind]
    chosen = [name for name in places.DATABASES if not databases or name in databases]
    postgresql = ""
    if "postgresql" in chosen:
        try:
            postgresql = _postgresql_version()
        except postgres.ServerMissing as missing:
            if databases:
                raise
            click.echo(f"Only on SQLite: {missing}", err=True)
            chosen.remove("postgresql")
    machine = report.machine(postgresql)
    console = Console()
    console.print(machine, highlight=False, markup=False, soft_wrap=True)
    with postfix.sink() as sink, _progress() as progress:
        it = Bench(chosen, connections, sink, progress)
        match kind:
            case "memory":
                seen = it.memory(readers)
            case "freeze":
                seen = it.freeze(readers)
            case "responsive":
                seen = it.responsive(readers)
            case "import":
                seen = it.import_(readers)
            case "desk":
                seen = it.desk(readers)
            case _:
                seen = it.whole_issue(readers, [False, True] if dkim is None else [dkim])
    seen.show(console)
    if record:
        report.record([seen], machine)


def _progress() -> Progress:
    """Show on the terminal's error channel what is going on; seldom, as drawing takes time too."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), refresh_per_second=2, transient=True)


def _postgresql_version() -> str:
    with postgres.running(durable=True) as server, server.database() as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            found = connection.execute(text("SHOW server_version")).scalar_one()
        engine.dispose()
    return str(found).split()[0]


if __name__ == "__main__":
    try:
        bench()
    except (NewsletterError, postgres.ServerMissing) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
