"""Subscribers, from the form to goodbye; this is the door.

Each step leaves a line in the consent log. No function commits; each takes the session first and
the time as ``now``.
"""

from newsletter.subscriptions.people import MOST_NAME, add, leave, listed  # isort: split

from newsletter.subscriptions.cells import safe
from newsletter.subscriptions.exporting import FORMATS, exported
from newsletter.subscriptions.importing import (
    Job,
    begin_import,
    finish_import,
    keep_chunk,
    prepared,
    processes,
)
from newsletter.subscriptions.rows import Chunk, Error

__all__ = ["MOST_NAME", "add", "leave", "listed"]
__all__ += ["FORMATS", "Chunk", "Error", "Job", "begin_import", "exported", "finish_import"]
__all__ += ["keep_chunk", "prepared", "processes", "safe"]
