"""Typesetting: a page of HTML becomes a PDF, in a process of its own that has bounds.

WeasyPrint does it, which is an extra (``newsletter[pdf]``) and needs Pango from the system; it is
loaded in that process alone. It gets the pictures handed and reaches neither the net nor a file.
"""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from ctypes.util import find_library
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from newsletter.errors import NotTypeset

SECONDS = 120
"""How long one PDF may take."""
MEMORY = 3 * 1024**3
"""Octets of memory that one PDF may take."""
LARGEST = 60 * 1024**2
"""Octets of a PDF."""
PICTURE = "picture:"
"""What the addresses of pictures begin with; the name of the picture follows."""

_ENGINE = "weasyprint"
_PACKAGE = str(Path(__file__).parents[1])
_LIBRARIES = ("pango-1.0", "pangoft2-1.0")


@cache
def lacking() -> tuple[str, ...]:
    """Name what is not installed and has to be: weasyprint, pango-1.0, pangoft2-1.0."""
    engine = () if find_spec(_ENGINE) else (_ENGINE,)
    return (*engine, *(name for name in _LIBRARIES if not find_library(name)))


@cache
def engine() -> str:
    """Name the engine with its version, on which a PDF depends too."""
    return "" if lacking() else f"{_ENGINE} {version(_ENGINE)}"


def typeset(
    html: str, pictures: Mapping[str, bytes], *, universal: bool = False, seconds: float = SECONDS
) -> bytes:
    """Make a tagged PDF of ``html``, whose pictures are ``pictures`` by name; raise NotTypeset.

    One that is ``universal`` declares that it keeps to PDF/UA-1: its HTML has to be in one
    language, for the tags do not say that of parts.
    """
    if lacking():
        raise NotTypeset(f"Not installed: {', '.join(lacking())}")
    files = {name: b64encode(content).decode() for name, content in pictures.items()}
    try:
        made = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", __name__],
            input=json.dumps({"html": html, "pictures": files, "universal": universal}).encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
            # No setting of ours goes along, and none of our secrets.
            env={"PYTHONPATH": _PACKAGE, "HOME": str(Path.home()), "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise NotTypeset(f"It took longer than {seconds:g} seconds") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NotTypeset(" ".join(last) or f"It ended with {error.returncode}") from error
    if not made.stdout.startswith(b"%PDF-") or len(made.stdout) > LARGEST:
        raise NotTypeset("What came is no PDF, or too large")
    return made.stdout


def _work() -> None:
    """Do the work of the process: read what to typeset, write the PDF."""
    import resource  # which not every system has

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    given = json.loads(sys.stdin.buffer.read())
    pictures = {name: b64decode(content) for name, content in given["pictures"].items()}
    pdf = _typeset(given["html"], pictures, universal=given["universal"])
    sys.stdout.buffer.write(pdf)


def _typeset(html: str, pictures: Mapping[str, bytes], *, universal: bool) -> bytes:
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Pictures(URLFetcher):  # type: ignore[misc,unused-ignore]
        """Finds what was handed, and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            if not url.startswith(PICTURE):
                raise FatalURLFetchingError(f"{url[:200]} is not one of its pictures")
            return URLFetcherResponse(url, pictures[url.removeprefix(PICTURE)])

    page = HTML(string=html, url_fetcher=Pictures())
    made = page.write_pdf(pdf_variant="pdf/ua-1" if universal else None, pdf_tags=True)
    return bytes(made)


if __name__ == "__main__":
    _work()
