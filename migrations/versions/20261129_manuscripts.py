"""Manuscripts wait to be made issues of; feeds are offered again."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_manuscripts"
down_revision = "20261129_clicks_and_goodbyes"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", BIG, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
    )
    op.create_table(
        "manuscripts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("charset", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publication_id", BIG, nullable=True),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("pictures", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _of("editor_id", "editors", "CASCADE"),
        _of("publication_id", "publications", "SET NULL"),
        _of("issue_id", "issues", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manuscripts")),
    )
    for column in ("created_at", "editor_id"):
        op.create_index(op.f(f"ix_manuscripts_{column}"), "manuscripts", [column])


def _of(column: str, table: str, gone: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_manuscripts_{column}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete=gone)


def downgrade() -> None:
    op.drop_table("manuscripts")
    op.drop_table("feeds")
