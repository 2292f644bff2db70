"""Pages are light: all styles and scripts of the house together weigh less than one page may."""

import gzip
from pathlib import Path

import newsletter

BUDGET = 150_000
"""Octets that a page may bring along, compressed."""


def test_all_styles_and_scripts_together_weigh_less_than_a_page_may() -> None:
    folder = Path(newsletter.__file__).parent / "web" / "static"
    files = [each for each in folder.rglob("*") if each.suffix in {".css", ".js", ".svg"}]
    assert len(files) > 20
    assert sum(len(gzip.compress(each.read_bytes())) for each in files) < BUDGET
