"""Links in texts are looked at: what their sites answered is kept."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_link_checks"
down_revision = "20261129_library"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_checks",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_checks")),
    )
    op.create_index(op.f("ix_link_checks_asked_at"), "link_checks", ["asked_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_link_checks_asked_at"), table_name="link_checks")
    op.drop_table("link_checks")
