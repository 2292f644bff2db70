"""What each role may do: one table, which guards the pages and from which tests are made."""

import enum
from collections.abc import Mapping

from newsletter.model import Role


class Permission(enum.StrEnum):
    """Something that a page shows or does."""

    TODAY = "today"  # see what is scheduled, what is being sent and what needs someone
    ACCOUNT = "account"  # look after one's own password, codes, passkeys and sign-ins
    ISSUES = "issues"  # see all issues, the calendar, and how far approval is
    WRITE = "write"  # write issues, submit them, comment on them
    APPROVE = "approve"  # approve issues, or send them back
    TEAM = "team"  # invite editors, change their roles, reset and remove them
    TRAIL = "trail"  # read the audit trail


_ALL = frozenset(Role)
_EDITORS = frozenset({Role.EDITOR, Role.OWNER})
_OWNER = frozenset({Role.OWNER})

ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.TODAY: _ALL,
    Permission.ACCOUNT: _ALL,
    Permission.ISSUES: _ALL,
    Permission.WRITE: _ALL,
    Permission.APPROVE: _EDITORS,
    Permission.TEAM: _OWNER,
    Permission.TRAIL: _OWNER,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether editors of ``role`` have ``permission``."""
    return role in ALLOWED[permission]
