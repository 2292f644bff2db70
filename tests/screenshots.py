"""Take a picture of every scene of the desk: two widths, light in English and dark in Polish.

    python tests/screenshots.py [NAME ...]     # all scenes, or those whose names begin so

The pictures go to ``screenshots/``; a bar tells how far it is.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from rich.progress import track
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

import make
from newsletter.config import Listen, Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.model import Role
from newsletter.web import create_app
from scenes import Scene, scenes

FOLDER = Path("screenshots")
CHROMIUM = "/usr/bin/chromium"
SETTLED = 700
"""Milliseconds after which what a page loads by itself is there."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Quiet(WSGIRequestHandler):
    """Answers without a word."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main(wanted: list[str]) -> None:
    """Take the pictures of the ``wanted`` scenes, or of all."""
    FOLDER.mkdir(exist_ok=True)
    chosen = [(name, scene) for name, scene in scenes() if not wanted or _begins(name, wanted)]
    with sync_playwright() as playwright, served() as server:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, scene in track(chosen, "Pictures"):
            with TemporaryDirectory() as home:
                take(browser, server, Path(home), name, scene)
        browser.close()


def _begins(name: str, wanted: list[str]) -> bool:
    return any(name.startswith(each) for each in wanted)


@contextmanager
def served() -> Iterator[BaseWSGIServer]:
    """Listen on a port, for whatever application is put there."""
    server = make_server("127.0.0.1", 0, Flask("waiting"), threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


def take(browser: Browser, server: BaseWSGIServer, home: Path, name: str, scene: Scene) -> None:
    """Set the scene in an installation of its own and take its pictures."""
    base_url = f"http://localhost:{server.port}"
    with closing(Database(f"sqlite:///{home}/newsletter.sqlite3")) as database:
        database.upgrade()
        with database.transaction() as session:
            owner = make.editor(session, name="Olga Owner", role=Role.OWNER)
            token = sign_ins.begin(session, owner, datetime.now(UTC))
            path = scene(session)
        settings = Settings(
            home=home,
            database_url=str(database.url),
            base_url=base_url,
            listen=Listen("127.0.0.1", server.port),
            secret_key=make.SECRET_KEY,
        )
        server.app = create_app(settings, database)
        for width, scheme in product((360, 1440), SCHEMES):
            context = browser.new_context(
                base_url=base_url,
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                locale="pl" if scheme == "dark" else "en",
            )
            context.add_cookies([{"name": "desk", "value": token, "url": base_url}])
            page = context.new_page()
            page.goto(path)
            page.wait_for_timeout(SETTLED)
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()
        server.app = Flask("waiting")


if __name__ == "__main__":
    main(sys.argv[1:])
