"""What the relay said, written down before anything else happens.

Two append-only files beside the database, written by turns: one line for each outcome, in a single
write, before its connection takes the next mail. Lines survive the death of the process (not of the
machine), are settled at the next start, and go once the database has them.
"""

import contextlib
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from newsletter.errors import Conflict
from newsletter.mail import Outcome, Verdict

_BEGUN = "begun"
_KILLED = Outcome(Verdict.UNKNOWN, 0, "the sender was killed while this mail was on the wire")


class Journal:
    """The journal of one sending process, which alone may hold it."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, making it if need be; raise Conflict when another process holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise Conflict(
                f"Another process is sending with {path}; stop it first, or give this one a"
                " NEWSLETTER_HOME of its own"
            ) from error
        self._other = os.open(path.with_name(path.name + ".2"), flags, 0o600)

    def record(self, delivery: int, outcome: Outcome) -> None:
        """Append one outcome."""
        words = " ".join(outcome.words.split())
        self._append(f"{delivery} {outcome.verdict} {outcome.code} {words}\n")

    def begin(self, delivery: int) -> None:
        """Append that a mail goes on the wire, so that after a kill it is known to be in doubt."""
        self._append(f"{delivery} {_BEGUN} 0 \n")

    def _append(self, line: str) -> None:
        os.write(self._file, line.encode("utf-8", "replace"))

    def recorded(self) -> Sequence[tuple[int, Outcome]]:
        """Return everything that was not forgotten; a last line cut short is left out.

        What was begun and has no outcome comes last, as UNKNOWN.
        """
        outcomes: list[tuple[int, Outcome]] = []
        begun: dict[int, None] = {}
        for line in _lines(self._other) + _lines(self._file):
            with contextlib.suppress(ValueError):
                delivery, verdict, code, words = line.decode("utf-8").split(" ", 3)
                if verdict == _BEGUN:
                    begun[int(delivery)] = None
                else:
                    outcomes.append((int(delivery), Outcome(Verdict(verdict), int(code), words)))
        known = {delivery for delivery, _ in outcomes}
        return outcomes + [(delivery, _KILLED) for delivery in begun if delivery not in known]

    def turn(self) -> None:
        """Write to the other file from now on, if that is empty.

        What was recorded so far can then be settled, and forgotten, while more comes in.
        """
        if os.fstat(self._other).st_size == 0:
            self._file, self._other = self._other, self._file

    def forget(self) -> None:
        """Empty the file that is not being written, when the database has all of it."""
        os.ftruncate(self._other, 0)

    def clear(self) -> None:
        """Empty the journal, when the database has all of it."""
        for file in (self._file, self._other):
            os.ftruncate(file, 0)

    def close(self) -> None:
        """Let the files go."""
        for file in (self._file, self._other):
            os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _lines(file: int) -> list[bytes]:
    """Return the whole lines of a file."""
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), "rb") as reader:
        return reader.read().split(b"\n")[:-1]
