"""Ways to give: payment links and bank accounts, of one publication or of all."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_ways_to_give"
down_revision = "20261129_api_keys"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KIND = sa.Enum(
    "link", "transfer", name="waykind", native_enum=False, length=16, create_constraint=True
)


def upgrade() -> None:
    op.create_table(
        "ways",
        sa.Column("id", BIG, nullable=False),
        sa.Column("publication_id", BIG, nullable=True),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_ways_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ways")),
    )
    op.create_index(op.f("ix_ways_publication_id"), "ways", ["publication_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ways_publication_id"), "ways")
    op.drop_table("ways")
