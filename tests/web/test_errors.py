import pytest
from flask import Flask
from flask.testing import FlaskClient

from newsletter import errors
from newsletter.web import LARGEST_BODY, STATUS
from web.conftest import Site

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_people_get_a_page_and_programs_a_sentence(client: FlaskClient) -> None:
    page = client.get("/nothing", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "There is no such page" in page.text
    sentence = client.get("/nothing", headers={"Accept": "*/*"})
    assert (sentence.status_code, sentence.mimetype) == (404, "text/plain")


def test_an_error_page_speaks_the_language_of_the_browser(client: FlaskClient) -> None:
    page = client.get("/a/b/c/d", headers=BROWSER | {"Accept-Language": "pl"})
    assert "Nie ma takiej strony" in page.text


def test_a_method_that_is_not_allowed_is_named(client: FlaskClient, site: Site) -> None:
    answer = client.post(site.issue, headers=BROWSER)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "That did not work" in answer.text


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, site: Site) -> None:
    assert client.post(site.unsubscribe, data=b"x" * (LARGEST_BODY + 1)).status_code == 413


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
def test_each_error_has_its_status(
    app: Flask, kind: type[errors.NewsletterError], status: int
) -> None:
    app.view_functions["public.home"] = lambda: _raise(kind())
    assert app.test_client().get("/").status_code == status


@pytest.mark.parametrize("kind", [errors.RelayUnavailable, RuntimeError])
def test_a_fault_of_ours_is_admitted_without_details(
    app: Flask, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    app.view_functions["public.home"] = lambda: _raise(kind("the inner workings"))
    answer = app.test_client().get("/", headers=BROWSER)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "inner workings" not in answer.text
    assert "inner workings" in caplog.text


def _raise(error: Exception) -> str:
    raise error
