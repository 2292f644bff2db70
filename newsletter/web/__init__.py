"""The Flask application: public pages, those of subscribers, the desk, and the local mailbox.

The only package that knows Flask. A view asks a service and shows its answer; what a service raises
becomes a status by the table here and a calm page in the reader's language.
"""

from functools import partial

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from newsletter import config
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    LinkInvalid,
    NewsletterError,
    NotFound,
    TooLarge,
)
from newsletter.web import (
    api,
    clicking,
    confirming,
    desk,
    feeds,
    giving,
    headers,
    hooks,
    leaving,
    mailbox,
    managing,
    printing,
    public,
    reuse,
    subscribing,
)
from newsletter.web.context import Context, page

STATUS: dict[type[NewsletterError], int] = {
    NotFound: 404,
    Invalid: 422,
    TooLarge: 413,
    Conflict: 409,
    Forbidden: 403,
    LinkInvalid: 400,
    LimitReached: 429,
}
"""What each error is to HTTP; one that is not here is a fault of ours, 500."""

LARGEST_BODY = 64 * 1024
"""Bytes of a request; nothing public takes more than a short form."""


def create_app(settings: Settings, database: Database) -> Flask:
    """Build the application on ``database``, which stays the caller's to close."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions[Context.name] = Context(settings, database)
    # Werkzeug would redirect to whatever host the request names; our views redirect themselves.
    app.url_map.merge_slashes = False
    if proxies := settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies)  # type: ignore[method-assign]
    for part in (
        public,
        clicking,
        feeds,
        giving,
        hooks,
        printing,
        reuse,
        subscribing,
        confirming,
        leaving,
        managing,
        api,
        desk,
        mailbox,
    ):
        app.register_blueprint(part.bp)
    app.before_request(_refuse_controls)
    app.after_request(headers.complete)
    app.register_error_handler(HTTPException, _show_refusal)
    for kind, status in STATUS.items():
        app.register_error_handler(kind, partial(_show_error, status))
    return app


def _refuse_controls() -> None:
    """Refuse a path with a NUL, which names nothing here and which PostgreSQL has no letter for."""
    if "\0" in request.path:
        raise NotFound


def wsgi() -> Flask:
    """Build the application from the environment: the factory that a WSGI server loads."""
    settings = config.load()
    return create_app(settings, Database(settings.database_url))


def _show_error(status: int, error: NewsletterError) -> Response:
    if request.blueprint == desk.bp.name:
        return desk.show_error(status, error)
    return _answer(status, error.message)


def _show_refusal(error: HTTPException) -> Response:
    """Answer what Flask itself refuses, with the headers that belong to it, such as Allow."""
    answer = _answer(error.code or 500, error.name)
    answer.headers.extend(pair for pair in error.get_headers() if pair[0] != "Content-Type")
    return answer


def _answer(status: int, sentence: str) -> Response:
    """Give people a page, and one plain sentence to what did not ask for HTML by name."""
    if request.accept_mimetypes.best_match(["text/plain", "text/html"]) == "text/html":
        return page("public/error.html", status=status)
    return Response(f"{sentence}\n", status, mimetype="text/plain")
