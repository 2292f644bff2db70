"""Every role sees and may do exactly its table; made from that table and from the routes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.desk import ALLOWED, Permission, may, sign_ins
from newsletter.desk.sign_ins import FRESH
from newsletter.model import Role
from newsletter.web.desk import bp
from newsletter.web.desk.frame import RAIL
from newsletter.web.desk.guard import Need, need_of
from scenes import Scene, scenes
from web.desk.conftest import OURS, Desk


def routes(app: Flask) -> Iterator[tuple[str, str, Need]]:
    """Yield each route of the desk: method, a path of it, and what it needs."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(f"{bp.name}."):
                numbers = {"number", "erratum", "variant"}
                values = {name: "1" if name in numbers else "x" for name in rule.arguments}
                _, path = rule.build(values) or ("", "")
                need = need_of_route(app, rule.endpoint)
                for method in (rule.methods or set()) & {"GET", "POST"}:
                    yield method, path, need


def test_every_permission_guards_a_route_and_the_frame_shows_no_other(desk: Desk) -> None:
    asked = {need.permission for _, _, need in routes(desk.app)} - {None}
    assert asked == set(Permission) == set(ALLOWED)
    assert {place.permission for place in RAIL} <= asked


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_its_table_says_and_nothing_else(desk: Desk, role: Role) -> None:
    for method, path, need in routes(desk.app):
        browser = desk.enter(role)
        answer = browser.get(path) if method == "GET" else browser.send(path)
        if need.permission and not may(role, need.permission):
            assert answer.status_code == 403, (method, path)
            assert "This is not yours to do" in answer.text
        elif need.permission:
            wrong_form = method == "POST" and path in {
                "/desk/account/password",
                "/desk/prove",
            }
            assert answer.status_code != 403 or wrong_form, (method, path)


def test_a_stranger_is_led_to_the_door(desk: Desk) -> None:
    for method, path, need in routes(desk.app):
        browser = desk.browser()
        answer = browser.get(path) if method == "GET" else browser.send(path)
        if need.permission:
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/desk/sign-in"), path
            assert "The owner" not in answer.text


OTHERS = {"giving", "logo", "mailed", "reports", "reuse", "settings", "team", "templates"}
"""Parts whose scenes are of readers or of owners, or where all who may see may do the same."""


class Offers(HTMLParser):
    """What a page offers to do: the links that can be followed, the forms that can be sent."""

    def __init__(self, html: str, here: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self._here = here
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self._add("GET", told.get("href"))
        elif tag == "form":
            self._add((told.get("method") or "get").upper(), told.get("action") or self._here)
        elif "formaction" in told:
            self._add("POST", told["formaction"])

    def _add(self, method: str, address: str | None) -> None:
        path = urlsplit(urljoin(self._here, address or "")).path
        if path.startswith("/desk"):
            self.found.add((method, path))


def set_stage(session: Session, scene: Scene) -> tuple[str, str]:
    """Set a scene anew, for one editor who is signed in; return their token and the path."""
    for table in reversed(model.Base.metadata.sorted_tables):
        if table.name != "audit_entries":
            session.execute(delete(table))
    owner = make.editor(session, role=Role.OWNER)
    token = sign_ins.begin(session, owner, datetime.now(UTC))
    return token, scene(session)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_page_offers_a_role_what_is_not_its_to_do(desk: Desk) -> None:
    browser, routes, seen = desk.browser(), desk.app.url_map.bind("localhost"), 0
    need_of_place = cache(partial(need_of_route, desk.app))
    for name, scene in scenes():
        if name.partition("-")[0] in OTHERS:
            continue
        with desk.database.transaction() as session:
            token, path = set_stage(session, scene)
        browser.client.set_cookie("desk", token)
        for role in (Role.WRITER, Role.EDITOR):
            with desk.database.transaction() as session:
                session.execute(update(model.Editor).values(role=role))
            page = browser.get(path)
            for method, place in Offers(page.text, path).found if page.status_code == 200 else ():
                endpoint, _values = routes.match(place, method=method)
                need = need_of_place(endpoint)
                assert not need.permission or may(role, need.permission), (name, role, place)
                seen += 1
    assert seen > 2_000


def need_of_route(app: Flask, endpoint: str) -> Need:
    with app.test_request_context():
        need = need_of(endpoint)
    assert need, f"{endpoint} does not say what it needs"
    return need


@pytest.mark.parametrize("role", Role)
def test_the_rail_shows_what_the_role_may_see(desk: Desk, role: Role) -> None:
    page = desk.enter(role).get("/desk").text
    for place in RAIL:
        assert (f">{place.name}</a>" in page) == may(role, place.permission)


def test_what_is_dangerous_asks_once_more_who_it_is(desk: Desk) -> None:
    asked = 0
    for method, path, need in routes(desk.app):
        if need.fresh:
            browser = desk.enter(Role.OWNER, ago=FRESH + timedelta(seconds=1))
            answer = browser.get(path) if method == "GET" else browser.send(path)
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/desk/prove?next=%2Fdesk%2F"), path
            asked += 1
    assert asked >= 15


def test_no_form_is_taken_from_elsewhere(desk: Desk) -> None:
    foreign: tuple[dict[str, str], ...] = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.net"},
        {"Origin": "null"},
        {},
    )
    browser = desk.enter(Role.OWNER)
    for method, path, _ in routes(desk.app):
        for headers in foreign if method == "POST" else ():
            form = {"token": browser.token}
            answer = browser.client.post(path, data=form, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert browser.is_in()


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é", "x" * 10_000])
def test_no_form_of_an_editor_is_taken_without_its_token(desk: Desk, token: str | None) -> None:
    browser = desk.enter(Role.OWNER)
    form = {} if token is None else {"token": token}
    for method, path, need in routes(desk.app):
        if method == "POST" and need.permission:
            answer = browser.client.post(path, data=form, headers=OURS)
            assert answer.status_code == 403, path
    assert browser.is_in()
    assert desk.told() == []


def test_the_token_of_one_editors_forms_is_good_for_no_other(desk: Desk) -> None:
    mine, other = desk.enter(Role.OWNER), desk.enter(Role.OWNER)
    answer = mine.client.post("/desk/sign-out", data={"token": other.token}, headers=OURS)
    assert answer.status_code == 403
    assert mine.is_in()


def test_a_view_that_does_not_say_what_it_needs_is_nobodys(desk: Desk) -> None:
    desk.app.view_functions["desk.today"] = lambda: "secret"
    answer = desk.enter(Role.OWNER).get("/desk")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_pages_of_the_desk_are_kept_nowhere(desk: Desk) -> None:
    browser = desk.enter(Role.OWNER)
    for method, path, _ in routes(desk.app):
        if method == "GET":
            answer = browser.get(path)
            assert answer.headers["Cache-Control"] == "no-store", path
            assert answer.headers["Referrer-Policy"] == "same-origin", path
            assert answer.headers["X-Robots-Tag"] == "noindex", path
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
            assert "<script>" not in answer.text, path
            assert " style=" not in answer.text, path
