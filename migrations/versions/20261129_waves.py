"""Issues may leave in waves: a second subject on trial, and an embargo for a few."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_waves"
down_revision = "20261129_errata"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subject_tests",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("share", sa.SmallInteger(), nullable=False),
        sa.Column("wait", sa.Integer(), nullable=False),
        sa.Column("rule", _one_of("winnerrule", "clicks", "editor"), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("winner", _one_of("variant", "a", "b"), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=True),
        sa.Column("editor_id", BIG, nullable=True),
        sa.CheckConstraint("share between 1 and 100", name=op.f("ck_subject_tests_share")),
        _of_issue("subject_tests"),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_subject_tests")),
    )
    op.create_table(
        "embargoes",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("segment_id", BIG, nullable=True),
        sa.Column("lead", sa.Integer(), nullable=False),
        sa.Column("wall_time", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        _of_issue("embargoes"),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name=op.f("fk_embargoes_segment_id")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_embargoes")),
    )
    op.create_index("ix_embargoes_segment_id", "embargoes", ["segment_id"])
    op.create_table(
        "waves",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content_id", BIG, nullable=True),
        sa.Column("frozen", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        _of_issue("waves"),
        sa.PrimaryKeyConstraint("issue_id", "number", name=op.f("pk_waves")),
    )
    # None of these in a batch: on SQLite that would copy the table, row by row.
    op.add_column("issues", sa.Column("embargo_until", MOMENT, nullable=True))
    op.add_column("deliveries", sa.Column("wave", sa.SmallInteger(), nullable=True))
    op.add_column("batches", sa.Column("wave", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    for table, column in (("batches", "wave"), ("deliveries", "wave"), ("issues", "embargo_until")):
        op.execute(f"alter table {table} drop column {column}")
    for table in ("waves", "embargoes", "subject_tests"):
        op.drop_table(table)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=16)


def _of_issue(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["issue_id"], ["issues.id"], name=op.f(f"fk_{table}_issue_id"), ondelete="CASCADE"
    )
