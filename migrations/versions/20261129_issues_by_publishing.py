"""Issues are found in the order in which they left."""

from alembic import op

revision = "20261129_issues_by_publishing"
down_revision = "20261129_waves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_issues_published_at", "issues", ["published_at"])


def downgrade() -> None:
    op.drop_index("ix_issues_published_at", "issues")
