"""Hundreds of inputs that mean harm, against the pages of the desk: none does any.

Each is sent as an editor would send it. What is taken is shown as text; what is refused is refused
in words, and leaves no row behind. A page is looked at as a browser reads it: no script but our
own, no handler, no address that runs, in the page or in the frames that it holds.
"""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import cycle
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, literal, select, union_all
from werkzeug.test import TestResponse

import make
from newsletter import issues, model
from newsletter.manuscripts import Article, Licence
from newsletter.model import Role
from web.desk.conftest import OURS, PASSWORD, Browser, Desk
from web.desk.test_appeals import APPEAL, TERMS, in_language
from web.desk.test_settings import LICENCE, PUBLICATION

TEXTS = {
    "a script": "<script>alert(1)</script>",
    "a script that is cut": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "a picture that fails": "<img src=x onerror=alert(1)>",
    "the end of an attribute": '"><svg onload=alert(1)>',
    "the end of a quoted attribute": "' autofocus onfocus='alert(1)",
    "the end of a field": "</textarea></title></style><script>alert(1)</script>",
    "the end of a comment": "--><script>alert(1)</script><!--",
    "an address that runs": "[Read](javascript:alert(1)) <a href='javascript:alert(1)'>me</a>",
    "an address of data": "![x](data:text/html;base64,PHNjcmlwdD4=)",
    "a frame": '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>',
    "a base": "<base href='https://evil.example.net/'>",
    "a template": "{{ 7 * 7 }} {% for a in config %}{{ a }}{% endfor %} {#",
    "words for gettext": "%(name)s %s %d %% {0} {name}",
    "SQL": "Robert'); DROP TABLE subscribers; --",
    "wildcards of SQL": "%_\\%' OR '1'='1",
    "a header": "Ice\r\nBcc: everybody@example.org\r\n\r\nBody",
    "NUL": "Ice\x00cap",
    "controls": "Ice\x1b[31m\x07\x08\x7f\x85",
    "right to left": "\u202eevil\u202c \u2066\u2067مرحبا\u2069",
    "a pile of marks": "Z" + "\u0301\u0316\u0334" * 200,
    "no width": "\u200b\u200d\ufeff\u2060",
    "slots of ours": "\ue000unsubscribe\ue001 \uf8ff",
    "letters beyond": "\U0001f469\u200d\U0001f4bb \U000e0001 \U0010fffd",
    "a formula": '=HYPERLINK("https://evil.example.net","Click")',
    "a path": "../../../../etc/passwd\\..\\..",
    "front matter": "---\nheadline: Mine\n---\n",
    "a reference of a million": "&#" + "9" * 5_000 + ";&#x110000;&bogus;",
    "20,000 characters": "x" * 20_000,
    "20,000 brackets": "[" * 20_000,
}

PLACES: dict[str, tuple[Role, str, dict[str, Any]]] = {
    "headline of a new issue": (
        Role.WRITER,
        "issues/new",
        {"publication": "baltic", "headline": 0},
    ),
    "headline": (Role.EDITOR, "issues/{issue}", {"headline-0": 0}),
    "lead": (Role.EDITOR, "issues/{issue}", {"headline-0": "Ice", "lead-0": 0}),
    "the rest of an article": (
        Role.EDITOR,
        "issues/{issue}",
        {"headline-0": "Ice", "subject": 0}
        | {f"{name}-0": 0 for name in ("body", "kicker", "tags", "authors", "picture", "alt")},
    ),
    "preview": (
        Role.EDITOR,
        "issues/{issue}/preview/live",
        {"headline-0": 0, "lead-0": 0, "body-0": 0},
    ),
    "comment": (Role.EDITOR, "issues/{issue}/approval/comment", {"comment": 0}),
    "a pasted text": (Role.EDITOR, "bring-in", {"text": 0}),
    "an address to fetch": (Role.EDITOR, "bring-in", {"address": 0}),
    "addresses of a test": (Role.EDITOR, "issues/{issue}/preview/test", {"addresses": 0}),
    "name of a subscriber": (
        Role.EDITOR,
        "subscribers/new",
        {"address": "new@one.example", "name": 0, "publication": "{publication}", "how": "ask"},
    ),
    "address of a subscriber": (
        Role.EDITOR,
        "subscribers/new",
        {"address": 0, "name": "", "publication": "{publication}", "how": "ask"},
    ),
    "correction": (Role.EDITOR, "subscribers/{person}/correct", {"name": 0, "language": 0}),
    "a tag": (Role.EDITOR, "subscribers/{person}/tags", {"tag": 0}),
    "an erratum": (Role.EDITOR, "issues/{issue}/corrections", {"text": 0}),
    "waves": (
        Role.EDITOR,
        "issues/{issue}/schedule/waves",
        dict.fromkeys(("subject", "share", "wait", "rule", "segment", "lead", "until_day"), 0),
    ),
    "search": (Role.EDITOR, "subscribers/search", {"words": 0}),
    "an address to suppress": (Role.EDITOR, "subscribers/suppressed", {"address": 0}),
    "a block": (Role.EDITOR, "subscribers/blocked", {"pattern": 0, "reason": 0}),
    "a segment": (Role.EDITOR, "segments/new", {"name": 0, "languages": 0, "tags": 0}),
    "a publication": (
        Role.OWNER,
        "settings/publications/new",
        PUBLICATION | {"name": 0, "slug": "other", "description": 0, "postal_address": 0},
    ),
    "a licence": (Role.OWNER, "settings/licences/new", LICENCE | {"name": 0, "text_terms": 0}),
    "an appeal": (
        Role.EDITOR,
        "appeals/new",
        APPEAL | {"name": 0, "title-own": 0, "text-own": 0, "destination-own": 0},
    ),
    "terms of an appeal": (
        Role.EDITOR,
        "appeals/{appeal}/terms",
        TERMS
        | dict.fromkeys(("language", "place", "starts_on", "goal", "goal_currency"), 0)
        | dict.fromkeys(("every", "rest_days", "publications"), 0),
    ),
    "a variant": (
        Role.EDITOR,
        "appeals/{appeal}/variants/{variant}",
        {"name": 0, "weight": "1", **in_language("en"), "title-en": 0, "text-en": 0, "is_on": 0},
    ),
    "the appeal of an issue": (
        Role.EDITOR,
        "issues/{issue}/appeal",
        dict.fromkeys(("kind", "which", "place", "paragraph", "share"), 0),
    ),
    "an invitation": (Role.OWNER, "team/invite", {"name": 0, "address": 0, "role": 0}),
}
"""Who sends what where; 0 stands for the input."""

HARMLESS = {200, 204, 303}
REFUSED = {400, 403, 404, 409, 413, 415, 422, 429}


class _Looked(HTMLParser):
    """What a page would run."""

    def __init__(self) -> None:
        super().__init__()
        self.harm: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.harm.append(f"a script {given}")
        if tag in {"object", "embed", "applet"} or (tag == "base" and "href" in given):
            self.harm.append(tag)
        for name, value in attrs:
            said = re.sub(r"\s", "", value or "").lower()
            if name.startswith("on") or said.startswith(("javascript:", "vbscript:", "data:text")):
                self.harm.append(f"{tag} {name}={value}")
            if name == "srcdoc":
                if "sandbox" not in given or "allow-scripts" in (given["sandbox"] or ""):
                    self.harm.append("a frame out of its box")
                self.harm += harm_in(value or "")


def harm_in(html: str) -> list[str]:
    """Say what in a page could run that is not ours."""
    looked = _Looked()
    looked.feed(html)
    looked.close()
    return looked.harm


_COUNTS = union_all(
    *(
        select(literal(table.name), func.count()).select_from(table)
        for table in model.Base.metadata.sorted_tables
        if "limit" not in table.name
    )
)


def rows(desk: Desk) -> dict[str, int]:
    """Count the rows of every table, but for the counters of limits."""
    with desk.database.reading() as session:
        return dict(session.execute(_COUNTS).all())


def complaint(answer: TestResponse, before: dict[str, int], desk: Desk) -> str:
    """Say what is wrong with an answer to what means harm; nothing if it is as it should be."""
    text = answer.text if (answer.mimetype or "").startswith(("text/", "application/json")) else ""
    if answer.status_code not in HARMLESS | REFUSED:
        return f"was answered {answer.status_code}"
    if "Traceback (most" in text or "sqlalchemy" in text.lower():
        return "shows the inside"
    if answer.mimetype == "text/html" and (harm := harm_in(text)):
        return f"does harm: {harm[:2]}"
    if answer.status_code in REFUSED:
        if len(re.sub(r"<[^>]+>|\s", "", text)) < 20:
            return f"is refused without a word ({answer.status_code})"
        if rows(desk) != before:
            return "is refused, and left something behind"
    return ""


@pytest.fixture
def known(desk: Desk) -> dict[str, str]:
    """Numbers of what is there: an issue, its publication, a person."""
    with desk.database.transaction() as session:
        publication = make.publication(session, slug="baltic", kicker="BALTIC MONITOR")
        article = Article("Ice on the canal", "The locks close.", licence=Licence("Free."))
        issue = issues.draft(session, publication, (article,), make.NOW)
        person = make.subscriber(session)
        appeal = make.appeal(session)
        variant = make.appeal_variant(session, appeal_id=appeal.id, name="B")
        make.appeal_words(session, variant_id=variant.id)
        return {
            "issue": str(issue.id),
            "publication": str(publication.id),
            "person": str(person.id),
            "appeal": str(appeal.id),
            "variant": str(variant.id),
        }


BOTH = ("sqlite", "postgresql")
ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("database", "place"), [*zip(cycle(BOTH), PLACES)], indirect=["database"])
def test_no_text_does_harm_anywhere(desk: Desk, known: dict[str, str], place: str) -> None:
    role, path, form = PLACES[place]
    browser, path = desk.enter(role), f"/desk/{path.format(**known)}"
    wrong = []
    for name, text in TEXTS.items():
        filled = {
            field: text if value == 0 else str(value).format(**known)
            for field, value in form.items()
        }
        if "headline-0" in form:
            with desk.database.reading() as session:
                version = issues.fetch(session, int(known["issue"])).version
            filled |= {"version": str(version), "article": "0"}
        before = rows(desk)
        answer = browser.send(path, **filled)
        found = complaint(answer, before, desk)
        if not found and answer.status_code == 303:
            shown = browser.get(answer.headers["Location"])
            found = complaint(shown, rows(desk), desk)
        if not found and answer.is_json:
            found = "; ".join(harm_in(answer.get_json().get("html", "")))
        if found:
            wrong.append(f"{name}: {found}")
    assert wrong == []
    for page in ("", "/issues", "/subscribers", "/segments", "/appeals"):
        assert complaint(browser.get(f"/desk{page}"), rows(desk), desk) == "", page


def _png(width: int, height: int) -> bytes:
    """Return the head of a PNG that says it is so large."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    head = b"IHDR" + size
    check = zlib.crc32(head).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + len(size).to_bytes(4, "big") + head + check


def _jpeg(**more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(file, "JPEG", **more)
    return file.getvalue()


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a drawing": (lambda: _SVG, "ice.svg"),
    "a drawing in disguise": (lambda: _SVG, "ice.png"),
    "a drawing with a beginning": (lambda: b"<?xml version='1.0'?><!-- -->" + _SVG, "ice.jpg"),
    "a packed drawing": (lambda: zlib.compress(_SVG), "ice.svgz"),
    "a page": (lambda: b"<html><script>alert(1)</script>", "ice.png"),
    "a page behind a sign": (lambda: b"GIF89a/*<script>alert(1)</script>*/", "ice.gif"),
    "nothing": (lambda: b"", "ice.png"),
    "a program": (lambda: b"MZ\x90\0" + b"\0" * 500, "ice.png.exe"),
    "a PDF": (lambda: b"%PDF-1.7 /JavaScript", "ice.pdf"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "ice.eps"),
    "half a picture": (lambda: _jpeg()[:300], "ice.jpg"),
    "a picture of gigapixels": (lambda: _png(50_000, 50_000), "ice.png"),
    "a picture of no size": (lambda: _png(0, 0), "ice.png"),
    "a line": (lambda: _png(60_000_000, 1), "ice.png"),
    "31 MB": (lambda: _jpeg() + b"\0" * 31 * 1024 * 1024, "ice.jpg"),
    "a picture with a page behind it": (lambda: _jpeg() + b"<script>alert(1)</script>", "ice.jpg"),
    "a picture with a page inside": (lambda: _jpeg(comment=b"<script>x</script>"), "ice.jpg"),
    "a name that climbs": (_jpeg, "../../../../etc/cron.d/ice.jpg"),
    "a name of Windows": (_jpeg, "C:\\boot\\ice.jpg:stream"),
    "a name that is a script": (_jpeg, "<script>alert(1)</script>.jpg"),
    "a name that is long": (_jpeg, "x" * 4_000 + ".jpg"),
    "a name from right to left": (_jpeg, "ice\u202egpj.exe"),
    "no name": (_jpeg, ".jpg"),
}
TAKEN = ("a picture with", "a name", "no name")
"""How those begin that are pictures in the end."""
RIGHTS = {"alt": "Ice", "credit": "A. Nowak", "source": "", "basis": "own", "whose": ""}


@ONE
def test_no_picture_does_harm(desk: Desk) -> None:
    browser, wrong = desk.enter(Role.WRITER), []
    for name, (make_it, called) in PICTURES.items():
        before = rows(desk)
        answer = browser.send("/desk/library/new", file=(io.BytesIO(make_it()), called), **RIGHTS)
        found = complaint(answer, before, desk)
        if found or (answer.status_code == 303) != name.startswith(TAKEN):
            wrong.append(f"{name}: {found or answer.status_code}")
    assert wrong == []
    with desk.database.reading() as session:
        shelf = issues.library(session)
        assert shelf
        for each in shelf:
            image = issues.fetch_shelved(session, each.id)
            assert re.fullmatch(r"[0-9a-f]+\.(png|jpeg)", image.name), "a name of ours"
            assert b"<script>" not in image.content
            shown = browser.client.get(f"/image/{image.name}")
            assert shown.headers["X-Content-Type-Options"] == "nosniff"
            assert shown.mimetype in {"image/png", "image/jpeg"}


MANUSCRIPTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page of scripts": (
        lambda: b"<h1>Ice</h1><script>alert(1)</script><p onclick=x>It <b onload=y>went</b> out.",
        "a.html",
    ),
    "a page of addresses that run": (
        lambda: b"<h1>Ice</h1><p>It <a href=' java\tscript:alert(1)'>went</a> out.</p>",
        "a.html",
    ),
    "a page 100,000 deep": (lambda: b"<div>" * 100_000 + b"It went out.", "a.html"),
    "a page of 300,000 paragraphs": (lambda: b"<p>Ice.</p>" * 300_000, "a.html"),
    "a page of references": (lambda: b"<h1>Ice</h1><p>&#" + b"9" * 100_000 + b";", "a.html"),
    "a page in an encoding that is none": (
        lambda: b"<meta charset=rot13><h1>Ice</h1><p>\xff\xfe</p>",
        "a.html",
    ),
    "front matter that runs": (
        lambda: b"---\nheadline: !!python/object/apply:os.system ['id']\n---\n\nText.",
        "a.md",
    ),
    "front matter that laughs": (
        lambda: b"---\nheadline: &a [x]\ntags: [*a, *a, *a]\n---\n\nText.",
        "a.md",
    ),
    "Markdown of addresses that run": (
        lambda: (
            b"# <script>x</script>\n\n[Go](javascript:alert(1)) ![x](data:text/html,y)\n\n"
            b"<img src=x onerror=alert(1)>\n\n[^a]: <b onload=y>"
        ),
        "a.md",
    ),
    "notes within notes": (
        lambda: b"# Ice\n\nx[^a]\n\n" + b"[^a]: x[^a]\n\n    y\n\n" * 4_000,
        "a.md",
    ),
    "a megabyte of brackets": (lambda: b"# Ice\n\n" + b"[" * 1_000_000, "a.md"),
    "octets of no text": (lambda: bytes(range(256)) * 40, "a.txt"),
    "a program called text": (lambda: b"\x7fELF\x02\x01" + b"\0" * 99, "a.txt"),
    "six million letters": (lambda: b"x" * 6_000_000, "a.txt"),
    "a name that climbs": (lambda: b"Ice\n\nIt went.\n\nIt came.", "../../../etc/passwd"),
    "a name that is a script": (lambda: b"Ice\n\nIt went.\n\nIt came.", "<script>1</script>.txt"),
}


@ONE
def test_no_manuscript_does_harm(desk: Desk) -> None:
    browser, wrong = desk.enter(Role.WRITER), []
    for name, (make_it, called) in MANUSCRIPTS.items():
        before = rows(desk)
        answer = browser.send("/desk/bring-in", file=(io.BytesIO(make_it()), called))
        found = complaint(answer, before, desk)
        if not found and answer.status_code == 303:
            shown = browser.get(answer.headers["Location"])
            found = complaint(shown, rows(desk), desk) or "root:" * ("root:" in shown.text)
        if found:
            wrong.append(f"{name}: {found}")
    assert wrong == []


FILES = {
    "no letters": b"",
    "NUL": b"email\nanna@one.example\x00\n",
    "a page": b"<html><script>alert(1)</script></html>",
    "a script for an address": b"email\n<script>alert(1)</script>@one.example\n",
    "a script for a column": b"<script>alert(1)</script>,email\nx,anna@one.example\n",
    "a formula": b"email,name\nanna@one.example,\"=cmd|' /C calc'!A0\"\n",
    "a quote that never ends": b'email,name\n"anna@one.example,x\n' + b"y" * 300_000,
    "5,000 columns": b",".join(b"c%d" % n for n in range(5_000)) + b"\n" + b"," * 5_000,
    "a line of two million": b"email\n" + b"x" * 2_000_000,
    "a packed bomb": zlib.compress(b"\0" * 5_000_000),
    "JSON 5,000 deep": b'{"email": ' + b"[" * 5_000 + b"]" * 5_000 + b"}\n",
    "numbers without end": b'{"email": ' + b"9" * 9_000 + b"}\n",
    "half a letter": b"email\n\xff\xfe\xff\n",
}


@ONE
def test_no_file_of_subscribers_does_harm(desk: Desk) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="baltic")
    browser, wrong = desk.enter(Role.EDITOR), []
    for name, content in FILES.items():
        before = rows(desk)
        file = (io.BytesIO(content), "<script>alert(1)</script>.csv")
        answer = browser.send("/desk/subscribers/import", file=file)
        found = complaint(answer, before, desk)
        if not found and answer.status_code == 303:
            found = complaint(browser.get(answer.headers["Location"]), rows(desk), desk)
        if found:
            wrong.append(f"{name}: {found}")
    assert wrong == []


_GIFTS = "date,amount,currency,reference,transaction\n"
GIFTS = {
    **{name: content.decode("latin-1") for name, content in FILES.items()},
    "an amount without end": f"{_GIFTS}2026-11-20,{'9' * 400}.00,EUR,,tx-1\n",
    "an amount of another kind": f"{_GIFTS}2026-11-20,1e308,EUR,,tx-1\n2026-11-20,NaN,EUR,,tx-2\n",
    "a day that is none": f"{_GIFTS}99999-99-99,5.00,EUR,,tx-1\n",
    "a currency that is a script": f"{_GIFTS}2026-11-20,5.00,<script>,,tx-1\n",
    "a transaction that is a script": f"{_GIFTS}2026-11-20,5.00,EUR,x,<script>alert(1)</script>\n",
    "a transaction of a megabyte": f"{_GIFTS}2026-11-20,5.00,EUR,,{'x' * 1_000_000}\n",
}


@pytest.mark.parametrize("database", BOTH, indirect=True)
def test_no_file_of_gifts_does_harm(desk: Desk) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="baltic")
    browser, wrong = desk.enter(Role.EDITOR), []
    for name, content in GIFTS.items():
        before = rows(desk)
        file = (io.BytesIO(content.encode("latin-1")), "<script>alert(1)</script>.csv")
        form = {"source": "<script>Bank</script>", "publication": "baltic"}
        answer = browser.send("/desk/reports/donations", file=file, **form)
        found = complaint(answer, before, desk) or complaint(
            browser.get("/desk/reports/donations"), rows(desk), desk
        )
        if found:
            wrong.append(f"{name}: {found}")
    assert wrong == []


def _requests(browser: Browser, known: dict[str, str]) -> Iterator[tuple[str, TestResponse]]:
    """Send requests that no browser of ours would send, each with its name."""
    post, get, token = browser.client.post, browser.client.get, browser.token
    change = f"/desk/issues/{known['issue']}"
    form = {"token": token, "headline-0": "Stolen", "article": "0", "version": "1"}
    for name, headers in {
        "from another site": {"Sec-Fetch-Site": "cross-site"},
        "from a sister": {"Sec-Fetch-Site": "same-site"},
        "from an origin": {"Origin": "https://evil.example.net"},
        "from nowhere": {"Origin": "null"},
        "without a word of its origin": {},
    }.items():
        yield name, post(change, data=form, headers=headers)
    for name, wrong in {"no token": {"token": ""}, "another's token": {"token": "0" * 64}}.items():
        yield name, post(change, data=form | wrong, headers=OURS)
    ours = OURS | {"Accept-Language": "../../etc, <script>;q=x"}
    yield "JSON for a form", post(change, json=form, headers=OURS)
    kind = "multipart/form-data; boundary=x"
    yield "half a form", post(change, data=b"--x\r\nContent-", content_type=kind, headers=OURS)
    kind = "multipart/form-data"
    yield "a form without a boundary", post(change, data=b"--", content_type=kind, headers=OURS)
    kind = "application/x-www-form-urlencoded; charset=utf-7"
    yield "another alphabet", post(change, data=b"+ADw-", content_type=kind, headers=OURS)
    many = {f"f{number}": "" for number in range(3_000)}
    yield "3,000 fields", post(change, data={"token": token} | many, headers=OURS)
    for number in ("0", "-1", "99", str(2**63), "9" * 30, "1 OR 1=1", "1'", "%00", "../1", "١"):
        for path in ("issues/{}", "subscribers/{}", "library/{}", "bring-in/{}", "segments/{}"):
            yield f"number {number} of {path}", get(f"/desk/{path.format(number)}", headers=ours)
    for query in ("after=%00", "after=" + "9" * 30, "page=-1", "page=x", "state=none", "words=%ff"):
        for path in ("issues", "subscribers", "calendar", "library", "audit"):
            yield f"{path}?{query}", get(f"/desk/{path}?{query}", headers=ours)
    for path in ("/static/../../config.py", "/static/%2e%2e/%2e%2e/app.py", "/image/../x.png"):
        yield path, get(path, headers=ours)
    yield "a calendar far away", get("/desk/calendar?month=99999-99", headers=ours)
    yield "a host that is none", get("/desk", headers=OURS | {"Host": "evil.example.net"})


def test_no_request_that_is_made_up_does_harm(desk: Desk, known: dict[str, str]) -> None:
    browser = desk.enter(Role.EDITOR)
    before, wrong, count = rows(desk), [], 0
    for name, answer in _requests(browser, known):
        count += 1
        if answer.status_code in {301, 308}:
            continue
        if found := complaint(answer, before, desk):
            wrong.append(f"{name}: {found}")
        if "evil.example.net" in answer.headers.get("Location", ""):
            wrong.append(f"{name}: leads away")
    assert wrong == []
    assert count > 80
    assert rows(desk) == before
    with desk.database.reading() as session:
        assert issues.fetch(session, int(known["issue"])).version == 1
    assert browser.is_in()


STOLEN: tuple[tuple[str, dict[str, str]], ...] = (
    ("issues/{issue}/approval/approve", {"seen": "1"}),
    ("issues/{issue}/approval/send-back", {"reason": "x"}),
    ("issues/{issue}/schedule", {"day": "2030-01-15", "time": "07:00"}),
    ("issues/{issue}/schedule/now", {}),
    ("issues/{issue}/audience", {"kind": "everyone"}),
    ("subscribers/{person}/suppress", {"reason": "x"}),
    ("subscribers/{person}/erase", {"address": "x"}),
    ("subscribers/{person}/correct", {"name": "Stolen"}),
    ("settings/publications/{publication}", PUBLICATION),
    ("team/1", {"role": "owner"}),
    ("team/1/remove", {}),
    ("team/invite", {"name": "x", "address": "x@example.org", "role": "owner"}),
)


@ONE
def test_a_number_that_was_stolen_is_no_good_to_a_writer(desk: Desk, known: dict[str, str]) -> None:
    browser, before, wrong = desk.enter(Role.WRITER), rows(desk), []
    for path, form in STOLEN:
        answer = browser.send(f"/desk/{path.format(**known)}", **form)
        found = complaint(answer, before, desk)
        if found or answer.status_code != 403 or "This is not yours to do" not in answer.text:
            wrong.append(f"{path}: {found or answer.status_code}")
    assert wrong == []
    assert desk.told() == []


@ONE
def test_the_door_leads_nowhere_else(desk: Desk) -> None:
    for place in ("//evil.example.net", "https://evil.example.net", "/\\evil", "\t//evil", ""):
        form = {"address": "editor@example.org", "password": PASSWORD, "next": place}
        answer = desk.browser().send("/desk/sign-in", **form)
        assert re.match(r"/desk(?:$|[/?])", answer.headers["Location"]), place


def test_there_are_hundreds() -> None:
    texts = len(TEXTS) * len(PLACES)
    assert texts + len(PICTURES) + len(MANUSCRIPTS) + len(FILES) + len(STOLEN) >= 500
