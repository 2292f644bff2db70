"""Runs the migrations on the connection that the database module hands over."""

from typing import Any, Literal

from alembic import context

from newsletter.model import Base
from newsletter.model.base import Instant


def written(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Write our own kinds of columns as what they are, so that a migration needs no model."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def has_model(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the indexes for searching, which each database keeps in its own way."""
    return kind not in {"table", "index"} or not (name or "").startswith("search_index")


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=written,
    include_name=has_model,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
