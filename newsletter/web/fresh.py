"""Public pages that a reader has already: told by one digest, without making the page.

What changes a page is what is published and how this program shows it, so that both are in its
ETag; nothing in a page depends on who asks, but for the language where the answer says so.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.http import is_resource_modified

from newsletter import __version__, config, issues, typesetting
from newsletter.web.context import reader_language, settings

SHORT = "public, max-age=60, must-revalidate"
"""How long readers and proxies keep a public page before they ask whether it is still so."""


def answer(
    session: Session,
    make: Callable[[], Response],
    *,
    changed_at: datetime | None = None,
    by_language: bool = False,
) -> Response:
    """Answer with what ``make`` makes, or with 304 to whoever has it already.

    ``changed_at`` is said where clients ask by date, as readers of feeds do. A page
    ``by_language`` is in the language that the browser asks for.
    """
    language = reader_language() if by_language else ""
    state = issues.state_of(session, datetime.now(UTC))
    facts = (state, _program(), settings.base_url, language, request.full_path)
    tag = sha256("\n".join(facts).encode("utf-8", "replace")).hexdigest()[:24]
    known = not is_resource_modified(request.environ, tag, last_modified=changed_at)
    made = Response(status=304) if known else make()
    if made.status_code in {200, 304}:
        # Weak: a proxy may compress it.
        made.set_etag(tag, weak=True)
        made.last_modified = changed_at
        made.headers["Cache-Control"] = SHORT
        if by_language:
            made.vary.add("Accept-Language")
    return made


@cache
def _program() -> str:
    """Return a digest of all that pages are made with."""
    digest = sha256(f"{__version__} {typesetting.engine()}".encode())
    package = Path(config.__file__).parent
    for folder in (config.folder("templates"), package):
        for file in sorted(folder.rglob("*")):
            if file.suffix in {".css", ".html", ".js", ".po", ".py", ".svg", ".txt", ".xml"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()
