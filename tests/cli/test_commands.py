"""The commands, one by one, as an operator types them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest

import make
from newsletter import addresses, config
from newsletter.cli import newsletter
from newsletter.database import Database
from newsletter.errors import ConfigurationError, Conflict, Invalid, InvalidAddress, NotFound
from terminal import Run, add_canals, done, refused


def commands(group: click.Group, *words: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from commands(command, *words, name)


def test_setting_up_twice_is_once(run: Run, home: Path) -> None:
    assert f"Ready in {home}" in done(run("init"))
    secret = (home / "secret.key").read_text()
    done(run("publication", "add", "canals", "--name", "C", "--author", "c@example.org"))
    done(run("init"))
    assert (home / "secret.key").read_text() == secret
    assert "canals" in done(run("publication", "list"))


@pytest.mark.parametrize(
    "words",
    [
        "publication list",
        "publication add canals --name C --author c@example.org",
        "subscriber list canals",
        "subscriber add canals anna@example.org",
        "issue list",
        "issue status 1",
        "issue preview 1 -o out.html",
        "issue schedule 1 --at 2099-01-31T07:00",
        "issue send 1",
    ],
)
def test_before_it_is_set_up_every_command_says_how(run: Run, words: str) -> None:
    assert refused(run(*words.split()), ConfigurationError).endswith("run: newsletter init")


def test_publications_are_added_and_listed(run: Run) -> None:
    done(run("init"))
    assert "There is no publication yet" in done(run("publication", "list"))
    add_canals(run)
    words = ("publication", "add", "rivers", "--name", "[b]Rivers", "--author", "r@example.org")
    assert "Added [b]Rivers: http://localhost:8000/rivers/" in done(run(*words))
    first, second, third = done(run("publication", "list")).splitlines()
    assert first.split() == ["Slug", "Name", "Author", "Language", "Zone"]
    assert {tuple(second.split()), tuple(third.split())} == {
        ("canals", "Canal", "Diary", "canals@example.org", "en", "Europe/Warsaw"),
        ("rivers", "[b]Rivers", "r@example.org", "en", "UTC"),
    }
    assert refused(run(*words), Conflict) == "There is a publication 'rivers' already"


def test_subscribers_are_added_and_listed(run: Run) -> None:
    add_canals(run)
    assert done(run("subscriber", "list", "canals")) == ""
    words = ("subscriber", "add", "canals", "anna@example.org", "jan@example.org", "--name", "Żak")
    assert done(run(*words)) == "2 subscribed to canals\n"
    done(run(*words))
    listed = "anna@example.org\tactive\tŻak\njan@example.org\tactive\tŻak\n"
    assert done(run("subscriber", "list", "canals")) == listed


def test_a_bad_address_is_named_and_nobody_is_added(run: Run) -> None:
    add_canals(run)
    result = run("subscriber", "add", "canals", "anna@example.org", "jan@")
    assert refused(result, InvalidAddress).startswith("'jan@' is not an e-mail address")
    assert done(run("subscriber", "list", "canals")) == ""


def test_a_suppressed_address_is_not_added(run: Run, environ: dict[str, str]) -> None:
    add_canals(run)
    settings = config.load(environ)
    digest = addresses.digest("anna@example.org", settings.secret_key)
    with closing(Database(settings.database_url)) as database, database.transaction() as session:
        make.suppression(session, "anna@example.org", digest=digest)
    message = refused(run("subscriber", "add", "canals", "Anna@example.org"), Conflict)
    assert message == "This address is suppressed (hard_bounce) and gets no mail"


def test_a_publication_is_changed_in_what_is_named(run: Run) -> None:
    done(run("init"))
    done(run("publication", "add", "canals", "--name", "Canals", "--author", "c@example.org"))
    done(run("publication", "change", "canals", "--author", "canals@example.org"))
    (listed,) = done(run("publication", "list")).splitlines()[1:]
    assert "Canals" in listed
    assert "canals@example.org" in listed
    message = refused(run("publication", "change", "canals", "--zone", "Nowhere"), Invalid)
    assert "is not a time zone" in message


def test_subscribers_of_no_publication_cannot_be_had(run: Run) -> None:
    done(run("init"))
    for words in (("add", "canals", "anna@example.org"), ("list", "canals")):
        message = refused(run("subscriber", *words), NotFound)
        assert message == "There is no publication 'canals'"


def test_every_command_and_every_option_explains_itself(run: Run) -> None:
    for words in commands(newsletter):
        assert f"Usage: newsletter {' '.join(words)}" in done(run(*words, "--help"))
        command: click.Command = newsletter
        for word in words:
            assert isinstance(command, click.Group)
            command = command.commands[word]
        assert command.help
        options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
        assert [option.name for option in options if not option.help] == []


def test_a_person_meets_an_error_as_one_sentence(environ: dict[str, str]) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "newsletter", "publication", "list"],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == "error: The database has no tables yet; run: newsletter init\n"
