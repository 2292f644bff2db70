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
    SCHEDULE = "schedule"  # say when an issue leaves, and to whom; send it now
    SEGMENTS = "segments"  # save audiences under a name


_ALL = frozenset(Role)
_OWNER = frozenset({Role.OWNER})
_SENDERS = frozenset({Role.EDITOR, Role.OWNER})

ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.TODAY: _ALL,
    Permission.ACCOUNT: _ALL,
    Permission.TEAM: _OWNER,
    Permission.TRAIL: _OWNER,
    Permission.SCHEDULE: _SENDERS,
    Permission.SEGMENTS: _SENDERS,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether editors of ``role`` have ``permission``."""
    return role in ALLOWED[permission]
