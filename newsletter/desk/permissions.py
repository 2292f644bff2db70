"""What each role may do: one table, which guards the pages and from which tests are made."""

import enum
from collections.abc import Mapping

from newsletter.model import Role


class Permission(enum.StrEnum):
    """Something that a page shows or does."""

    TODAY = "today"  # see what is scheduled, what is being sent and what needs someone
    ACCOUNT = "account"  # look after one's own password, codes, passkeys and sign-ins
    TEAM = "team"  # invite editors, change their roles, reset and remove them
    TRAIL = "trail"  # read the audit trail
    WRITE = "write"  # begin issues, write drafts, put pictures in, look after their rights


_ALL = frozenset(Role)
_OWNER = frozenset({Role.OWNER})

ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.TODAY: _ALL,
    Permission.ACCOUNT: _ALL,
    Permission.TEAM: _OWNER,
    Permission.TRAIL: _OWNER,
    Permission.WRITE: _ALL,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether editors of ``role`` have ``permission``."""
    return role in ALLOWED[permission]
