"""Who may see which page of the desk: sign-ins by cookie, permissions, forms that are ours.

Every view says what it needs; one that does not is refused to everybody. What changes something
must come from a page of ours: the browser says so itself (Sec-Fetch-Site, Origin), and the form of
a signed-in editor carries a token that follows from the sign-in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.local import LocalProxy

from newsletter.desk import Permission, Presence, may, sign_ins
from newsletter.desk.passkeys import House
from newsletter.errors import Forbidden, NotFound, TooLarge
from newsletter.language import marked as _
from newsletter.web.context import database, links, root, settings
from newsletter.web.origin import network

View = TypeVar("View", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=StrEnum)

bp = Blueprint("desk", __name__, url_prefix="/desk")

_NEXT = re.compile(r"/desk(/[a-z0-9-]+)*(\?[a-z]+=[0-9]+)?", re.ASCII)
"""Where one may be led after signing in: pages of the desk, on this host."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a view asks of whoever comes: nothing, a permission, a fresh proof of who it is.

    ``largest`` is how many bytes its form may have, where that is more than usual.
    """

    permission: Permission | None
    fresh: bool = False
    largest: int = 0


def needs(
    permission: Permission, *, fresh: bool = False, largest: int = 0
) -> Callable[[View], View]:
    """Let only editors with ``permission`` see a view; ``fresh`` asks who it is once more.

    The view takes forms of ``largest`` bytes, where that is more than usual.
    """
    return lambda view: _mark(view, Need(permission, fresh, largest))


def for_strangers(view: View) -> View:
    """Let everyone see a view, as those must who come to sign in."""
    return _mark(view, Need(None))


def _mark(view: View, need: Need) -> View:
    view.need = need  # type: ignore[attr-defined]
    return view


def need_of(endpoint: str) -> Need | None:
    """Return what the view of ``endpoint`` needs; None for one that does not say."""
    return getattr(current_app.view_functions.get(endpoint), "need", None)


presence = cast("Presence", LocalProxy(lambda: g.presence))
"""The editor who is signed in, in views that need a permission."""


def here() -> Presence | None:
    """Return the editor who is signed in, if anybody is."""
    return cast("Presence | None", g.get("presence"))


@bp.before_request
def check() -> Response | None:
    """Let the request pass, lead to where one signs in, or raise Forbidden or NotFound."""
    need = need_of(request.endpoint or "")
    if need is None:
        raise Forbidden
    if any(isinstance(n, int) and n >= 2**63 for n in (request.view_args or {}).values()):
        raise NotFound  # a number that no database counts to
    now = datetime.now(UTC)
    g.presence = _recognised(now)
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if changes and not _comes_from_us():
        raise Forbidden(_FOREIGN)
    if need.permission is None:
        return None
    if g.presence is None:
        return lead(to("sign_in", next="" if changes else full_path()))
    if need.largest:
        request.max_content_length = request.max_form_memory_size = need.largest
    if changes and not compare_digest(_token().encode(), form_token().encode()):
        raise Forbidden(_FOREIGN)
    if not may(presence.role, need.permission):
        raise Forbidden
    if need.fresh and not presence.is_fresh(now):
        return lead(to("prove", next=full_path()))
    return None


def _token() -> str:
    """Return the token of the form that was sent, which is read here; raise TooLarge."""
    try:
        return request.form.get("token", "")
    except RequestEntityTooLarge as error:
        raise TooLarge(_LARGE) from error


_LARGE = _("That is more than the desk takes at once, so nothing of it was kept. Send less.")
_FOREIGN = _("This form is too old, or did not come from this desk. Open the page again.")


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Keep the desk out of caches and indexes, and its addresses out of others' logs.

    The referrer stays within the desk: without any, browsers would not say where a form comes from.
    """
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def kind_of(kinds: type[Kind], word: str) -> Kind:
    """Return the one of ``kinds`` that a word of the path names; raise NotFound."""
    try:
        return kinds(word)
    except ValueError as error:
        raise NotFound from error


def to(view: str, **values: Any) -> str:
    """Return the path of a view of the desk; what is empty is left out of the query."""
    kept = {name: value for name, value in values.items() if value != ""}
    rules = current_app.url_map.iter_rules(f"{bp.name}.{view}")
    inside = {name for rule in rules for name in rule.arguments}
    path = url_for(f"{bp.name}.{view}", **{k: v for k, v in kept.items() if k in inside})
    query = urlencode({name: value for name, value in kept.items() if name not in inside})
    return root() + path + (f"?{query}" if query else "")


def lead(path: str) -> Response:
    """Lead on to ``path`` by GET, after a form that did what it was for."""
    return Response(status=303, headers={"Location": path})


def full_path() -> str:
    """Return where we are, to come back to."""
    query = request.query_string.decode("ascii", "replace")
    return request.path + (f"?{query}" if query else "")


def back(default: str = "today") -> str:
    """Return where ``next`` leads, if that is a page of the desk, else to the ``default`` view."""
    wanted = request.values.get("next", "")
    return root() + wanted if _NEXT.fullmatch(wanted) else to(default)


def house() -> House:
    """Return who asks for passkeys and codes: this installation, by the name of its host."""
    named = House("", links)
    return House(named.host, links)


def program() -> str:
    """Say which browser asks, roughly: "Firefox, Windows"."""
    words = request.user_agent.string
    pairs = ((_BROWSERS, "?"), (_SYSTEMS, "?"))
    found = [next((name for mark, name in marks if mark in words), none) for marks, none in pairs]
    return ", ".join(found)


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def cookie_name() -> str:
    """Name the cookie; with HTTPS so that no other host of the domain can set it (RFC 6265bis)."""
    return "__Host-desk" if _is_encrypted() else "desk"


def set_cookie(answer: Response, token: str) -> Response:
    """Give the browser the token of a sign-in."""
    answer.set_cookie(
        cookie_name(),
        token,
        max_age=sign_ins.LIFE,
        secure=_is_encrypted(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def drop_cookie(answer: Response) -> Response:
    """Have the browser forget its token."""
    answer.delete_cookie(cookie_name(), secure=_is_encrypted(), httponly=True, samesite="Lax")
    return answer


def form_token() -> str:
    """Return what the forms of this sign-in carry; it tells nothing of the sign-in's own token."""
    return sha256(b"form:" + request.cookies.get(cookie_name(), "").encode()).hexdigest()


def _recognised(now: datetime) -> Presence | None:
    token = request.cookies.get(cookie_name(), "")
    if not token:
        return None
    with database.reading() as session:
        found = sign_ins.recognise(session, token, now, origin=network())
    if found and sign_ins.is_due(found, now):
        with database.transaction() as session:
            sign_ins.touch(session, found, now)
    return found


def _comes_from_us() -> bool:
    """Tell whether a form was sent by a page of ours, as every browser of today says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin in {house().origin, request.host_url.rstrip("/")}


def _is_encrypted() -> bool:
    return settings.base_url.startswith("https://")
