"""Templates of the desk."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_templates"
down_revision = "20261129_donations"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "template_revisions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publication_id", BIG, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("editor_id", BIG, nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_template_revisions_publication_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_revisions")),
        sa.UniqueConstraint(
            "publication_id",
            "language",
            "piece",
            "number",
            name=op.f("uq_template_revisions_publication_id_language_piece_number"),
        ),
    )
    op.create_index(
        "uq_template_revisions_for_all",
        "template_revisions",
        ["language", "piece", "number"],
        unique=True,
        sqlite_where=sa.text("publication_id IS NULL"),
        postgresql_where=sa.text("publication_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("template_revisions")
