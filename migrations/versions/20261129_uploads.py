"""Files of subscribers that editors upload, and how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_uploads"
down_revision = "20261129_licence_of_an_issue"
branch_labels = None
depends_on = None


BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = ("waiting", "checking", "checked", "running", "done", "cancelled", "failed")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name="uploadstate",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("publication", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("offset", BIG, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_uploads_editor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("uploads")
