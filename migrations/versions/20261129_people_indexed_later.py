"""Who comes in a file is entered into the directory's indexes later, by the clock.

The three indexes on parts of address and name cost an import more than all else that it writes.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_people_indexed_later"
down_revision = "20261129_uploads"
branch_labels = None
depends_on = None

KEYS = {
    "sqlite": {
        "addresses": "substr(lower(address), 1, 12)",
        "domains": "substr(address, instr(address, '@'))",
        "surnames": "substr(lower(replace(name, rtrim(name, replace(name, ' ', '')), '')), 1, 8)",
    },
    "postgresql": {
        "addresses": 'substr(lower(address), 1, 12) collate "C"',
        "domains": "substr(address, strpos(address, '@')), id",
        "surnames": "substr(lower(split_part(name, ' ', -1)), 1, 8) collate \"C\"",
    },
}


def upgrade() -> None:
    _drop()
    op.add_column(
        "subscribers",
        sa.Column("indexed", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    _create("indexed", "name <> '' and indexed")
    op.create_index(
        "ix_subscribers_not_indexed",
        "subscribers",
        ["id"],
        sqlite_where=sa.text("not indexed"),
        postgresql_where=sa.text("not indexed"),
    )


def downgrade() -> None:
    _drop()
    op.drop_index("ix_subscribers_not_indexed", "subscribers")
    op.drop_column("subscribers", "indexed")
    _create("", "name <> ''")


def _create(everybody: str, named: str) -> None:
    for name, key in KEYS[op.get_context().dialect.name].items():
        some = named if name == "surnames" else everybody
        condition = f" where {some}" if some else ""
        op.execute(f"create index search_index_of_{name} on subscribers ({key}){condition}")


def _drop() -> None:
    for name in ("addresses", "domains", "surnames"):
        op.drop_index(f"search_index_of_{name}", "subscribers")
