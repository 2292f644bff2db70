"""SQLite checks states by comparing with one after the other, which costs it far less.

What they allow stays the same, so that only the words of the tables change, as SQLite's own papers
allow it: https://www.sqlite.org/lang_altertable.html#otheralter. PostgreSQL finds no difference.
"""

import re

from alembic import op

revision = "20261130_checks"
down_revision = "20261129_appeals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    run = connection.exec_driver_sql
    tables = run("select name, sql from sqlite_master where type = 'table'").all()
    version = run("PRAGMA schema_version").scalar_one()
    run("PRAGMA writable_schema = ON")
    for name, words in tables:
        compared = re.sub(r"CHECK \((\w+) IN \((.*?)\)\)", _compared, words or "")
        if compared != words:
            run(
                "update sqlite_master set sql = ? where type = 'table' and name = ?",
                (compared, name),
            )
    # Whoever has the file open reads the tables' words again.
    run(f"PRAGMA schema_version = {version + 1}")
    run("PRAGMA writable_schema = RESET")


def _compared(found: re.Match[str]) -> str:
    column, values = found.groups()
    return f"CHECK ({' OR '.join(f'{column} = {value}' for value in values.split(', '))})"


def downgrade() -> None:
    """Leave them: older programs know both."""
