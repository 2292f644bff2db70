"""Licences say whether a ready copy is offered; how often texts were taken for reuse is counted."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_reuse"
down_revision = "20261129_people_indexed_later"
branch_labels = None
depends_on = None

FORMS = ("page", "html", "markdown", "text", "json", "embed", "citation")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "licences", sa.Column("reuse", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    licences = sa.table("licences", sa.column("name"), sa.column("reuse"))
    reserved = ("All rights reserved", "Wszelkie prawa zastrzeżone")
    op.execute(licences.update().where(licences.c.name.in_(reserved)).values(reuse=sa.false()))
    op.create_table(
        "reuses",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column(
            "form",
            sa.Enum(*FORMS, name="reuseform", native_enum=False, length=16, create_constraint=True),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_reuses_issue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "form", "day", name=op.f("pk_reuses")),
    )


def downgrade() -> None:
    op.drop_table("reuses")
    op.drop_column("licences", "reuse")
