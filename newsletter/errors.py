"""Every error a person may meet, as one tree.

    NewsletterError
    ├─ NotFound
    ├─ Invalid ── InvalidAddress, InvalidManuscript, InvalidIssue, InvalidImport, InvalidTime,
    │             TooLarge
    ├─ Conflict ── IssueNotEditable, Outdated
    ├─ Forbidden
    ├─ LinkInvalid
    ├─ KeyInvalid
    ├─ LimitReached
    ├─ ConfigurationError
    ├─ RelayUnavailable
    ├─ NotTypeset
    └─ Unreachable

Each class says in one sentence what happened; that sentence is its default message. Facts travel as
attributes, the ``slug`` names the error to machines. Status numbers belong to the web, exit codes
to the command line.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar


def marked(words: str) -> str:
    """Return ``words``, which are translated where they are shown; import it as ``_``."""
    return words


class NewsletterError(Exception):
    """Something went wrong."""

    slug: ClassVar[str] = "error"

    def __init__(
        self,
        message: str | None = None,
        *,
        words: str = "",
        facts: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        """Say ``message``, or the class's own sentence; keep ``more`` as attributes.

        ``words`` say it to be translated, and filled with ``facts``.
        """
        self.facts = facts or {}
        said = words % self.facts if self.facts else words
        self.message = message or said or type(self).__doc__ or ""
        self.words = words or self.message
        for name, fact in more.items():
            setattr(self, name, fact)
        super().__init__(self.message)


class NotFound(NewsletterError):
    """There is nothing by that name."""

    slug = "not-found"


class Invalid(NewsletterError):
    """The input is not valid."""

    slug = "invalid"


class InvalidAddress(Invalid):
    """The e-mail address is not valid."""

    slug = "invalid-address"


class InvalidManuscript(Invalid):
    """The manuscript cannot be read."""

    slug = "invalid-manuscript"
    line: int | None = None

    def __init__(
        self,
        message: str | None = None,
        *,
        line: int | None = None,
        words: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Name the ``line`` of the manuscript, counted from 1, where one can be named.

        ``words`` say the same without the line.
        """
        super().__init__(message, words=words, facts=facts, line=line)


class InvalidIssue(Invalid):
    """The issue cannot be published as it stands."""

    slug = "invalid-issue"


class InvalidImport(Invalid):
    """The file of subscribers cannot be read."""

    slug = "invalid-import"
    line: int | None = None

    def __init__(self, words: str = "", *, line: int | None = None, **facts: str) -> None:
        """Name the ``line`` of the file, counted from 1, where one can be named.

        ``words`` are to be translated, and filled with ``facts``.
        """
        super().__init__(words=words, facts=facts, line=line)


class TooLarge(Invalid):
    """What was sent is too large."""

    slug = "too-large"


class InvalidTime(Invalid):
    """Nothing can leave at this time."""

    slug = "invalid-time"
    later: datetime | None = None
    is_past: bool = False

    def __init__(
        self, message: str | None = None, *, later: datetime | None = None, is_past: bool = False
    ) -> None:
        """Name what the clock on the wall shows instead, where it skips the time."""
        super().__init__(message, later=later, is_past=is_past)


class Conflict(NewsletterError):
    """That cannot be done now."""

    slug = "conflict"


class IssueNotEditable(Conflict):
    """The issue is past the state in which it can be changed."""

    slug = "issue-not-editable"


class Outdated(Conflict):
    """Somebody else has saved meanwhile."""

    slug = "outdated"


class Forbidden(NewsletterError):
    """That is not allowed."""

    slug = "forbidden"


class LinkInvalid(NewsletterError):
    """This link is not valid."""

    slug = "link-invalid"


class KeyInvalid(NewsletterError):
    """Send a key that works in the header Authorization: Bearer KEY."""

    slug = "key-invalid"


class LimitReached(NewsletterError):
    """Too much was asked for from here; try again later."""

    slug = "limit-reached"


class ConfigurationError(NewsletterError):
    """A setting is missing or wrong."""

    slug = "configuration"


class RelayUnavailable(NewsletterError):
    """The relay cannot be used at the moment."""

    slug = "relay-unavailable"
    refuses_us: bool

    def __init__(self, words: str = "", *, refuses_us: bool = False, **facts: str) -> None:
        """Say with ``refuses_us`` that the relay is there, and does not let us in.

        ``words`` are to be translated, and filled with ``facts``.
        """
        super().__init__(words=words, facts=facts, refuses_us=refuses_us)


class NotTypeset(NewsletterError):
    """The PDF could not be made."""

    slug = "not-typeset"


class Unreachable(NewsletterError):
    """The web address cannot be fetched."""

    slug = "unreachable"
    trouble: str = ""
    status: int | None = None
