"""What name servers say of the domains that publications send from."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base


class DomainCheck(Base, kw_only=True):
    """The records of a sender's domain as they were found last.

    ``asked_at`` is when a person asked for a new look; it is done by whoever ticks. ``findings``
    is the list that ``newsletter.domains`` writes and reads.
    """

    __tablename__ = "domain_checks"

    domain: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    findings: Mapped[dict[str, Any] | None] = mapped_column(default=None)
