"""Gifts are linked to subscribers where a publication wants it; what was paid back of them."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_linked_gifts"
down_revision = "20261129_ways_to_give"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("donations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("returned", BIG, server_default="0", nullable=False))
        batch_op.add_column(sa.Column("subscriber_id", BIG, nullable=True))
        batch_op.create_check_constraint("returned", sa.text("returned between 0 and amount"))
        batch_op.create_foreign_key(
            op.f("fk_donations_subscriber_id"),
            "subscribers",
            ["subscriber_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_donations_subscriber_id", "donations", ["subscriber_id", "given_on"])
    op.add_column(
        "publications",
        sa.Column("link_gifts", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("publications", "link_gifts")
    op.drop_index("ix_donations_subscriber_id", "donations")
    with op.batch_alter_table("donations", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_donations_subscriber_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_donations_returned"), type_="check")
        batch_op.drop_column("subscriber_id")
        batch_op.drop_column("returned")
