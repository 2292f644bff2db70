"""Every role sees and may do exactly its table; made from that table and from the routes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from newsletter.desk import ALLOWED, Permission, may
from newsletter.desk.sign_ins import FRESH
from newsletter.model import Role
from newsletter.web.desk import bp
from newsletter.web.desk.frame import RAIL
from newsletter.web.desk.guard import Need, need_of
from web.desk.conftest import OURS, Desk


def routes(app: Flask) -> Iterator[tuple[str, str, Need]]:
    """Yield each route of the desk: method, a path of it, and what it needs."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(f"{bp.name}."):
                numbers = {"number", "erratum", "variant"}
                values = {name: "1" if name in numbers else "x" for name in rule.arguments}
                _, path = rule.build(values) or ("", "")
                need = need_of(rule.endpoint)
                assert need is not None, f"{rule.endpoint} does not say what it needs"
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
