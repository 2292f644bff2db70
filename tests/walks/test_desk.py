"""The walk of the first owner: init, run, the one-time link, the desk, a restart."""

import re
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from service import Service


def test_the_first_owner_comes_in_and_stays_in(service: Service) -> None:
    (link,) = re.findall(r"http\S+/desk/join/\S+", service.furnish("init"))
    service.start()
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    form = {"name": "Olga", "address": "olga@example.org", "password": "frost on the canal"}
    origin = {"Origin": service.base_url}
    come_in = Request(link, urlencode(form).encode(), origin)
    assert "Your account" in opener.open(come_in).read().decode()
    with pytest.raises(HTTPError, match="400"):
        opener.open(come_in)
    assert re.search(r"olga@example.org +Olga +owner +password", service.do("editor", "list"))
    assert "desk" not in service.furnish("init")
    assert service.stop() == 0
    service.start()
    assert "<h1>Today</h1>" in opener.open(f"{service.base_url}/desk").read().decode()
