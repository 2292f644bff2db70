"""Publications have logos."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_logos"
down_revision = "20261129_templates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("logo", "logo_alt"):
        op.add_column("publications", sa.Column(name, sa.Text(), server_default="", nullable=False))
    for name in ("logo_width", "logo_height"):
        op.add_column(
            "publications", sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("publications") as batch_op:
        for name in ("logo", "logo_alt", "logo_width", "logo_height"):
            batch_op.drop_column(name)
