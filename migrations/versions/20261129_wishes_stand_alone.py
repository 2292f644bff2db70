"""Subscriptions and consents stand alone: no foreign keys, a trigger when a subscriber goes."""

from alembic import op

revision = "20261129_wishes_stand_alone"
down_revision = "20261125_deliveries_by_issue"
branch_labels = None
depends_on = None

ACTS = """
  delete from subscriptions where subscriber_id = old.id;
  update consents set subscriber_id = null where subscriber_id = old.id;
"""
SQLITE_TRIGGER = f"""
create trigger subscribers_leave_wishes after delete on subscribers begin
{ACTS}
end
"""
POSTGRESQL_FUNCTION = f"""
create function subscribers_leave_wishes() returns trigger language plpgsql as $$
begin
{ACTS}
  return old;
end $$
"""
POSTGRESQL_TRIGGER = """
create trigger subscribers_leave_wishes after delete on subscribers
for each row execute function subscribers_leave_wishes()
"""
KEYS = (
    ("subscriptions", "subscriber_id", "subscribers", "CASCADE"),
    ("subscriptions", "publication_id", "publications", None),
    ("consents", "subscriber_id", "subscribers", "SET NULL"),
    ("consents", "publication_id", "publications", None),
)


def upgrade() -> None:
    for table in ("subscriptions", "consents"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for of, name, _, _ in KEYS:
                if of == table:
                    batch_op.drop_constraint(op.f(f"fk_{table}_{name}"), type_="foreignkey")
    if op.get_context().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("drop trigger subscribers_leave_wishes")
    else:
        op.execute("drop trigger subscribers_leave_wishes on subscribers")
        op.execute("drop function subscribers_leave_wishes()")
    for table in ("subscriptions", "consents"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for of, name, to, ondelete in KEYS:
                if of == table:
                    batch_op.create_foreign_key(
                        op.f(f"fk_{table}_{name}"), to, [name], ["id"], ondelete=ondelete
                    )
