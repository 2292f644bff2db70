"""Subscribers and digests: sign-ups, changes of address, blocks, imports; numbers stay spent."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_subscribers_and_digests"
down_revision = "20261125_deliveries_stand_alone"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

TRIGGER = """
create trigger subscribers_leave_deliveries after delete on subscribers begin
  update deliveries set subscriber_id = null where subscriber_id = old.id;
end
"""


def upgrade() -> None:
    _count(autoincrement=True)
    pausing = sa.text("paused_until is not null")
    op.create_index(
        "ix_subscriptions_paused_until",
        "subscriptions",
        ["paused_until"],
        sqlite_where=pausing,
        postgresql_where=pausing,
    )
    # Who pauses has a state of its own.
    op.execute(
        "update subscriptions set state = 'paused'"
        " where state = 'active' and paused_until is not null"
    )
    op.execute("update subscriptions set paused_until = null where state <> 'paused'")
    op.add_column("consents", sa.Column("version", sa.Text(), server_default="", nullable=False))
    frequency = sa.Enum("each", "weekly", "monthly", name="frequency", native_enum=False, length=16)
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("frequency", frequency, server_default="each", nullable=False)
        )
        batch_op.create_check_constraint("frequency", sa.column("frequency").in_(frequency.enums))
    op.create_table(
        "sign_ups",
        sa.Column("id", BIG, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("publications", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ups")),
    )
    op.create_table(
        "address_changes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("newcomer_id", BIG, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("old_agreed_at", MOMENT, nullable=True),
        sa.Column("new_agreed_at", MOMENT, nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name],
                ["subscribers.id"],
                name=op.f(f"fk_address_changes_{name}"),
                ondelete="CASCADE",
            )
            for name in ("subscriber_id", "newcomer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sqlite_autoincrement=True,
    )
    for name in ("subscriber_id", "newcomer_id"):
        op.create_index(f"ix_address_changes_{name}", "address_changes", [name])
    op.create_table(
        "blocks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("pattern", name=op.f("uq_blocks_pattern")),
    )
    op.create_table(
        "challenges",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_ends_at", "challenges", ["ends_at"])
    op.create_table(
        "imports",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("offset", BIG, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("digest", name=op.f("uq_imports_digest")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_counters")),
    )


def downgrade() -> None:
    for name in ("counters", "imports", "challenges", "blocks", "address_changes", "sign_ups"):
        op.drop_table(name)
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_issues_frequency"), type_="check")
        batch_op.drop_column("frequency")
    op.drop_column("consents", "version")
    op.drop_index("ix_subscriptions_paused_until", "subscriptions")
    _count(autoincrement=False)


def _count(*, autoincrement: bool) -> None:
    """Have SQLite give the number of a deleted row to no other row, as PostgreSQL does anyway."""
    if op.get_context().dialect.name != "sqlite":
        return
    for table in ("subscribers", "subscriptions"):
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": autoincrement}
        ):
            pass
    op.execute(TRIGGER)  # which went with the old table
