"""Settings: one page from which all that an owner decides can be reached."""

from flask import Response

from newsletter import domains, issues, model, support
from newsletter.deliveries import relays
from newsletter.desk import Permission, keys
from newsletter.language import LANGUAGES
from newsletter.web.context import database, settings
from newsletter.web.desk.frame import page
from newsletter.web.desk.guard import bp, needs


@bp.get("/settings")
@needs(Permission.SETTINGS)
def settings_page() -> Response:
    """Show what there is to decide, and what lacks something."""
    with database.reading() as session:
        written = issues.templates.written(session, LANGUAGES[0])
        return page(
            "settings/home.html",
            publications=issues.publications(session),
            licences=len(issues.furniture(session, model.Licence)),
            troubled=any(state.failures for state in relays.states(session)),
            is_local=settings.has_mailbox,
            domains=domains.worst([f for s in domains.states(session) for f in s.findings]),
            ways=len(support.ways(session)),
            refused=any(map(support.is_refused, support.hooks(session))),
            keys=sum(not key.revoked_at for key in keys.listed(session)),
            written=len(written),
            broken=any(each.faults for each in written),
        )
