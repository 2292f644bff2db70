"""What people type into a form, without what no keyboard writes."""

from flask import request

MOST = 400
"""Characters that are read of a field; an address has 320 at most."""


def typed(field: str) -> str:
    """Return what a field of the request's form says; nothing where it is missing."""
    return cleaned(request.form.get(field, ""))


def cleaned(text: str) -> str:
    """Return ``text`` as one line that is not too long."""
    return "".join(each if each.isprintable() else " " for each in text[:MOST]).strip()


def typed_lines(field: str, most: int) -> str:
    """Return what a field of several lines says, up to ``most`` characters and one, to tell by."""
    text = request.form.get(field, "").replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text).strip()[
        : most + 1
    ]


def counted(text: str) -> int:
    """Read a number of a query as far as a database counts; raise ValueError if it is none."""
    return max(0, min(int(text), 2**63 - 1))
