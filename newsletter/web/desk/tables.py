"""Tables for spreadsheets: files in which no cell is run as a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import TypeAlias

from flask import Response, stream_with_context

from newsletter.sheets import safe

Row: TypeAlias = Sequence[str | int | float]
_AT_ONCE = 1_000
"""Rows of a long table that are written at a time."""


def table(file_name: str, rows: Iterable[Row]) -> Response:
    """Answer with a CSV file of ``rows``, the first of which names the columns."""
    return _answer(file_name, _written(rows))


def streamed_table(file_name: str, rows: Iterable[Row]) -> Response:
    """Answer with a CSV file of ``rows`` that may be very many; they are made as they are sent."""
    several = iter(rows)
    parts = iter(lambda: _written(islice(several, _AT_ONCE)), "")
    return _answer(file_name, stream_with_context(parts))


def _written(rows: Iterable[Row]) -> str:
    text = StringIO()
    csv.writer(text).writerows([safe(str(cell)) for cell in row] for row in rows)
    return text.getvalue()


def _answer(file_name: str, content: str | Iterator[str]) -> Response:
    answer = Response(content, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    return answer
