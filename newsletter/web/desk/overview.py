"""Today, and the audit trail: pages that only show."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Response, current_app
from sqlalchemy.orm import Session

from newsletter import desk, issues
from newsletter.desk import Action, Line, Permission, may
from newsletter.language import marked as _
from newsletter.web.context import database, links
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, needs, presence
from newsletter.web.desk.leafing import leaf

PER_PAGE = 50
"""Lines of the trail on one page."""
KEPT = timedelta(minutes=1)
"""How long it is remembered what the press check found in an issue."""

SAID = {
    Action.SIGNED_IN: _("Signed in"),
    Action.SIGN_IN_FAILED: _("Signing in failed"),
    Action.SIGNED_OUT: _("Signed out"),
    Action.SIGN_IN_ENDED: _("Signed a browser out"),
    Action.PASSWORD_CHANGED: _("Set a new password"),
    Action.CODES_ON: _("Turned codes on"),
    Action.CODES_OFF: _("Turned codes off"),
    Action.RECOVERY_CODES_MADE: _("Made new recovery codes"),
    Action.RECOVERY_CODE_USED: _("Used a recovery code"),
    Action.PASSKEY_ADDED: _("Added a passkey"),
    Action.PASSKEY_REMOVED: _("Removed a passkey"),
    Action.SET_UP_LINK_MADE: _("Made a link to set up the desk"),
    Action.INVITED: _("Invited"),
    Action.INVITATION_WITHDRAWN: _("Withdrew the invitation"),
    Action.JOINED: _("Joined"),
    Action.ROLE_CHANGED: _("Changed the role"),
    Action.RESET: _("Reset how to sign in"),
    Action.REMOVED: _("Removed"),
    Action.BROUGHT_IN: _("Brought in a manuscript"),
    Action.SUBMITTED: _("Submitted an issue for approval"),
    Action.WITHDRAWN: _("Took an issue back before approval"),
    Action.APPROVED: _("Approved an issue"),
    Action.SENT_BACK: _("Sent an issue back"),
    Action.CORRECTED: _("Corrected an issue"),
    Action.CORRECTION_TOLD: _("Began the mail of a correction"),
    Action.MONTHLY_MADE: _("Made a monthly"),
    Action.TEST_SENT: _("Sent a test mail"),
    Action.ISSUE_BEGUN: _("Began an issue"),
    Action.REOPENED: _("Made an issue a draft again"),
    Action.BROUGHT_BACK: _("Brought an old text back"),
    Action.PICTURE_ADDED: _("Added a picture"),
    Action.RIGHTS_CHANGED: _("Changed the rights of a picture"),
    Action.SCHEDULED: _("Scheduled"),
    Action.UNSCHEDULED: _("Took off the schedule"),
    Action.SENT_NOW: _("Sent at once"),
    Action.AUDIENCE_CHOSEN: _("Chose the audience"),
    Action.WAVES_CHOSEN: _("Chose the waves of an issue"),
    Action.SUBJECT_CHOSEN: _("Chose the subject for the rest"),
    Action.SEGMENT_SAVED: _("Saved the segment"),
    Action.SEGMENT_DELETED: _("Deleted the segment"),
    Action.SENDING_PAUSED: _("Paused an issue"),
    Action.SENDING_RESUMED: _("Let an issue go on"),
    Action.SENDING_CANCELLED: _("Cancelled an issue"),
    Action.SENT_AGAIN: _("Sent an issue again"),
    Action.PUBLICATION_ADDED: _("Added a publication"),
    Action.PUBLICATION_CHANGED: _("Changed a publication"),
    Action.LICENCE_ADDED: _("Added a licence"),
    Action.LICENCE_CHANGED: _("Changed a licence"),
    Action.APPEAL_ADDED: _("Added an appeal"),
    Action.APPEAL_CHANGED: _("Changed an appeal"),
    Action.APPEAL_REMOVED: _("Removed an appeal"),
    Action.APPEAL_CHOSEN: _("Chose the appeal of an issue"),
    Action.WAY_ADDED: _("Added a way to give"),
    Action.WAY_CHANGED: _("Changed a way to give"),
    Action.WAY_REMOVED: _("Removed a way to give"),
    Action.HOOK_ADDED: _("Added a hook for payments"),
    Action.HOOK_SECRET_CHANGED: _("Changed the secret of a hook"),
    Action.HOOK_REMOVED: _("Removed a hook"),
    Action.API_KEY_MADE: _("Made an API key"),
    Action.API_KEY_REVOKED: _("Revoked an API key"),
    Action.LOGO_CHANGED: _("Changed the logo"),
    Action.LOGO_REMOVED: _("Removed the logo"),
    Action.TEMPLATE_CHANGED: _("Changed a mail template"),
    Action.TEMPLATE_GIVEN_BACK: _("Gave a mail template back"),
    Action.RELAY_TRIED: _("Tried a relay"),
    Action.SUBSCRIBER_TAKEN_OUT: _("Took out all that is held about a subscriber"),
    Action.DKIM_KEY_MADE: _("Made a DKIM key"),
    Action.DKIM_KEY_USED: _("Put a DKIM key to use"),
    Action.SUBSCRIBER_ADDED: _("Added a subscriber"),
    Action.SUBSCRIBER_ASKED: _("Had somebody asked to subscribe"),
    Action.SUBSCRIBER_CORRECTED: _("Corrected a subscriber"),
    Action.SUBSCRIBER_TAGGED: _("Put a tag on a subscriber"),
    Action.SUBSCRIBER_UNTAGGED: _("Took a tag off a subscriber"),
    Action.SUBSCRIPTION_ENDED: _("Unsubscribed somebody"),
    Action.MANAGE_LINK_SENT: _("Had the link to their own page sent to a subscriber"),
    Action.SUPPRESSED: _("Suppressed an address"),
    Action.SUPPRESSION_LIFTED: _("Lifted a suppression"),
    Action.SUBSCRIBER_ERASED: _("Erased a subscriber"),
    Action.BLOCKED: _("Blocked sign-ups"),
    Action.UNBLOCKED: _("Allowed sign-ups again"),
    Action.IMPORT_BEGUN: _("Began to take in a file of subscribers"),
    Action.IMPORT_STOPPED: _("Stopped taking in a file of subscribers"),
    Action.DONATIONS_BROUGHT_IN: _("Brought in donations"),
}


@bp.get("/", strict_slashes=False)
@needs(Permission.TODAY)
def today() -> Response:
    """Show what goes on: what is being sent, what waits for someone, what comes."""
    now = datetime.now(UTC)
    with database.reading() as session:
        shown = desk.today(session, now)
        blocking = _blocking(session, shown.awaiting, now)
        audiences = desk.audiences(session, now)
        monthlies = issues.monthlies.due_monthlies(session, now)
    return page(
        "today.html",
        today=shown,
        blocking=blocking,
        audiences=audiences,
        monthlies=monthlies if may(presence.role, Permission.WRITE) else (),
        now=now.astimezone(shown.zone),
        may_write=may(presence.role, Permission.WRITE),
        may_schedule=may(presence.role, Permission.SCHEDULE),
        may_settle=may(presence.role, Permission.SETTINGS),
        may_look_up=may(presence.role, Permission.SUBSCRIBERS),
    )


@bp.get("/trail")
@needs(Permission.TRAIL)
def trail() -> Response:
    """Show who did what, newest first."""
    with database.reading() as session:
        zone = desk.house_zone(session)
        found = leaf(lambda before, most: desk.trail(session, before=before, limit=most), PER_PAGE)
    return page(
        "trail.html",
        lines=found.rows,
        older=found.older,
        before=found.before,
        said=SAID,
        zone=zone,
    )


def _blocking(session: Session, lines: Sequence[Line], now: datetime) -> Mapping[int, int]:
    """Count what keeps each issue from being approved, by the issues' numbers.

    To check a text takes as long as to render its mail: the answer is kept for as long as nobody
    has saved another one, and for a minute, as licences and the like change too.
    """
    known = cast(
        "Mapping[tuple[int, int], tuple[datetime, int]]",
        current_app.extensions.get("desk-blocking", {}),
    )
    found: dict[tuple[int, int], tuple[datetime, int]] = {}
    for line in lines:
        at, count = known.get((line.id, line.version), (datetime.min.replace(tzinfo=UTC), 0))
        if at <= now - KEPT:
            remarks = issues.remarks_on(
                issues.edition(session, issues.fetch(session, line.id), links, now),
                today=now.date(),
            )
            at, count = now, sum(remark.blocks for remark in remarks)
        found[line.id, line.version] = at, count
    current_app.extensions["desk-blocking"] = found
    return {number: count for (number, _version), (_at, count) in found.items()}
