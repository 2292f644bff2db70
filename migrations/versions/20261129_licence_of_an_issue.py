"""An issue may have another licence than its publication."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_licence_of_an_issue"
down_revision = "20261129_link_checks"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "fk_issues_licence_id"


def upgrade() -> None:
    with op.batch_alter_table("issues") as batch_op:
        batch_op.add_column(sa.Column("licence_id", BIG, nullable=True))
        batch_op.create_foreign_key(op.f(NAME), "licences", ["licence_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("issues") as batch_op:
        batch_op.drop_constraint(op.f(NAME), type_="foreignkey")
        batch_op.drop_column("licence_id")
