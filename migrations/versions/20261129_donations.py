"""Donations."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_donations"
down_revision = "20261129_issues_by_publishing"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "donations",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("publication_id", _KEY, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("amount", _KEY, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issue_id", _KEY, nullable=True),
        sa.Column("appeal_id", _KEY, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_donations_amount")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_donations_publication_id")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_donations_issue_id")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name=op.f("fk_donations_appeal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donations")),
        sa.UniqueConstraint("source", "reference", name=op.f("uq_donations_source_reference")),
    )
    op.create_index("ix_donations_issue_id", "donations", ["issue_id"])
    op.create_index("ix_donations_given_on", "donations", ["given_on", "id"])


def downgrade() -> None:
    op.drop_table("donations")
