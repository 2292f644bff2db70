"""A small site to visit: one monitor with one published issue, a picture, an appeal, a reader."""

from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import make
from make import SECRET_KEY
from newsletter import manuscripts, model
from newsletter.config import Listen, Settings
from newsletter.database import Database
from newsletter.links import Links
from newsletter.mailbox import Mailbox
from newsletter.model import IssueState
from newsletter.web import challenge, create_app
from newsletter.web.context import Context

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A picture of one pixel."""

BODY = """The first paragraph of the analysis, which says what happened and to whom it matters.

<!-- appeal -->

The second paragraph of the analysis, which says what may come next.
"""


@dataclass(frozen=True)
class Site:
    """What a visitor may ask for, by path; ``subscription`` is the reader's."""

    links: Links
    subscription: int
    publication: int
    issue_number: int
    image: str
    reader: int
    home: str = "/"
    archive: str = "/russia-monitor/"
    issue: str = "/russia-monitor/ties"
    theme: str = "/theme/russia-monitor.css"

    @property
    def unsubscribe(self) -> str:
        return f"/unsubscribe/{self.links.unsubscribe_tag(self.subscription, self.publication)}"

    @property
    def preferences(self) -> str:
        return self.unsubscribe.replace("/unsubscribe/", "/preferences/")

    @property
    def confirm(self) -> str:
        return self._path(self.links.confirm(self.reader, datetime.now(UTC)))

    @property
    def manage(self) -> str:
        return self._path(self.links.manage(self.reader, datetime.now(UTC)))

    def undo(self, left_at: datetime) -> str:
        return self._path(self.links.undo(self.subscription, self.publication, left_at))

    @property
    def tagged(self) -> list[str]:
        """A page of each kind that a mailed link leads to."""
        agree = self._path(self.links.agree(1, new=True, at=datetime.now(UTC)))
        manage = self.manage
        more = [f"{manage}/everything.json", f"{manage}/erase", agree, self.undo(datetime.now(UTC))]
        return [self.confirm, manage, self.preferences, *more]

    def _path(self, url: str) -> str:
        return url.removeprefix(self.links.base_url)

    @property
    def donate(self) -> str:
        url = self.links.donate("russia-monitor", self.issue_number, 1, 1)
        return url.removeprefix(self.links.base_url)


class Visitor(FlaskClient):
    """Reads every answer to its end, so that the files behind it are closed."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


@pytest.fixture(autouse=True)
def _easy_challenges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have challenges solved in a moment; browsers solve those of services as they are."""
    monkeypatch.setattr(challenge, "LEAST_STEPS", 1)
    monkeypatch.setattr(challenge, "MOST_STEPS", 3)


@cache
def _built() -> Flask:
    """Build the application once: to read some 250 routes takes longer than most tests."""
    nowhere = Listen("127.0.0.1", 0)
    settings = Settings(Path(), "sqlite://", "http://localhost", nowhere, SECRET_KEY)
    app = create_app(settings, Database(settings.database_url))
    app.test_client_class = Visitor
    return app


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """Give the application on the test's own database: all that it knows besides its routes."""
    app = copy(_built())
    app.view_functions = dict(app.view_functions)
    app.extensions = {Context.name: Context(settings, database)}
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def mailbox(settings: Settings) -> Mailbox:
    return Mailbox(settings.home / "mailbox")


@pytest.fixture
def site(settings: Settings, database: Database) -> Site:
    links = Links(settings.base_url, settings.secret_key)
    with database.transaction() as session:
        monitor = make.publication(
            session,
            slug="russia-monitor",
            name="Russia Monitor",
            kicker="RUSSIA MONITOR",
            description="What Moscow does, and what it means.",
            appeal_id=make.appeal(session).id,
            licence_id=make.licence(session).id,
        )
        picture = make.image(session, content=DOT)
        published = publish(session, monitor, "ties", picture=picture.name)
        reader = make.subscription(session, publication_id=monitor.id)
        return Site(
            links,
            reader.id,
            monitor.id,
            published.id,
            f"/image/{picture.name}",
            reader.subscriber_id,
        )


def publish(
    session: Session,
    monitor: model.Publication,
    slug: str,
    *,
    headline: str = "Russia Seeks Good Ties with Taliban",
    lead: str = "Moscow plays a double role once more.",
    dated: date = date(2020, 3, 31),
    picture: str = "none.png",
    state: IssueState = IssueState.SENT,
) -> model.Issue:
    written = manuscripts.Article(
        headline=headline,
        body=BODY,
        kicker=monitor.kicker,
        dated=dated,
        language=monitor.language,
        lead=lead,
        picture=manuscripts.Picture("Wikimedia Commons", picture, "A bridge over a river"),
    )
    article = make.article(
        session,
        publication_id=monitor.id,
        slug=slug,
        headline=headline,
        dated=dated,
        source=manuscripts.write(written),
    )
    return make.issue(
        session,
        article,
        slug=slug,
        subject=headline,
        state=state,
        content_hash="0" * 64,
        published_at=make.NOW,
    )
