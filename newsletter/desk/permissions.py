"""What each role may do: one table, which guards the pages and from which tests are made."""

import enum
from collections.abc import Mapping

from newsletter.model import Role


class Permission(enum.StrEnum):
    """Something that a page shows or does."""

    TODAY = "today"  # see what is scheduled, what is being sent and what needs someone
    ACCOUNT = "account"  # look after one's own password, codes, passkeys and sign-ins
    SUBSCRIBERS = "subscribers"  # look people up, add, import, suppress and correct them
    PERSONAL_DATA = "personal-data"  # take out all that is held about a person, and erase it
    TEAM = "team"  # invite editors, change their roles, reset and remove them
    TRAIL = "trail"  # read the audit trail


_ALL = frozenset(Role)
_APPROVING = frozenset({Role.EDITOR, Role.OWNER})
_OWNER = frozenset({Role.OWNER})

ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.TODAY: _ALL,
    Permission.ACCOUNT: _ALL,
    Permission.SUBSCRIBERS: _APPROVING,
    Permission.PERSONAL_DATA: _OWNER,
    Permission.TEAM: _OWNER,
    Permission.TRAIL: _OWNER,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether editors of ``role`` have ``permission``."""
    return role in ALLOWED[permission]
