"""What programs do to a service that runs: scanners follow every link, robots flood the form."""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPConnection
from itertools import count, repeat
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from make import SECRET_KEY
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.links import Links
from newsletter.subscriptions import limits
from newsletter.web import challenge
from service import Service, wait_for

ADDRESS = "anna.nowak@example.org"


FORMS, AT_ONCE = 500, 64
UNSOLVED = limits.UNSOLVED[0].count


def test_scanners_change_nothing_and_robots_get_few_mails(
    running: Service,
) -> None:
    links = Links(running.base_url, SECRET_KEY)
    have_every_mail_sent(running, links)
    # An issue, confirm, welcome twice, already subscribed, manage, a change at both, goodbye.
    wait_for(lambda: len(running.mails()) == 9, "a mail of each kind has come")
    before = at_rest(running)
    found = urls(running)
    kinds = {urlsplit(url).path.split("/")[1] for url in found}
    assert {"confirm", "manage", "undo", "agree", "unsubscribe", "preferences"} <= kinds
    for method in ("HEAD", "GET", "GET", "GET"):
        for url in found:
            assert visit(running, method, url) < 400, url
    assert at_rest(running) == before
    assert flood(running) == {200: UNSOLVED, 429: FORMS - UNSOLVED}
    wait_for(lambda: len(running.mails()) == 9 + UNSOLVED, "robots are answered")
    to = [mail["To"] for mail in running.mails() if "robot" in mail["To"]]
    assert len(set(to)) == len(to) == UNSOLVED


def flood(service: Service) -> Counter[int]:
    """Send forms in from many machines of one network at once; count the answers by status.

    They come without a solved challenge, and press the button as soon as that counts.
    """
    with ThreadPoolExecutor(AT_ONCE) as robots:
        forms = [{"email": f"robot{number}@example.org"} for number in range(FORMS)]
        pages = list(robots.map(post, repeat(service), count(), forms))
        time.sleep(challenge.LEAST.total_seconds() + 0.1)
        buttons = [dict(HIDDEN.findall(page)) for _, page in pages]
        return Counter(status for status, _ in robots.map(post, repeat(service), count(), buttons))


HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


def post(service: Service, number: int, form: dict[str, str]) -> tuple[int, str]:
    machine = f"127.0.0.{number % 250 + 1}"
    with closing(
        HTTPConnection("127.0.0.1", service.web, timeout=60, source_address=(machine, 0))
    ) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        connection.request("POST", "/subscribe/baltic-monitor", urlencode(form), kind)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def have_every_mail_sent(service: Service, links: Links) -> None:
    """Go through all that makes us write to somebody, step by step as the clock gets to it."""
    now = datetime.now(UTC)
    secret = {"secret_key": SECRET_KEY}
    form = subscriptions.Form(ADDRESS, (1, 2), "en", wording="Yes")
    with closing(service.database()) as database:
        with database.transaction() as session:
            subscriptions.ask(session, form, now, network="", **secret)
        person = worked_off(service, database)
        with database.transaction() as session:
            subscriptions.confirm(session, person, now, links)
            subscriptions.ask(session, form, now, network="", **secret)
        worked_off(service, database)
        with database.transaction() as session:
            subscriptions.send_manage_link(session, ADDRESS, now, links, network="", **secret)
        worked_off(service, database)
        with database.transaction() as session:
            new = "anna@new.example"
            subscriptions.ask_address_change(session, person, new, now, links, **secret)
            profile = subscriptions.profile(session, person)
            assert profile
            assert profile.wishes[0].subscription
            wish = profile.wishes[0].subscription
            subscriptions.leave(session, wish, now, form="page", links=links)


def worked_off(service: Service, database: Database) -> int:
    """Wait until the clock has answered the forms; return the number of the person."""
    wait_for(lambda: not rows(database, model.SignUp), "the clock answers")
    with database.reading() as session:
        return session.scalars(
            select(model.Subscriber.id).where(model.Subscriber.address == ADDRESS)
        ).one()


def rows(database: Database, table: type[model.Base]) -> list[str]:
    with database.reading() as session:
        return sorted(map(str, session.execute(select(table.__table__))))


def at_rest(service: Service) -> dict[str, list[str]]:
    """Return every row of every table but the counters, once nothing changes by itself."""
    kept: dict[str, list[str]] = {}
    while True:
        with closing(service.database()) as database:
            tables = [each.class_ for each in model.Base.registry.mappers]
            found = {
                table.__tablename__: rows(database, table)
                for table in tables
                if table not in {model.Counter, model.Click}
            }
        if found == kept:
            return found
        kept = found
        time.sleep(2)


def urls(service: Service) -> set[str]:
    """Return every address of ours that stands anywhere in a mail."""
    found = set()
    for mail in service.mails():
        parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
        for text in (*parts, mail["List-Unsubscribe"] or ""):
            found |= set(map(unescape, re.findall(r"https?://[^\s\"<>]+", text)))
    return {url for url in found if url.startswith(service.base_url)}


def visit(service: Service, method: str, url: str) -> int:
    """Fetch as a link scanner does: no cookie, nothing kept, no further than the first answer."""
    place = url.removeprefix(service.base_url).partition("#")[0] or "/"
    with closing(HTTPConnection("127.0.0.1", service.web, timeout=30)) as connection:
        connection.request(method, place, headers={"User-Agent": "scanner", "Accept": "text/html"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
