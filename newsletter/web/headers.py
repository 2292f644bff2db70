"""What every answer says beside its content: what a page may do, and how long it may be kept."""

from urllib.parse import urlsplit

from flask import Response, request

from newsletter.web.context import settings

FOREVER = "public, max-age=31536000, immutable"
"""For addresses that change with their content."""


def complete(answer: Response) -> Response:
    """Add to ``answer`` what its view did not say itself."""
    answer.headers.setdefault("Content-Security-Policy", content_policy())
    answer.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if settings.base_url.startswith("https://"):
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint in {"static", "public.theme"} and "v" in request.args:
        answer.headers["Cache-Control"] = FOREVER
    answer.headers.setdefault("Cache-Control", "no-cache")
    # What is still being made has no digest yet.
    whole = answer.status_code == 200 and not answer.is_streamed
    if whole and request.method in {"GET", "HEAD"}:
        answer.add_etag()
        answer.make_conditional(request)
    return answer


def keep_secret(answer: Response) -> Response:
    """Keep a link out of caches, referrers and indexes; whoever has it can act by it."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def content_policy(**directives: str) -> str:
    """Write the Content-Security-Policy of the house, with ``directives`` added or replaced."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": own_images(),
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    } | {name.replace("_", "-"): value for name, value in directives.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def own_images() -> str:
    """Name the sources of our images: this host, also by the name that issues give it."""
    base = urlsplit(settings.base_url)
    return f"'self' {base.scheme}://{base.netloc}"
