"""Addresses as no honest list has them: real ones, cut, glued, swapped and spoilt by a seed."""

import random
from collections.abc import Iterator

SOUND = (
    "anna@example.org",
    "Anna.Nowak@EXAMPLE.org",
    "o'brien+news@mail.example.ie",
    "zażółć@przykład.pl",
    "anna@xn--przykad-rjb.pl",
    "用户@例え.jp",
    "INFO@example.com",
    "Postmaster@faß.de",
    '"anna nowak"@example.org',
    '"anna"@example.org',
    "Anna <anna@example.org>",
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "anna@münchen.example",
    "!#$%&'*+-/=?^_`{|}~@example.org",
    "a@" + "b" * 63 + ".pl",
    "a" * 64 + "@example.org",
    "a@" + ".".join(["c" * 60] * 4) + ".pl",
    "a@sub.localhost",
    "a@example.test",
    "a@host.local",
    "a@1.2.3.4",
    "a@ab--cd.example",
    "a@xn--zzzzzz-.example",
    "e\u0301va@example.org",
    "\u05d0@\u05d0\u05d1.com",
    "a@1.\u05d0\u05d1.com",
)
PIECES: tuple[str, ...] = (
    *"@.-_+ <>()[]\\,;:\"'`\0\n\r\t\x7f=",
    *"aZ0é\u0301ł\u200b\u202e\u3002\uff0e\uff20ß\ud800\u00ad\u0130\U0001f600",
    *("..", "@@", ".-", "-.", "xn--", "mailto:", "%40", ".local", ".test", "info", "a" * 250),
)


def hostile(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` addresses, the same for the same ``seed``; about a third of them are good."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(SOUND)
        for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 3))):
            text = _spoilt(text, chance)
        yield text


def _spoilt(text: str, chance: random.Random) -> str:
    local, _, domain = text.partition("@")
    here, there = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    match chance.randrange(7):
        case 0:
            return text[:here] + chance.choice(PIECES) + text[here:]
        case 1:
            return text[:here] + text[here + 1 :]
        case 2:
            return text[:here] + text[here:there].swapcase() + text[there:]
        case 3:
            return text.rpartition("@")[0] + "@" + chance.choice(SOUND).rpartition("@")[2]
        case 4:
            return text[:here] + text[there:]
        case 5:
            return chance.choice((" ", "\u00a0", "\t", "")) + text + chance.choice(("\n", "  ", ""))
        case _:
            return f"{local * chance.randint(1, 30)}@{domain}"
