"""What each role may do: one table, which guards the pages and from which tests are made."""

import enum
from collections.abc import Mapping

from newsletter.model import Role


class Permission(enum.StrEnum):
    """Something that a page shows or does."""

    TODAY = "today"  # see what is scheduled, what is being sent and what needs someone
    ACCOUNT = "account"  # look after one's own password, codes, passkeys and sign-ins
    ISSUES = "issues"  # see all issues, the calendar, and how far approval is
    APPROVE = "approve"  # approve issues, or send them back
    PREVIEW = "preview"  # see an issue as its readers will, and what the press check says of it
    TEST = "test"  # send an issue as a test to a few chosen addresses
    SETTINGS = "settings"  # publications and what they carry, relays, domains, mail templates
    SUBSCRIBERS = "subscribers"  # look people up, add, import, suppress and correct them
    PERSONAL_DATA = "personal-data"  # take out all that is held about a person, and erase it
    TEAM = "team"  # invite editors, change their roles, reset and remove them
    TRAIL = "trail"  # read the audit trail
    WRITE = "write"  # begin issues, write drafts and their pictures, submit them, comment on them
    REOPEN = "reopen"  # make an approved or scheduled issue a draft again
    SCHEDULE = "schedule"  # say when an issue leaves, and to whom; send it now
    SEGMENTS = "segments"  # save audiences under a name
    SENDING = "sending"  # watch an issue leave, and read what became of it
    APPEALS = "appeals"  # write appeals, and say where, when and to whom they are shown
    DONATIONS = "donations"  # see what was given, and bring in files of gifts
    SEND = "send"  # have an issue leave, pause it, let it go on, cancel it


_ALL = frozenset(Role)
_EDITORS = frozenset({Role.EDITOR, Role.OWNER})
_OWNER = frozenset({Role.OWNER})

ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.TODAY: _ALL,
    Permission.ACCOUNT: _ALL,
    Permission.ISSUES: _ALL,
    Permission.APPROVE: _EDITORS,
    Permission.PREVIEW: _ALL,
    Permission.TEST: _ALL,
    Permission.SETTINGS: _OWNER,
    Permission.SUBSCRIBERS: _EDITORS,
    Permission.PERSONAL_DATA: _OWNER,
    Permission.TEAM: _OWNER,
    Permission.TRAIL: _OWNER,
    Permission.WRITE: _ALL,
    Permission.REOPEN: _EDITORS,
    Permission.SCHEDULE: _EDITORS,
    Permission.SEGMENTS: _EDITORS,
    Permission.SENDING: _ALL,
    Permission.APPEALS: _EDITORS,
    Permission.DONATIONS: _EDITORS,
    Permission.SEND: _EDITORS,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether editors of ``role`` have ``permission``."""
    return role in ALLOWED[permission]
