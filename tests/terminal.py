"""What an operator types and reads: a manuscript, a publication for it, good ends and bad."""

from collections.abc import Callable

from click.testing import Result

from newsletter.errors import NewsletterError

Run = Callable[..., Result]
"""Runs one command: ``run("issue", "list")``."""

MANUSCRIPT = """---
kicker: CANAL DIARY
headline: Ice on the canal
date: 2026-11-20
lead: A short year.
picture:
  credit: Us
  alt: A lock
licence:
  text: Free to republish with credit.
---

The locks [sic] close [/] on Monday :smile:.
"""


def add_canals(run: Run) -> None:
    done(run("init"))
    done(
        run(
            *("publication", "add", "canals", "--name", "Canal Diary", "--zone", "Europe/Warsaw"),
            *("--author", "canals@example.org"),
        )
    )


def done(result: Result) -> str:
    """Return what a command said; it has to be content."""
    assert (result.exception, result.exit_code) == (None, 0), result.output
    return result.output


def refused(result: Result, kind: type[NewsletterError]) -> str:
    """Return the sentence with which a command refused."""
    assert type(result.exception) is kind, result.output
    assert isinstance(result.exception, NewsletterError)
    return result.exception.message
