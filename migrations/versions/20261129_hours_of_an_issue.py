"""Issues have hours of their own."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_hours_of_an_issue"
down_revision = "20261129_wishes_stand_alone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.drop_column("window")
