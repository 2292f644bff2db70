"""The habits that keep it simple: where commits happen, who asks the clock, what errors say."""

import ast
import re
import socket
from collections.abc import Iterable, Iterator

import pytest

from newsletter import errors, model
from newsletter.errors import NewsletterError
from sources import Source, program, source

EDGES = {"smtp", "engine", "intake", "clock", "inbound", "mailbox", "web", "cli"}


def test_commits_happen_at_edges_through_the_one_door() -> None:
    assert list(wrong_commits(program())) == []


def test_only_edges_ask_the_clock() -> None:
    assert list(clock_askers(program())) == []


def test_only_the_settings_look_at_the_environment() -> None:
    assert list(environment_readers(program())) == []


def test_nobody_prints_but_the_command_line() -> None:
    assert [one.name for one in program() if one.part != "cli" and "print" in one.calls()] == []


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outward:
        for connect in (outward.connect, outward.connect_ex):
            with pytest.raises(AssertionError, match="must not connect"):
                connect(("192.0.2.1", 25))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.pages", "session.commit()"),
        ("issues", "with database.transaction() as session: ..."),
    ],
)
def test_a_wrong_commit_is_found(name: str, text: str) -> None:
    assert list(wrong_commits([source(name, text)]))


@pytest.mark.parametrize("text", ["datetime.now(UTC)", "date.today()", "time.time()"])
def test_a_service_that_asks_the_clock_is_found(text: str) -> None:
    assert list(clock_askers([source("issues", text)]))


@pytest.mark.parametrize(
    "text", ["os.environ['HOME']", "os.getenv('HOME')", "from os import environ"]
)
def test_a_look_at_the_environment_is_found(text: str) -> None:
    assert list(environment_readers([source("web", text)]))


def test_the_consent_log_only_grows_and_nobody_else_than_erasure_touches_a_line() -> None:
    assert list(rewriters(program())) == ["subscriptions.holding has update(model.Consent)"]


@pytest.mark.parametrize(
    "text",
    [
        "update(model.Consent).values(subscriber_id=None)",
        "session.execute(delete(Consent))",
        "line = session.get(model.Consent, 1)\nsession.delete(line)",
        "for line in session.scalars(select(model.Consent)):\n    line.subscriber_id = 2",
    ],
)
def test_a_hand_on_the_consent_log_is_found(text: str) -> None:
    assert list(rewriters([source("subscriptions.erase", text)]))


def rewriters(sources: Iterable[Source]) -> Iterator[str]:
    """Name every module that changes or deletes lines of the consent log, or might.

    By statement it cannot be missed. A row could also be loaded whole and be changed: whoever loads
    rows of the log writes none of their columns and deletes no object.
    """
    columns = {*model.Consent.__table__.columns.keys()} - {"id"}
    for one in sources:
        loads = False
        for node in ast.walk(one.tree):
            match node:
                case ast.Call(func=ast.Name(id="update" | "delete"), args=[kind, *_]):
                    if ast.unparse(kind).split(".")[-1] == "Consent":
                        yield f"{one.name} has {ast.unparse(node)}"
                case ast.Call(func=ast.Name(id="select") | ast.Attribute(attr="get" | "get_one")):
                    names = [ast.unparse(each).split(".")[-1] for each in node.args]
                    loads = loads or "Consent" in names
                case _:
                    pass
        if loads:
            for node in ast.walk(one.tree):
                match node:
                    case ast.Attribute(ctx=ast.Store(), attr=name) if name in columns:
                        yield f"{one.name} writes {ast.unparse(node)}"
                    case ast.Call(func=ast.Attribute(attr="delete", value=ast.Name(id="session"))):
                        yield f"{one.name} has {ast.unparse(node)}"
                    case _:
                        pass


def wrong_commits(sources: Iterable[Source]) -> Iterator[str]:
    """Name every commit by hand, and every transaction that is not begun at an edge."""
    for one in sources:
        for call in one.calls():
            if call.endswith(".commit") or (
                call.endswith(".transaction") and one.part not in EDGES
            ):
                yield f"{one.name} calls {call}"


def clock_askers(sources: Iterable[Source]) -> Iterator[str]:
    """Name every module inside the house that asks what time it is, instead of being told."""
    for one in sources:
        for call in one.calls():
            if one.part not in EDGES and re.search(
                r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)$", call
            ):
                yield f"{one.name} calls {call}"


def environment_readers(sources: Iterable[Source]) -> Iterator[str]:
    """Name every module but ``config`` that looks at the environment."""
    for one in sources:
        names = {*one.imports(), *one.attributes()}
        if one.part != "config" and names & {"os.environ", "os.getenv", "os.environb"}:
            yield one.name


def error_classes() -> list[type[NewsletterError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, NewsletterError)
    ]


@pytest.mark.parametrize("kind", error_classes())
def test_an_error_says_in_one_sentence_what_happened(kind: type[NewsletterError]) -> None:
    sentence = kind.__dict__.get("__doc__") or ""
    assert re.fullmatch(r"[A-Z][^.\n]*\.", sentence)
    assert kind().message == str(kind()) == sentence


def test_an_error_has_a_slug_of_its_own() -> None:
    slugs = [kind.__dict__.get("slug", "") for kind in error_classes()]
    assert len(set(slugs)) == len(slugs)
    assert [slug for slug in slugs if not re.fullmatch(r"[a-z]+(-[a-z]+)*", slug)] == []


def test_every_error_stands_in_the_tree_of_errors() -> None:
    tree = errors.__doc__ or ""
    assert [kind.__name__ for kind in error_classes() if kind.__name__ not in tree] == []


def test_an_error_keeps_its_facts() -> None:
    error = errors.InvalidManuscript("There is no headline.", line=3)
    assert (error.message, error.line) == ("There is no headline.", 3)
