"""One SMTP connection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How many seconds we wait, by default as RFC 5321 section 4.5.3.2 has it."""

    connect: float = 30
    greeting: float = 300
    command: float = 300
    mail: float = 300
    recipient: float = 300
    data: float = 120
    content: float = 180
    final: float = 600
    quit: float = 5
    grace: float = 10
