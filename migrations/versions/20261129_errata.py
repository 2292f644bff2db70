"""Corrections of issues that are public, with the issue that tells their readers."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_errata"
down_revision = "20261129_reuse"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "errata",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told_by_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_errata_issue_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["issues.id"], name=op.f("fk_errata_told_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errata")),
    )
    op.create_index(op.f("ix_errata_issue_id"), "errata", ["issue_id"])
    op.create_index(op.f("ix_errata_told_by_id"), "errata", ["told_by_id"])
    op.add_column("issues", sa.Column("corrected_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("issues", "corrected_at")
    op.drop_index(op.f("ix_errata_told_by_id"), "errata")
    op.drop_index(op.f("ix_errata_issue_id"), "errata")
    op.drop_table("errata")
