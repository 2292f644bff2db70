"""Migrations: the way from every schema that there was to the newest, which Alembic goes.

A process that finds its database as it should be needs nothing of this, nor of Alembic.
"""

import alembic.command
import alembic.config
from sqlalchemy import Connection

from newsletter.config import folder


def migrate(connection: Connection) -> None:
    """Bring the database to the newest schema, in the transaction that is under way."""
    alembic.command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> alembic.config.Config:
    """Build the configuration of the migrations for an open ``connection``."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
