"""What stands for a browser's work: solved challenges, hidden fields; and what came of a form."""

import base64
import json
import re
from html import unescape
from typing import Any

import altcha
from flask.testing import FlaskClient
from sqlalchemy import select

from newsletter.database import Database
from newsletter.model import Counter, SignUp


def solved(client: FlaskClient) -> str:
    """Return a fresh challenge with its solution, as a browser would send it."""
    given = client.get("/challenge").get_json()
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(given))
    assert solution is not None
    return base64.b64encode(
        json.dumps({"challenge": given, "solution": solution.to_dict()}).encode()
    ).decode()


def hidden(text: str) -> dict[str, Any]:
    """Return the hidden fields of a page's only form, those of one name together."""
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def sign_ups(database: Database) -> list[SignUp]:
    with database.reading() as session:
        return list(session.scalars(select(SignUp).order_by(SignUp.id)))


def counted(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {row.name: row.count for row in session.scalars(select(Counter))}
