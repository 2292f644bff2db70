"""Hooks, where payment services post what happens, and what they told of payments."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_hooks"
down_revision = "20261129_linked_gifts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=16, create_constraint=True)


HOOK_KIND = _one_of("hookkind", "stripe", "signed")
MOVEMENT_KIND = _one_of(
    "movementkind",
    *("paid", "returned", "failed", "total", "disputed", "won", "same", "named"),
)


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", HOOK_KIND, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("publication_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=False),
        sa.Column("old_until", MOMENT, nullable=True),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("fault_at", MOMENT, nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_hooks_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hooks")),
        sa.UniqueConstraint("source", name=op.f("uq_hooks_source")),
    )
    op.create_table(
        "movements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("kind", MOVEMENT_KIND, nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("units", BIG, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movements")),
        sa.UniqueConstraint("source", "event", name=op.f("uq_movements_source_event")),
    )
    for column in ("payment", "thing", "series"):
        op.create_index(f"ix_movements_{column}", "movements", ["source", column])


def downgrade() -> None:
    op.drop_table("movements")
    op.drop_table("hooks")
