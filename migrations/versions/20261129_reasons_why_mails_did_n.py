"""Reasons why mails did not leave."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_reasons_why_mails_did_n"
down_revision = "20261129_test_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reasons",
        sa.Column("issue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "deferred",
                "refused",
                "skipped",
                "unknown",
                name="reasonkind",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_reasons_issue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "kind", "domain", "words", name=op.f("pk_reasons")),
    )


def downgrade() -> None:
    op.drop_table("reasons")
