"""Issues may collect what was published in a month."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_monthlies"
down_revision = "20261129_words_of_licences"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "monthlies",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("publication_id", BIG, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preface", sa.Text(), server_default="", nullable=False),
        sa.Column("written", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_monthlies_issue_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_monthlies_publication_id")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_monthlies")),
        sa.UniqueConstraint(
            "publication_id", "month", name=op.f("uq_monthlies_publication_id_month")
        ),
    )


def downgrade() -> None:
    op.drop_table("monthlies")
