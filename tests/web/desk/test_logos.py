"""The logo of a publication: brought in, told about and removed, and where readers see it."""

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

import logos
from newsletter import model
from newsletter.model import Role
from web.conftest import Site
from web.desk.conftest import Browser, Desk


def send(browser: Browser, number: int, content: bytes | None = None, **form: Any) -> TestResponse:
    file = {} if content is None else {"file": (io.BytesIO(content), "logo.png")}
    return browser.send(
        f"/desk/settings/publications/{number}/logo", **{"alt": "Institute", **form, **file}
    )


def kept(desk: Desk, number: int) -> model.Publication:
    with desk.database.reading() as session:
        return session.get_one(model.Publication, number)


def test_a_logo_is_brought_in_renamed_and_removed(desk: Desk, site: Site) -> None:
    owner, number = desk.enter(Role.OWNER), site.publication
    path = f"/desk/settings/publications/{number}/logo"
    assert "There is none yet" in owner.get(path).text
    assert send(owner, number, logos.logo()).location == f"{path}?done=logo"
    name = kept(desk, number).logo
    page = owner.get(path).text
    assert page.count(f'src="/image/{name}"') == 2
    assert "It can be made out on light paper." in page
    assert "It can be made out on dark paper" in page
    assert f'src="/image/{name}"' in owner.get(f"/desk/settings/publications/{number}").text
    assert send(owner, number, alt="The Institute").location == f"{path}?done=logo"
    assert send(owner, number, alt="The Institute").location == f"{path}?done=unchanged"
    assert (kept(desk, number).logo, kept(desk, number).logo_alt) == (name, "The Institute")
    for _ in range(2):
        assert owner.send(f"{path}/remove").location == f"{path}?done=logo-removed"
    assert kept(desk, number).logo == ""
    assert desk.told() == ["logo-changed", "logo-changed", "logo-removed"]
    assert owner.get("/desk/settings/publications/99/logo").status_code == 404


@pytest.mark.parametrize(
    ("content", "form", "words"),
    [
        (None, {}, "Choose a picture."),
        (b"<svg/>", {}, "An SVG drawing cannot be read"),
        (b"x" * (30 * 1024 * 1024 + 1), {}, "more than 30 MB"),
        (logos.logo(), {"alt": " "}, "what the logo says"),
        (logos.logo(), {"alt": "<b>" * 41}, "what the logo says"),
        (logos.logo(size=(9000, 7000)), {}, "far more pixels than it needs"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    desk: Desk, site: Site, content: bytes | None, form: dict[str, str], words: str
) -> None:
    answer = send(desk.enter(Role.OWNER), site.publication, content, **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<b><b>" not in answer.text
    assert kept(desk, site.publication).logo == ""
    assert desk.told() == []


def test_a_pale_logo_is_kept_with_a_warning(desk: Desk, site: Site) -> None:
    owner = desk.enter(Role.OWNER)
    answer = send(owner, site.publication, logos.logo(logos.PALE, size=(120, 30)))
    page = owner.get(answer.location).text
    assert "hard to make out on light paper" in page
    assert "On dense screens it is blurred." in page


def test_readers_and_machines_find_it(desk: Desk, site: Site) -> None:
    reader = desk.app.test_client()
    before = reader.get(site.archive)
    assert "publication-logo" not in before.text
    send(desk.enter(Role.OWNER), site.publication, logos.logo())
    url = f"http://localhost:8000/image/{kept(desk, site.publication).logo}"
    tag = {"If-None-Match": before.headers["ETag"]}
    assert reader.get(site.archive, headers=tag).status_code == 200
    for page in (site.archive, site.issue, "/subscribe/russia-monitor"):
        assert f'<img src="{url}" alt="Institute"' in reader.get(page).text, page
    assert "publication-logo" not in reader.get("/").text
    _, _, rest = reader.get(site.issue).text.partition('<script type="application/ld+json">')
    data = json.loads(rest.partition("</script>")[0])
    assert data["publisher"]["logo"]["url"] == url
    assert f"<logo>{url}</logo>" in reader.get("/russia-monitor/feed.xml").text
    assert "<logo>" not in reader.get("/feed.xml").text
    answer = reader.get(url.removeprefix("http://localhost:8000"))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
