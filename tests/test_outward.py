import gzip
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import pytest

from newsletter import __version__, outward
from newsletter.errors import Unreachable
from newsletter.outward import SAID, Network, Trouble
from relay import Certificate
from website import Site, answer, leads_to, page


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/": page("<p>Zażółć gęślą jaźń.</p>")}) as site:
        yield site


def trouble_of(
    url: str,
    site: Site,
    *,
    most: int = outward.MOST_OCTETS,
    patience: float = outward.PATIENCE,
) -> Trouble:
    """Fetch what cannot be fetched, and return why; the error says it in the words of the house."""
    with pytest.raises(Unreachable) as caught:
        outward.fetch(url, network=site.network, most=most, patience=patience)
    trouble = Trouble(caught.value.trouble)
    assert caught.value.message == SAID[trouble]
    return trouble


def test_a_page_is_fetched_with_its_kind_and_character_set(site: Site) -> None:
    fetched = outward.fetch(site.url("/"), network=site.network)
    assert fetched.content.decode() == "<p>Zażółć gęślą jaźń.</p>"
    assert (fetched.status, fetched.kind, fetched.charset) == (200, "text/html", "utf-8")
    assert fetched.url == site.url("/")


def test_a_site_is_told_who_asks_and_nothing_else(site: Site) -> None:
    outward.fetch(site.url("/"), network=site.network, accept="text/html")
    assert site.requests == [
        f"GET / HTTP/1.1\r\nHost: institute.example:{site.port}\r\n"
        f"User-Agent: Newsletter/{__version__}\r\nAccept: text/html\r\n"
        "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    ]


def test_an_address_is_spelled_as_http_has_it(site: Site) -> None:
    site.paths["/analiza%20z%20%C5%82odzi%25?q=%C5%BC%0D%0A&a=b"] = page("here")
    url = site.url("/analiza z łodzi%25?q=ż%0D%0A&a=b#top", host="GĘŚLĄ.example.")
    assert outward.fetch(url, network=site.network).content == b"here"
    assert f"Host: xn--gl-qla2f4p.example:{site.port}\r\n" in site.requests[0]


def test_the_name_is_asked_once_and_the_connection_goes_where_it_said(site: Site) -> None:
    asked = []

    def changes_its_mind(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    network = Network(changes_its_mind, lambda _address: True)
    assert outward.fetch(site.url("/"), network=network).status == 200
    assert asked == ["institute.example"]


def test_an_address_that_does_not_answer_is_followed_by_the_next(site: Site) -> None:
    network = Network(lambda _host: ["127.0.0.2", "127.0.0.1"], lambda _address: True)
    assert outward.fetch(site.url("/"), network=network).status == 200


def test_one_address_that_is_not_public_is_one_too_many(site: Site) -> None:
    found = ["198.35.26.96", "127.0.0.1"]
    network = Network(lambda _host: found, outward.is_public)
    with pytest.raises(Unreachable) as caught:
        outward.fetch(site.url("/"), network=network)
    assert caught.value.trouble == Trouble.PRIVATE
    assert site.requests == []


def test_redirects_are_followed(site: Site) -> None:
    site.paths["/old"] = leads_to("/older")
    site.paths["/older"] = leads_to(site.url("/#part", host="www.institute.example"))
    fetched = outward.fetch(site.url("/old"), network=site.network)
    assert fetched.url == site.url("/", host="www.institute.example")


@pytest.mark.parametrize(
    ("to", "trouble"),
    [
        ("http://127.0.0.1/", Trouble.PRIVATE),
        ("http://[::1]:8000/", Trouble.PRIVATE),
        ("//localhost/", Trouble.PRIVATE),
        ("file:///etc/passwd", Trouble.ADDRESS),
        ("javascript:alert(1)", Trouble.ADDRESS),
        ("http://admin:secret@institute.example/", Trouble.CREDENTIALS),
        ("http://institute.example:25/", Trouble.PORT),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_is(
    to: str, trouble: Trouble, site: Site
) -> None:
    site.paths["/"] = leads_to(to)
    first = iter([True])
    network = Network(
        lambda host: (
            [{"localhost": "127.0.0.1"}.get(host, host)]
            if host != "institute.example"
            else ["127.0.0.1"]
        ),
        lambda address: next(first, False) or outward.is_public(address),
    )
    with pytest.raises(Unreachable) as caught:
        outward.fetch(site.url("/"), network=network)
    assert caught.value.trouble == trouble


def test_a_site_that_leads_round_and_round_is_left(site: Site) -> None:
    site.paths["/"] = leads_to("/")
    assert trouble_of(site.url("/"), site) == Trouble.REDIRECTS
    assert len(site.requests) == outward.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("", Trouble.ADDRESS),
        ("institute.example", Trouble.ADDRESS),
        ("file:///etc/passwd", Trouble.ADDRESS),
        ("ftp://institute.example/", Trouble.ADDRESS),
        ("gopher://institute.example/_", Trouble.ADDRESS),
        ("data:text/html,x", Trouble.ADDRESS),
        ("http://", Trouble.ADDRESS),
        ("http:///path", Trouble.ADDRESS),
        ("http://[::1/", Trouble.ADDRESS),
        ("http://institute.example:port/", Trouble.ADDRESS),
        ("http://institute.example:99999/", Trouble.ADDRESS),
        ("http://in stitute.example/", Trouble.ADDRESS),
        ("http://a..example/", Trouble.ADDRESS),
        (f"http://{'a' * 64}.example/", Trouble.ADDRESS),
        ("http://institute.example/" + "a" * 3000, Trouble.ADDRESS),
        ("http://\u2028/", Trouble.ADDRESS),
        ("http://anna:secret@institute.example/", Trouble.CREDENTIALS),
        ("http://institute.example\\@127.0.0.1/", Trouble.CREDENTIALS),
        ("http://institute.example:22/", Trouble.PORT),
        ("http://institute.example:0/", Trouble.PORT),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str, trouble: Trouble, site: Site) -> None:
    assert trouble_of(url, site) == trouble
    assert site.requests == []


@pytest.mark.parametrize(
    "written",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254"),
        *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1"),
        *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "100.100.100.200", "168.63.129.16"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::7f00:1", "2001:db8::1"),
        *("fe80::1", "fe80::1%1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "3fff::1"),
    ],
)  # fmt: skip
def test_an_address_of_no_public_site_is_known(written: str) -> None:
    assert not outward.is_public(ip_address(written))


@pytest.mark.parametrize(
    "written",
    [
        *("1.1.1.1", "8.8.8.8", "172.32.0.1", "192.1.2.3", "198.35.26.96", "223.255.255.254"),
        *("2606:4700:4700::1111", "2a00:1450:4007::200e", "64:ff9b::808:808", "::ffff:8.8.8.8"),
    ],
)
def test_an_address_of_a_public_site_is_known(written: str) -> None:
    assert outward.is_public(ip_address(written))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "localhost", "[::1]"])
def test_however_this_machine_is_written_it_is_not_visited(host: str) -> None:
    with pytest.raises(Unreachable) as caught:
        outward.fetch(f"http://{host}/")
    assert caught.value.trouble == Trouble.PRIVATE


def test_a_name_that_nobody_has_is_said_to_be_one(site: Site) -> None:
    def resolve(_host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    with pytest.raises(Unreachable) as caught:
        outward.fetch(site.url("/"), network=Network(resolve, outward.is_public))
    assert caught.value.trouble == Trouble.NAME


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        ("404 Not Found", Trouble.GONE),
        ("410 Gone", Trouble.GONE),
        ("401 Unauthorized", Trouble.REFUSED),
        ("403 Forbidden", Trouble.REFUSED),
        ("429 Too Many Requests", Trouble.DOWN),
        ("503 Service Unavailable", Trouble.DOWN),
        ("302 Found", Trouble.BROKEN),
    ],
)
def test_the_refusal_of_a_site_has_its_words(status: str, trouble: Trouble, site: Site) -> None:
    site.paths["/"] = answer(b"<p>Sorry.</p>", status)
    assert trouble_of(site.url("/"), site) == trouble


def unpacks_to(size: int) -> bytes:
    return answer(gzip.compress(b"a" * size), Content_Encoding="gzip")


def without_end(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    site.paths["/"] = unpacks_to(100_000)
    assert (
        outward.fetch(site.url("/"), network=site.network, most=100_000).content == b"a" * 100_000
    )


@pytest.mark.parametrize(
    "script",
    [answer(b"a" * 100_001), unpacks_to(100_001), unpacks_to(50_000_000), without_end],
    ids=["just", "unpacked", "bomb", "endless"],
)
def test_what_is_too_large_is_not_read_to_its_end(
    script: bytes | Callable[[socket.socket], None], site: Site
) -> None:
    site.paths["/"] = script
    assert trouble_of(site.url("/"), site, most=100_000) == Trouble.TOO_LARGE


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"\x00\xff" * 50,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
        HEAD + b"Content-Length: 9\r\n\r\nbroken",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nbro",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        answer(gzip.compress(b"broken", mtime=0)[:-9], Content_Encoding="gzip"),
        answer(b"abc", Content_Encoding="br"),
        leads_to("http://[broken/"),
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(script: bytes, site: Site) -> None:
    site.paths["/"] = script
    assert trouble_of(site.url("/"), site) in {Trouble.BROKEN, Trouble.ADDRESS}


def test_an_answer_that_drips_is_not_waited_for(site: Site) -> None:
    def drips(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        for number in count():
            connection.sendall(f"X-{number % 90}: y".encode())
            if site.over.wait(0.02):
                return

    site.paths["/"] = drips
    assert trouble_of(site.url("/"), site, patience=0.2) == Trouble.SLOW


def test_a_name_server_that_is_silent_is_not_waited_for(site: Site) -> None:
    def silent(_host: str) -> list[str]:
        site.over.wait(5)
        return []

    with pytest.raises(Unreachable) as caught:
        outward.fetch(site.url("/"), network=Network(silent, outward.is_public), patience=0.1)
    assert caught.value.trouble == Trouble.SLOW


def test_a_site_proves_that_it_is_the_one_that_was_named(tmp_path: Path) -> None:
    with Site({"/": page("safe")}, Certificate.issue(tmp_path)) as site:
        fetched = outward.fetch(site.url("/", host="localhost"), network=site.network)
        assert fetched.content == b"safe"
        assert trouble_of(site.url("/", host="other.example"), site) == Trouble.CERTIFICATE
        strict = Network(site.network.resolve, site.network.allows)
        with pytest.raises(Unreachable) as caught:
            outward.fetch(site.url("/", host="localhost"), network=strict)
        assert caught.value.trouble == Trouble.CERTIFICATE


def test_no_proxy_of_the_environment_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert outward.fetch(site.url("/"), network=site.network).status == 200


def test_looking_asks_for_the_head_alone(site: Site) -> None:
    assert outward.look(site.url("/"), network=site.network) == 200
    assert outward.look(site.url("/gone"), network=site.network) == 404
    assert [request.split(" ")[0] for request in site.requests] == ["HEAD", "HEAD"]


def test_looking_asks_once_more_where_a_site_knows_no_head(site: Site) -> None:
    def no_head(connection: socket.socket) -> None:
        knows = site.requests[-1].startswith("GET")
        connection.sendall(page("here") if knows else answer(b"", "405 Method Not Allowed"))

    site.paths["/"] = no_head
    assert outward.look(site.url("/"), network=site.network) == 200
