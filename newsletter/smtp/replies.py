"""Replies of an SMTP server: bytes in any pieces become Reply values; no sockets here.

A server that answers with anything but short, well-formed replies (RFC 5321 section 4.2) raises
Garbage: what it says after that cannot be matched with what it was asked.
"""

import re
from dataclasses import dataclass

LINE_LIMIT = 2048
"""Four times the 512 octets of RFC 5321 section 4.5.3.1.5: some servers are talkative."""

LINES_LIMIT = 128

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*?))?\r?\n", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


def enhanced(words: str) -> str | None:
    """Return the enhanced status code (RFC 3463) that ``words`` begin with, such as 5.1.1."""
    found = _ENHANCED.match(words)
    return found[1] if found else None


class Garbage(Exception):
    """What came is not an SMTP reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code and the text of its lines, enhanced status codes included."""

    code: int
    lines: tuple[str, ...]

    @property
    def kind(self) -> int:
        """The first digit, which alone decides (RFC 5321 section 4.3.2)."""
        return self.code // 100

    @property
    def words(self) -> str:
        """All lines as one."""
        return self.lines[0] if len(self.lines) == 1 else " ".join(filter(None, self.lines))

    def __str__(self) -> str:
        return f"{self.code} {self.words}".rstrip()


class Replies:
    """The replies of one connection, in the order of the commands."""

    __slots__ = ("_lines", "_received")

    def __init__(self) -> None:
        self._received = bytearray()
        self._lines: list[str] = []

    def feed(self, data: bytes) -> None:
        """Add what was read from the connection."""
        self._received += data

    def pending(self) -> bool:
        """Tell whether something was received that no reply has used yet."""
        return bool(self._received or self._lines)

    def next(self) -> Reply | None:
        """Return the next whole reply, None while it is incomplete; raise Garbage."""
        while (end := self._received.find(b"\n") + 1) > 0:
            line = bytes(self._received[:end])
            del self._received[:end]
            found = _LINE.fullmatch(line)
            if not found or end > LINE_LIMIT or len(self._lines) == LINES_LIMIT:
                raise Garbage(f"not an SMTP reply: {line[:60]!r}")
            self._lines.append(_text(found[3] or b""))
            if found[2] != b"-":
                reply = Reply(int(found[1]), tuple(self._lines))
                self._lines.clear()
                return reply
        if len(self._received) > LINE_LIMIT:
            raise Garbage(f"an endless line: {bytes(self._received[:60])!r}")
        return None


def _text(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
