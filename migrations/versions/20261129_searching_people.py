"""People are found by the beginning of their address or surname, and by domain; kept searches.

SQLAlchemy knows no index on an expression of SQLite's, so that the three stand here only. The one
on subscriptions gives those of one publication in one state in order.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_searching_people"
down_revision = "20261129_audiences"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Short keys, which cost an import least; what is longer is compared row by row.
INDEXES = {
    "sqlite": {
        "addresses": "substr(lower(address), 1, 12)",
        "domains": "substr(address, instr(address, '@'))",
        "surnames": ("substr(lower(replace(name, rtrim(name, replace(name, ' ', '')), '')), 1, 8)"),
    },
    "postgresql": {
        "addresses": 'substr(lower(address), 1, 12) collate "C"',
        # SQLite has the number of the row in every index.
        "domains": "substr(address, strpos(address, '@')), id",
        "surnames": "substr(lower(split_part(name, ' ', -1)), 1, 8) collate \"C\"",
    },
}


def upgrade() -> None:
    for name, key in INDEXES[op.get_context().dialect.name].items():
        some = " where name <> ''" if name == "surnames" else ""
        op.execute(f"create index search_index_of_{name} on subscribers ({key}){some}")
    op.drop_index("ix_subscriptions_publication_id_state", "subscriptions")
    op.create_index(
        "ix_subscriptions_publication_id_state_id",
        "subscriptions",
        ["publication_id", "state", "id"],
    )
    op.create_table(
        "searches",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_searches_editor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searches")),
    )
    op.create_index("ix_searches_at", "searches", ["at"])


def downgrade() -> None:
    op.drop_table("searches")
    op.drop_index("ix_subscriptions_publication_id_state_id", "subscriptions")
    op.create_index(
        "ix_subscriptions_publication_id_state", "subscriptions", ["publication_id", "state"]
    )
    for name in ("surnames", "domains", "addresses"):
        op.drop_index(f"search_index_of_{name}", "subscribers")
