"""What was measured, as tables on the screen and in RESULTS.md, with the machine it was seen on."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import postfix

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Report:
    """One table: what was measured down the side, the cases across; ``rows`` begin with a name."""

    title: str
    words: str
    cases: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(self.title, box=None)
        for case in self.cases:
            table.add_column(case, justify="right")
        for row in self.rows:
            table.add_row(*row)
        console.print(f"\n{self.words}\n", highlight=False, soft_wrap=True)
        console.print(table)

    def markdown(self) -> str:
        """Write it for RESULTS.md."""
        lines = [f"| {' | '.join(row)} |" for row in [("", *self.cases), *self.rows]]
        lines.insert(1, "|---" * (len(self.cases) + 1) + "|")
        return f"### {self.title}\n\n{self.words}\n\n" + "\n".join(lines) + "\n"


def machine(postgresql: str) -> str:
    """Say what this machine is, what runs on it, and how busy it was before we began."""
    cpu = "an unknown processor"
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            cpu = value.strip()
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    versions = [
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
        *([f"PostgreSQL {postgresql}"] if postgresql else []),
        f"Postfix {postfix.version()}",
    ]
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores of {cpu}, {system}; {', '.join(versions)}; load {load:.1f} when it"
        " began."
    )


def record(reports: Sequence[Report], machine: str) -> None:
    """Put the reports above those that RESULTS.md has already."""
    today = datetime.now(UTC)
    section = "\n".join(
        [f"## {today.day} {today:%B %Y}, {today:%H:%M} UTC\n", machine, ""]
        + [report.markdown() for report in reports]
    )
    text = RESULTS.read_text(encoding="utf-8")
    introduction, mark, older = text.partition("\n## ")
    RESULTS.write_text(f"{introduction}\n{section}{mark}{older}", encoding="utf-8")
