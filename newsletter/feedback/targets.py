"""Where the counted links of an issue lead: frozen with its content, named by no request."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from newsletter import links, model


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads; it counts once its issue has begun to leave."""

    url: str
    counts: bool


def freeze_targets(session: Session, issue: int, urls: Sequence[str]) -> None:
    """Keep where an issue's links lead, in the order of its mail; what was kept before is gone."""
    session.execute(delete(model.Link).where(model.Link.issue_id == issue))
    rows = {
        links.key_of(url): {"issue_id": issue, "number": number, "url": url}
        for number, url in reversed(list(enumerate(urls, 1)))
    }
    if rows:
        session.execute(insert(model.Link), [row | {"key": key} for key, row in rows.items()])


def has_left(session: Session, issue: int) -> bool:
    """Tell whether an issue has begun to leave, so that clicks count."""
    left = select(model.Issue.id).where(
        model.Issue.id == issue, model.Issue.published_at.is_not(None)
    )
    return session.scalar(left) is not None


def find_target(session: Session, tag: links.ClickTag) -> Target | None:
    """Return where a link of an issue leads, if that is frozen."""
    row = session.execute(
        select(model.Link.url, model.Issue.published_at)
        .join(model.Issue, model.Issue.id == model.Link.issue_id)
        .where(model.Link.issue_id == tag.issue, model.Link.key == tag.key)
    ).one_or_none()
    return Target(row.url, row.published_at is not None) if row else None
