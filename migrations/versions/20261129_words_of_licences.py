"""Licences say what they say in several languages."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_words_of_licences"
down_revision = "20261129_rights_of_images"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sa.Column("translations", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("licences", words)


def downgrade() -> None:
    with op.batch_alter_table("licences") as batch_op:
        batch_op.drop_column("translations")
