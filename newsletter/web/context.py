"""What every view leans on: settings, database, links, mailbox, kept PDFs, and pages.

All but pages stand for those of the application that answers the request, as Flask's own
``request`` does.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Response, current_app, request
from werkzeug.local import LocalProxy

from newsletter import model, rendering
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.language import LANGUAGES
from newsletter.links import Links
from newsletter.mailbox import Mailbox
from newsletter.outward import THE_WEB, Network
from newsletter.web.prints import Prints


class Context:
    """What an application was built with, and what follows from it."""

    name = "newsletter"

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.links = Links(settings.base_url, settings.secret_key)
        self.mailbox = Mailbox(settings.home / "mailbox")
        self.prints = Prints(settings.home / "pdf")
        self.network = THE_WEB


def _context() -> Context:
    return cast("Context", current_app.extensions[Context.name])


settings = cast("Settings", LocalProxy(lambda: _context().settings))
database = cast("Database", LocalProxy(lambda: _context().database))
links = cast("Links", LocalProxy(lambda: _context().links))
mailbox = cast("Mailbox", LocalProxy(lambda: _context().mailbox))
prints = cast("Prints", LocalProxy(lambda: _context().prints))


def network() -> Network:
    """Return the network in which pages are fetched that an editor gives the address of."""
    return _context().network


def page(
    template: str,
    publication: model.Publication | None = None,
    /,
    *,
    status: int = 200,
    language: str = "",
    **facts: object,
) -> Response:
    """Answer with ``templates/pages/<template>``.

    A page of a ``publication`` is in its language and colour, any other in the reader's language,
    unless it is in the ``language`` that a person has chosen. A page may be told a ``publication``
    as one of its ``facts`` without being that publication's.
    """
    language = language or (publication.language if publication else reader_language())
    words = rendering.page(
        template,
        language,
        **{"publication": publication, **facts},
        theme=_theme_url(publication) if publication else "",
        status=status,
        asset=asset_url,
        path=path,
        links=links,
        root=root(),
    )
    answer = Response(words, status, mimetype="text/html")
    if publication is None:
        answer.vary.add("Accept-Language")
    return answer


def reader_language() -> str:
    """Return the language of ours that the browser asks for."""
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def asset_url(file: str) -> str:
    """Return the path of a static file, with a digest that changes when its content does."""
    return f"{root()}/static/{file}?v={_file_digest(Path(current_app.static_folder or ''), file)}"


def asset_text(file: str) -> str:
    """Return what a static file says."""
    return (Path(current_app.static_folder or "") / file).read_text(encoding="utf-8")


def path(place: str) -> str:
    """Return the path of ``place`` on this host, by whatever name the reader came in."""
    return f"{root()}{place}"


def _theme_url(publication: model.Publication) -> str:
    digest = _digest(rendering.theme_css(publication.accent).encode())
    return f"{root()}/theme/{publication.slug}.css?v={digest}"


def root() -> str:
    """Return the path of ``base_url``: not empty where a proxy serves us below a folder."""
    return urlsplit(settings.base_url).path


@cache
def _file_digest(folder: Path, file: str) -> str:
    return _digest((folder / file).read_bytes())


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
