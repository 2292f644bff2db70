"""A desk with one editor of each role, and browsers in which they are signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

import make
from newsletter import model
from newsletter.database import Database
from newsletter.desk import passwords, sign_ins
from newsletter.model import Role
from newsletter.web.context import Context

PASSWORD = "frost on the canal"
HASH = passwords.hashed(PASSWORD)
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass(frozen=True)
class Browser:
    """A browser, signed in or not, that says of its forms where they come from, as all do."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=OURS)

    def send(self, path: str, **form: Any) -> TestResponse:
        """Send a form of the desk, with its token."""
        answer = self.client.post(path, data={"token": self.token, **form}, headers=OURS)
        answer.request.environ["wsgi.input"].close()  # a file on disk, if the form is large
        return answer

    def sign_in(self, address: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.send("/desk/sign-in", address=address, password=password, **more)

    @property
    def cookie(self) -> str:
        kept = self.client.get_cookie("desk")
        return kept.value if kept else ""

    @property
    def token(self) -> str:
        return sha256(b"form:" + self.cookie.encode()).hexdigest()

    def is_in(self) -> bool:
        return self.get("/desk/account").status_code == 200


@dataclass(frozen=True)
class Desk:
    """The application with its database, and the number of the editor of each role."""

    app: Flask
    database: Database
    editors: dict[Role, int]

    @property
    def home(self) -> Path:
        """The folder of the installation."""
        return cast("Context", self.app.extensions[Context.name]).settings.home

    def browser(self) -> Browser:
        return Browser(self.app.test_client())

    def enter(self, role: Role, *, ago: timedelta = timedelta()) -> Browser:
        """Return a browser in which the editor of ``role`` signed in some time ago."""
        browser = self.browser()
        with self.database.transaction() as session:
            editor = session.get_one(model.Editor, self.editors[role])
            token = sign_ins.begin(session, editor, datetime.now(UTC) - ago)
        browser.client.set_cookie("desk", token)
        return browser

    def told(self) -> list[str]:
        """Return the actions of the trail, oldest first."""
        with self.database.reading() as session:
            entries = select(model.AuditEntry.action).order_by(model.AuditEntry.id)
            return list(session.scalars(entries))


def address(role: Role) -> str:
    return f"{role}@example.org"


@pytest.fixture
def desk(app: Flask, database: Database) -> Desk:
    with database.transaction() as session:
        editors = {
            role: make.editor(
                session,
                role=role,
                name=f"The {role}",
                address=address(role),
                password_hash=HASH,
            ).id
            for role in Role
        }
    return Desk(app, database, editors)
