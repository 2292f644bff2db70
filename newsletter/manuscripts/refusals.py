"""How a reader says no: what is wrong, at which line, and the next step."""

from newsletter.errors import InvalidManuscript


def refusal(line: int, message: str) -> InvalidManuscript:
    """Return the error for ``line``, counted from 1; its message begins with the line."""
    return InvalidManuscript(f"line {line}: {message}", line=line)
