"""Bot challenges that were solved: each counts once."""

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing


def spend(session: Session, key: str, ends_at: datetime) -> bool:
    """Take a solved challenge for good; False when it was taken before. It is kept till it ends."""
    return insert_missing(session, model.Challenge, [{"key": key, "ends_at": ends_at}]) == 1
