"""Deliveries stand alone: no foreign keys, sums kept by batch, notices, what publications bear."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_deliveries_stand_alone"
down_revision = "20261125_rates_and_relays"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Of a subscriber who is deleted, deliveries keep what became of them, and nobody's number: SQLite
# would give the number of the newest row to the next person.
SQLITE_TRIGGER = """
create trigger subscribers_leave_deliveries after delete on subscribers begin
  update deliveries set subscriber_id = null where subscriber_id = old.id;
end
"""
POSTGRESQL_FUNCTION = """
create function subscribers_leave_deliveries() returns trigger language plpgsql as $$
begin
  update deliveries set subscriber_id = null where subscriber_id = old.id;
  return old;
end $$
"""
POSTGRESQL_TRIGGER = """
create trigger subscribers_leave_deliveries after delete on subscribers
for each row execute function subscribers_leave_deliveries()
"""


def upgrade() -> None:
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("retry_hours", sa.Integer(), server_default="48", nullable=False)
        )
        batch_op.add_column(
            sa.Column("hold_unknown", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("update issues set tries_since = published_at")
    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.alter_column("issue_id", existing_type=BIG, nullable=True)
        for name in ("sent", "refused", "skipped", "unknown"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for state in ("sent", "refused", "skipped", "unknown"):
        op.execute(
            f"update batches set {state} = (select count(*) from deliveries"  # noqa: S608
            " where deliveries.issue_id = batches.issue_id and deliveries.id"
            f" between first_delivery and last_delivery and state = '{state}')"
        )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_issue_id_state")
        for name in ("content_id", "issue_id", "subscriber_id", "subscription_id"):
            batch_op.drop_constraint(op.f(f"fk_deliveries_{name}"), type_="foreignkey")
        batch_op.drop_column("subscription_id")
    if op.get_context().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("drop trigger subscribers_leave_deliveries")
    else:
        op.execute("drop trigger subscribers_leave_deliveries on subscribers")
        op.execute("drop function subscribers_leave_deliveries()")
    # Notices belong to no issue, which the older schema has no place for.
    op.execute("delete from batches where issue_id is null")
    op.execute("delete from deliveries where issue_id is null")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subscription_id", BIG, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_deliveries_content_id"), "contents", ["content_id"], ["id"]
        )
        batch_op.create_foreign_key(
            op.f("fk_deliveries_issue_id"), "issues", ["issue_id"], ["id"], ondelete="CASCADE"
        )
        for name in ("subscriber", "subscription"):
            batch_op.create_foreign_key(
                op.f(f"fk_deliveries_{name}_id"),
                f"{name}s",
                [f"{name}_id"],
                ["id"],
                ondelete="SET NULL",
            )
        batch_op.create_index("ix_deliveries_issue_id_state", ["issue_id", "state"], unique=False)
    op.execute(
        "update deliveries set subscription_id = (select s.id from subscriptions s join issues i"
        " on i.publication_id = s.publication_id where i.id = deliveries.issue_id"
        " and s.subscriber_id = deliveries.subscriber_id)"
    )
    with op.batch_alter_table("batches", schema=None) as batch_op:
        for name in ("unknown", "skipped", "refused", "sent"):
            batch_op.drop_column(name)
        batch_op.alter_column("issue_id", existing_type=BIG, nullable=False)
    # Not in a batch: that would drop the tables on SQLite, and what hangs on them with them.
    op.execute("alter table issues drop column tries_since")
    for name in ("hold_unknown", "retry_hours", "window"):
        op.execute(f'alter table publications drop column "{name}"')
