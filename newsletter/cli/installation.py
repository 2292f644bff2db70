"""One installation: its settings, its database, its links, put together in one place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from newsletter import config
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.links import Links


@dataclass(frozen=True, slots=True)
class Installation:
    """What every command works on."""

    settings: Settings
    database: Database
    links: Links


@contextmanager
def installation(
    settings: Settings | None = None, *, upgrade: bool = False
) -> Iterator[Installation]:
    """Open the installation that the environment describes; with ``upgrade`` make or mend it.

    Raises ConfigurationError when a setting is wrong or the database has another schema.
    """
    chosen = settings or config.load()
    database = Database(chosen.database_url)
    try:
        if upgrade:
            database.upgrade()
        else:
            database.check()
        yield Installation(chosen, database, Links(chosen.base_url, chosen.secret_key))
    finally:
        database.close()
