"""What the relay said, written down before anything else happens.

An append-only file beside the database: one line for each outcome, in a single write, before its
connection takes the next mail. Lines survive the death of the process (not of the machine), are
settled at the next start, and are cut off once the database has them.
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


class Journal:
    """The journal of one sending process, which alone may hold it."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, making it if need be; raise Conflict when another process holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise Conflict(
                f"Another process is sending with {path}; stop it first, or give this one a"
                " NEWSLETTER_HOME of its own"
            ) from error

    def record(self, delivery: int, outcome: Outcome) -> None:
        """Append one outcome."""
        words = " ".join(outcome.words.split())
        line = f"{delivery} {outcome.verdict} {outcome.code} {words}\n"
        os.write(self._file, line.encode("utf-8", "replace"))

    def recorded(self) -> Sequence[tuple[int, Outcome]]:
        """Return everything written since the last ``clear``; a last line cut short is left out."""
        os.lseek(self._file, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._file), "rb") as file:
            lines = file.read().split(b"\n")[:-1]
        outcomes = []
        for line in lines:
            with contextlib.suppress(ValueError):
                delivery, verdict, code, words = line.decode("utf-8").split(" ", 3)
                outcomes.append((int(delivery), Outcome(Verdict(verdict), int(code), words)))
        return outcomes

    def clear(self) -> None:
        """Empty the journal, when the database has all of it."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
