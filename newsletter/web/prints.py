"""PDFs that were made: each once, kept as a file under its digest, within a bounded folder."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic

from newsletter.errors import NotTypeset

MOST = 400
"""So many files are kept, those that were asked for last."""
MOST_OCTETS = 512 * 1024**2
REST = 600.0
"""Seconds."""


class Busy(NotTypeset):
    """A PDF is being made; this one is made next. Ask again in a few seconds."""

    slug = "busy"


class Prints:
    """The PDFs of an installation in ``folder``.

    One at a time is made by a process of ours: whoever else asks meanwhile is not kept waiting.
    What could not be made is not tried again before ``REST`` is over.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._making = threading.Lock()
        self._failed: dict[str, float] = {}

    def find(self, name: str) -> bytes | None:
        """Return the PDF called ``name``, if it was made."""
        file = self._file(name)
        try:
            content = file.read_bytes()
            file.touch()
        except OSError:
            return None
        return content

    def make(self, name: str, typeset: Callable[[], bytes]) -> bytes:
        """Return the PDF called ``name``; make it if it was not. Raises Busy and NotTypeset."""
        if monotonic() - self._failed.get(name, -REST) < REST:
            raise NotTypeset
        with self._alone():
            if (found := self.find(name)) is not None:
                return found
            try:
                content = typeset()
            except NotTypeset:
                self._failed[name] = monotonic()
                raise
            with suppress(OSError):  # a full disk: whoever asked has it all the same
                self._keep(name, content)
            return content

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._making.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            self._making.release()

    def _keep(self, name: str, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, delete=False) as made:
            made.write(content)
        Path(made.name).replace(self._file(name))
        self._tidy()

    def _tidy(self) -> None:
        """Delete what was not asked for longest, where there is too much; the newest stays."""
        known = []
        for file in self.folder.iterdir():
            with suppress(OSError):
                known.append((file.stat().st_mtime, file.stat().st_size, file))
        octets = 0
        for count, (_, size, file) in enumerate(sorted(known, reverse=True)):
            octets += size
            if count and (count >= MOST or octets > MOST_OCTETS):
                file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.pdf"
