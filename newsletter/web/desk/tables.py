"""Tables for spreadsheets: files in which no cell is run as a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TypeAlias

from flask import Response

from newsletter.sheets import safe

Row: TypeAlias = Sequence[str | int | float]


def table(file_name: str, rows: Iterable[Row]) -> Response:
    """Answer with a CSV file of ``rows``, the first of which names the columns."""
    text = StringIO()
    csv.writer(text).writerows([safe(str(cell)) for cell in row] for row in rows)
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    return answer
