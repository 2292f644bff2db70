"""Files of subscribers, as people and other services have them: what each row says of a person.

Pure: rows of bytes in, checked and merged rows out, ready to be stored. It imports little, so that
a process that helps to check a million rows is there at once.
"""

from newsletter.sheets import headings
from newsletter.sheets.cells import bare, safe
from newsletter.sheets.files import (
    Block,
    Glance,
    Sheet,
    blocks,
    examine,
    fingerprint,
    glance,
    records,
)
from newsletter.sheets.rows import Chunk, Error, Plan, prepare
from newsletter.sheets.staged import Lines

__all__ = [
    "Block",
    "Chunk",
    "Error",
    "Glance",
    "Lines",
    "Plan",
    "Sheet",
    "bare",
    "blocks",
    "examine",
    "fingerprint",
    "glance",
    "headings",
    "prepare",
    "records",
    "safe",
]
