"""Approval: who did what on the way, which drafts await it, and whether it takes four eyes."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_approval"
down_revision = "20261129_reasons_why_mails_did_n"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KINDS = ("submitted", "withdrawn", "commented", "sent_back", "approved", "revoked")


def upgrade() -> None:
    op.add_column("issues", sa.Column("submitted_at", MOMENT, nullable=True))
    op.add_column(
        "publications",
        sa.Column("four_eyes", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    kind = sa.Enum(*KINDS, name="stepkind", native_enum=False, length=16)
    op.create_table(
        "approval_steps",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("editor_id", BIG, nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.CheckConstraint(sa.column("kind").in_(KINDS), name=op.f("ck_approval_steps_stepkind")),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_approval_steps_issue_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_steps")),
    )
    op.create_index("ix_approval_steps_issue_id", "approval_steps", ["issue_id"])


def downgrade() -> None:
    op.drop_table("approval_steps")
    with op.batch_alter_table("publications") as batch_op:
        batch_op.drop_column("four_eyes")
    with op.batch_alter_table("issues") as batch_op:
        batch_op.drop_column("submitted_at")
