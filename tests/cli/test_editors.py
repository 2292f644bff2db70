"""The commands about editors, and the link by which the first owner comes in."""

import re
from contextlib import closing

import pytest

import make
from newsletter import config
from newsletter.database import Database
from newsletter.errors import ConfigurationError, Conflict, InvalidAddress, NotFound
from newsletter.model import Role
from terminal import Run, done, refused

LINK = re.compile(r"http://localhost:8000/desk/join/[\w-]{43}")


def link(said: str) -> str:
    (found,) = LINK.findall(said)
    return str(found)


def test_setting_up_prints_a_link_as_long_as_nobody_owns_the_desk(run: Run) -> None:
    first, second = link(done(run("init"))), link(done(run("init")))
    third = link(done(run("editor", "setup-link")))
    assert len({first, second, third}) == 3
    assert "There is no editor yet" in done(run("editor", "list"))


def test_an_editor_is_invited_and_listed(run: Run) -> None:
    done(run("init"))
    words = ("editor", "add", "Jan@Example.org", "--name", "Jan", "--role", "editor")
    assert "Good once, for 7 days" in done(run(*words))
    heads, listed = done(run("editor", "list")).splitlines()
    assert heads.split() == ["Address", "Name", "Role", "Signs", "in", "by"]
    assert listed.split() == ["jan@example.org", "Jan", "editor", "invited"]
    assert refused(run("editor", "add", "jan@"), InvalidAddress)


@pytest.mark.parametrize("words", ["reset", "remove", "change --role owner"])
def test_who_is_no_editor_is_not_found(run: Run, words: str) -> None:
    done(run("init"))
    name, *options = words.split()
    message = refused(run("editor", name, "nobody@example.org", *options), NotFound)
    assert message.startswith("There is no editor 'nobody@example.org'")


def test_before_there_are_tables_no_editor_is_invited(run: Run) -> None:
    message = refused(run("editor", "add", "jan@example.org"), ConfigurationError)
    assert message.endswith("run: newsletter init")


def test_the_last_owner_stays_and_gets_back_in(run: Run, environ: dict[str, str]) -> None:
    done(run("init"))
    own(environ)
    assert "desk" not in done(run("init")), "there is no second set-up"
    assert refused(run("editor", "setup-link"), Conflict).startswith("There is an owner already")
    for words in (("remove",), ("change", "--role", "writer")):
        refused(run("editor", words[0], "olga@example.org", *words[1:]), Conflict)
    assert "password" in done(run("editor", "list"))
    assert link(done(run("editor", "reset", "Olga@example.org")))
    assert "password" not in done(run("editor", "list"))


def test_with_another_owner_one_may_go(run: Run, environ: dict[str, str]) -> None:
    done(run("init"))
    own(environ)
    own(environ, "jan@example.org")
    assert done(run("editor", "change", "jan@example.org", "--role", "writer")) == "Jan is writer\n"
    assert done(run("editor", "remove", "jan@example.org")) == "Removed Jan\n"
    assert "jan" not in done(run("editor", "list"))


def own(environ: dict[str, str], address: str = "olga@example.org") -> None:
    """Make an owner, as the desk would."""
    settings = config.load(environ)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        name = address.split("@")[0].title()
        make.editor(session, address=address, name=name, role=Role.OWNER, password_hash="x")
