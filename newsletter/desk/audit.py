"""The audit trail: who did what, when, about what, from which network. It is only added to."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model


class Action(enum.StrEnum):
    """What stands in the trail."""

    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SIGNED_OUT = "signed-out"
    SIGN_IN_ENDED = "sign-in-ended"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - no password
    CODES_ON = "codes-on"
    CODES_OFF = "codes-off"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    RECOVERY_CODE_USED = "recovery-code-used"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    SET_UP_LINK_MADE = "set-up-link-made"
    INVITED = "invited"
    INVITATION_WITHDRAWN = "invitation-withdrawn"
    JOINED = "joined"
    ROLE_CHANGED = "role-changed"
    RESET = "reset"
    REMOVED = "removed"
    BROUGHT_IN = "brought-in"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    SENT_BACK = "sent-back"
    CORRECTED = "corrected"
    CORRECTION_TOLD = "correction-told"
    MONTHLY_MADE = "monthly-made"
    TEST_SENT = "test-sent"
    ISSUE_BEGUN = "issue-begun"
    REOPENED = "reopened"
    BROUGHT_BACK = "brought-back"
    PICTURE_ADDED = "picture-added"
    RIGHTS_CHANGED = "rights-changed"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    SENT_NOW = "sent-now"
    AUDIENCE_CHOSEN = "audience-chosen"
    WAVES_CHOSEN = "waves-chosen"
    SUBJECT_CHOSEN = "subject-chosen"
    SEGMENT_SAVED = "segment-saved"
    SEGMENT_DELETED = "segment-deleted"
    SENDING_PAUSED = "sending-paused"
    SENDING_RESUMED = "sending-resumed"
    SENDING_CANCELLED = "sending-cancelled"
    SENT_AGAIN = "sent-again"
    PUBLICATION_ADDED = "publication-added"
    PUBLICATION_CHANGED = "publication-changed"
    LICENCE_ADDED = "licence-added"
    LICENCE_CHANGED = "licence-changed"
    APPEAL_ADDED = "appeal-added"
    APPEAL_CHANGED = "appeal-changed"
    APPEAL_REMOVED = "appeal-removed"
    APPEAL_CHOSEN = "appeal-chosen"
    WAY_ADDED = "way-added"
    WAY_CHANGED = "way-changed"
    WAY_REMOVED = "way-removed"
    HOOK_ADDED = "hook-added"
    HOOK_SECRET_CHANGED = "hook-secret-changed"  # noqa: S105 - the name of an act
    HOOK_REMOVED = "hook-removed"
    API_KEY_MADE = "api-key-made"
    API_KEY_REVOKED = "api-key-revoked"
    LOGO_CHANGED = "logo-changed"
    LOGO_REMOVED = "logo-removed"
    TEMPLATE_CHANGED = "template-changed"
    TEMPLATE_GIVEN_BACK = "template-given-back"
    RELAY_TRIED = "relay-tried"
    SUBSCRIBER_TAKEN_OUT = "subscriber-taken-out"
    DKIM_KEY_MADE = "dkim-key-made"
    DKIM_KEY_USED = "dkim-key-used"
    SUBSCRIBER_ADDED = "subscriber-added"
    SUBSCRIBER_ASKED = "subscriber-asked"
    SUBSCRIBER_CORRECTED = "subscriber-corrected"
    SUBSCRIBER_TAGGED = "subscriber-tagged"
    SUBSCRIBER_UNTAGGED = "subscriber-untagged"
    SUBSCRIPTION_ENDED = "subscription-ended"
    MANAGE_LINK_SENT = "manage-link-sent"
    SUPPRESSED = "suppressed"
    SUPPRESSION_LIFTED = "suppression-lifted"
    SUBSCRIBER_ERASED = "subscriber-erased"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    IMPORT_BEGUN = "import-begun"
    IMPORT_STOPPED = "import-stopped"
    DONATIONS_BROUGHT_IN = "donations-brought-in"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from which network; without a number, the command line or a stranger."""

    editor_id: int | None = None
    name: str = ""
    origin: str = ""

    @classmethod
    def of(cls, editor: model.Editor, origin: str = "") -> "Actor":
        """Name an editor as the one who acts."""
        return cls(editor.id, editor.name, origin)


OPERATOR = Actor()
"""Whoever has the command line."""


def note(session: Session, actor: Actor, action: Action, now: datetime, about: str = "") -> None:
    """Add a line to the trail."""
    session.add(
        model.AuditEntry(
            at=now,
            action=action,
            editor_id=actor.editor_id,
            who=actor.name,
            about=about,
            origin=actor.origin,
        )
    )
    session.flush()


def trail(
    session: Session, *, before: int | None = None, limit: int = 50
) -> Sequence[model.AuditEntry]:
    """List the trail, newest first, from before the line with the number ``before``."""
    lines = select(model.AuditEntry).order_by(model.AuditEntry.id.desc()).limit(limit)
    if before is not None:
        lines = lines.where(model.AuditEntry.id < before)
    return session.scalars(lines).all()
