"""Programs under measurement: what a process and its children took of the machine.

Read from ``/proc``, so that a running process can be asked; this needs Linux.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter.errors import NewsletterError

_TICKS = os.sysconf("SC_CLK_TCK")
_QUIET = 0.5
"""Seconds of hardly any work after which a program has started up."""
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of CPU time so far, and the most memory held at any time, in megabytes."""

    cpu: float
    peak: float


class Program:
    """One of our own processes, its words kept in ``log``."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    def use(self) -> Use:
        """Add up what the process and its children have used; raise if it has ended by itself."""
        self.check()
        uses = [use_of(number) for number in _family(self._process.pid)]
        return Use(sum(use.cpu for use in uses), sum(use.peak for use in uses))

    def check(self) -> None:
        """Raise NewsletterError, with its last words, if the process has ended."""
        if self._process.poll() is not None:
            words = self._log.read_text(errors="replace")[-2000:]
            raise NewsletterError(f"The measured program ended by itself:\n{words}")

    def settle_down(self) -> None:
        """Wait until it has started and has nothing to do, which is when it uses no CPU time."""
        end = time.monotonic() + _PATIENCE
        before = self.use().cpu
        while time.monotonic() < end:
            time.sleep(_QUIET)
            now = self.use().cpu
            if before > 0.2 and now - before < _QUIET / 10:
                return
            before = now
        raise NewsletterError(f"The measured program does not come to rest; see {self._log}")


@contextmanager
def running(*arguments: str, environ: dict[str, str], log: Path) -> Iterator[Program]:
    """Run ``newsletter`` with ``arguments`` until the block ends; then SIGTERM, as an operator."""
    command = [sys.executable, "-m", "newsletter", *arguments]
    with log.open("ab") as words:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, env=environ, stdout=words, stderr=words, stdin=subprocess.DEVNULL
        )
    try:
        yield Program(process, log)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def command(*arguments: str, environ: dict[str, str]) -> str:
    """Run one command of ``newsletter`` to its end and return what it said."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "newsletter", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise NewsletterError(f"newsletter {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def use_of_ended(process: "subprocess.Popen[bytes]") -> Use:
    """Wait for ``process`` to end well and return what it used."""
    _, status, use = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NewsletterError(f"{process.args!r} failed; its words are above")
    return Use(use.ru_utime + use.ru_stime, use.ru_maxrss * 1024 / 1e6)


def server_cpu(backend: int) -> float:
    """Add up the CPU time of the server that ``backend`` belongs to, of ended backends too."""
    server = int(_fields(backend)[1])
    ended = sum(int(ticks) for ticks in _fields(server)[13:15]) / _TICKS
    return ended + sum(use_of(number).cpu for number in _family(server))


def _family(number: int) -> Sequence[int]:
    """Return a process and all that descend from it."""
    family = [number]
    for member in family:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            family += [int(child) for child in children.read_text().split()]
    return family


def use_of(number: int) -> Use:
    """Return what the process of that number has used; raise if it is gone."""
    fields = _fields(number)
    try:
        status = Path(f"/proc/{number}/status").read_text()
    except OSError as error:
        raise NewsletterError(f"This measurement reads /proc, as Linux has it: {error}") from error
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return Use((int(fields[11]) + int(fields[12])) / _TICKS, int(peak.split()[1]) * 1024 / 1e6)


def _fields(number: int) -> Sequence[str]:
    """Read what stands in ``/proc`` of a process behind its name, which may hold anything."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise NewsletterError(f"This measurement reads /proc, as Linux has it: {error}") from error
