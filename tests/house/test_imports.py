"""Who may lean on whom: imports run strictly downward, and each library has one door."""

from collections.abc import Iterable, Iterator

import pytest

from sources import Source, program, source

# The house, from the bottom. A part may import from the layers below its own.
LAYERS = (
    ("ground", {"errors", "config", "language", "crew", "wishes", "migrating"}),
    ("data", {"model", "database", "outward", "typesetting"}),
    ("pure", {"addresses", "links", "manuscripts", "rendering", "mail", "sheets"}),
    (
        "services",
        {"subscriptions", "issues", "deliveries", "support", "feedback", "desk", "domains"},
    ),
    ("edges", {"smtp", "engine", "intake", "clock", "inbound", "mailbox", "web", "cli"}),
    ("street", {"__main__"}),
)

# The few arrows within a layer.
SIDEWAYS = {
    "config": {"errors"},
    "language": {"errors"},
    "migrating": {"config"},
    "database": {"model"},
    "mail": {"links", "rendering"},
    "rendering": {"manuscripts"},
    "sheets": {"addresses"},
    "issues": {"deliveries", "feedback", "support"},
    "desk": {"deliveries", "feedback", "issues", "support"},
    "subscriptions": {"issues", "deliveries", "feedback", "support"},
    "engine": {"smtp"},
    "clock": {"intake"},
    "web": {"mailbox", "intake"},
    "cli": {"smtp", "engine", "intake", "clock", "inbound", "mailbox", "web"},
}

# Parts that see less of the house than their layer would allow.
ONLY = {"smtp": {"mail", "errors"}}

# What pure modules do without.
PURE = dict(LAYERS)["pure"]
WORLD = ("asyncio", "flask", "os", "sqlalchemy", "newsletter.database", "newsletter.model")

# One door per library; asyncio has a few, and every other part is of one colour, sync.
DOORS = {
    "aiosmtpd": {"mailbox"},
    "alembic": {"migrating"},
    "altcha": {"web"},
    "apscheduler": {"clock"},
    "argon2": {"desk"},
    "asyncio": {"smtp", "engine", "inbound", "mailbox", "cli"},
    "babel": {"language"},
    "click": {"cli"},
    "cryptography": {"mail"},
    "css_inline": {"rendering"},
    "dns": {"addresses", "domains"},
    "email_validator": {"addresses"},
    "feedparser": {"manuscripts"},
    "flask": {"web"},
    "granian": {"cli"},
    "http": {"outward"},
    "idna": {"outward"},
    "itsdangerous": {"links"},
    "jinja2": {"rendering"},
    "mammoth": {"manuscripts"},
    "markdown_it": {"rendering", "manuscripts"},
    "markupsafe": {"rendering", "web"},
    "mdit_py_plugins": {"rendering", "manuscripts"},
    "nh3": {"rendering"},
    "PIL": {"issues"},
    "pyotp": {"desk"},
    "rich": {"cli"},
    "segno": {"desk", "support"},
    "weasyprint": {"typesetting"},
    "webauthn": {"desk"},
    "werkzeug": {"web"},
    "yaml": {"manuscripts"},
}

HEIGHT = {part: height for height, (_, parts) in enumerate(LAYERS) for part in parts}


def test_imports_run_downward() -> None:
    assert list(wrong_arrows(program())) == []


def test_each_library_has_one_door() -> None:
    assert list(wrong_doors(program())) == []


def test_pure_modules_know_no_world() -> None:
    assert list(worldly(program())) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("issues.drafts", "from newsletter import web"),
        ("issues", "from newsletter.subscriptions import confirm"),
        ("mail", "import newsletter.engine"),
        ("web.pages", "def page():\n    from newsletter.smtp import Relay"),
        ("smtp.relay", "from newsletter.config import Settings"),
        ("chores", "from newsletter import errors"),
    ],
)
def test_a_wrong_arrow_is_found(name: str, text: str) -> None:
    assert list(wrong_arrows([source(name, text)]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("issues", "from flask import request"),
        ("web.pages", "import jinja2.sandbox"),
        ("deliveries", "import asyncio"),
    ],
)
def test_a_second_door_is_found(name: str, text: str) -> None:
    assert list(wrong_doors([source(name, text)]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mail.compose", "from os import environ"),
        ("links", "import sqlalchemy.orm"),
        ("rendering", "from newsletter import model"),
        ("rendering", "from newsletter.model import Issue"),
    ],
)
def test_a_worldly_import_is_found(name: str, text: str) -> None:
    assert list(worldly([source(name, text)]))


def wrong_arrows(sources: Iterable[Source]) -> Iterator[str]:
    """Name every import that is neither downward nor one of the few sideways."""
    for one in sources:
        for name in one.imports():
            package, _, rest = name.partition(".")
            target = rest.split(".")[0]
            at_home = package != "newsletter" or target in {one.part, "__version__"}
            if not at_home and not may_lean(one.part, target):
                yield f"{one.name} imports {name}"


def may_lean(part: str, target: str) -> bool:
    if part in ONLY:
        return target in ONLY[part]
    if target in SIDEWAYS.get(part, ()):
        return True
    return part in HEIGHT and target in HEIGHT and HEIGHT[target] < HEIGHT[part]


def wrong_doors(sources: Iterable[Source]) -> Iterator[str]:
    """Name every import of a library by a part that is not its door."""
    for one in sources:
        for name in one.imports():
            if one.part not in DOORS.get(name.split(".")[0], {one.part}):
                yield f"{one.name} imports {name}"


def worldly(sources: Iterable[Source]) -> Iterator[str]:
    """Name every import by a pure module that makes it less than pure."""
    for one in sources:
        if one.part in PURE:
            for name in one.imports():
                if any(f"{name}.".startswith(f"{world}.") for world in WORLD):
                    yield f"{one.name} imports {name}"
