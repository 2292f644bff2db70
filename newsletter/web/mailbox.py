"""The local mailbox in the browser: what the newsletter sends as long as no relay is set.

Mail is content from outside. Its HTML is shown in a sandboxed frame, without scripts or forms, and
may load images from this host only.
"""

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from newsletter.errors import NotFound
from newsletter.web.context import mailbox, page, settings
from newsletter.web.framing import SANDBOX, with_new_tabs
from newsletter.web.headers import content_policy, own_images

WIDTHS = (360, 700)
"""Widths of the frame in CSS pixels: a phone, and a mail program on a desk."""

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@bp.before_request
def stay_local() -> None:
    """Answer to this machine's own names only: a foreign name may lead here (DNS rebinding)."""
    here = {"localhost", "127.0.0.1", "::1", urlsplit(settings.base_url).hostname}
    if not settings.has_mailbox or urlsplit(f"//{request.host}").hostname not in here:
        raise NotFound


@bp.get("", strict_slashes=False)
def inbox() -> Response:
    """List the mails, newest first."""
    return _listing("mailbox/inbox.html", mailbox.version())


@bp.get("/rows")
def rows() -> Response:
    """Give the list alone, if it is another than the page that refreshes itself has."""
    version = mailbox.version()
    if version in request.if_none_match:
        return Response(status=304)
    answer = _listing("mailbox/_rows.html", version)
    answer.set_etag(version)
    return answer


@bp.get("/<int:number>")
def mail(number: int) -> Response:
    """Show a mail as its reader sees it."""
    asked = request.args.get("width", type=int)
    width = asked if asked in WIDTHS else WIDTHS[-1]
    mail = mailbox.get(number)
    answer = page("mailbox/mail.html", mail=mail, view="html", width=width, widths=WIDTHS)
    answer.headers["Content-Security-Policy"] = content_policy(frame_src="'self'")
    return answer


@bp.get("/<int:number>/<any(text, headers, source):view>")
def part(number: int, view: str) -> Response:
    """Show the text, the headers or the source of a mail."""
    mail = mailbox.get(number)
    source = mail.content.decode("utf-8", "replace")
    return page("mailbox/mail.html", mail=mail, view=view, source=source)


@bp.get("/<int:number>/html")
def frame(number: int) -> Response:
    """Send the HTML of a mail for the frame: no scripts, no forms, links into new tabs."""
    answer = Response(with_new_tabs(mailbox.get(number).html), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = content_policy(
        sandbox=SANDBOX,
        script_src="'none'",
        style_src="'unsafe-inline'",
        img_src=f"{own_images()} data:",
        connect_src="'none'",
        form_action="'none'",
        frame_ancestors="'self'",
    )
    return answer


@bp.get("/<int:number>.eml")
def download(number: int) -> Response:
    """Send a mail as it came over the wire."""
    answer = Response(mailbox.get(number).content, mimetype="message/rfc822")
    answer.headers["Content-Disposition"] = f'attachment; filename="mail-{number}.eml"'
    return answer


@bp.after_request
def keep_private(answer: Response) -> Response:
    """Keep other people's mail out of shared caches and referrers."""
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _listing(template: str, version: str) -> Response:
    """Show the list; the version is taken first, so that what comes meanwhile is noticed later."""
    return page(template, headings=mailbox.list(), version=version, listen=settings.mailbox)
