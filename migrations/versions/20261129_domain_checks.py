"""domain checks."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_domain_checks"
down_revision = "20261129_searching_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "domain_checks",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain_checks")),
    )


def downgrade() -> None:
    op.drop_table("domain_checks")
