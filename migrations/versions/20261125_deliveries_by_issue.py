"""Deliveries are found by issue and reader: an issue's rows go to the end of that index.

By reader and issue each row of a new issue went in between the rows of older ones, which touched
the whole index and cost SQLite more time than all the rest of freezing an audience.
"""

from alembic import op

revision = "20261125_deliveries_by_issue"
down_revision = "20261125_desk"
branch_labels = None
depends_on = None


EMPTY = "  update deliveries set subscriber_id = null"
# By the reader alone nothing is found any more: each issue is asked, and what belongs to none.
OLD, NEW = (
    ("subscriber_id = old.id",),
    (
        "issue_id is null and subscriber_id = old.id",
        "issue_id in (select id from issues) and subscriber_id = old.id",
    ),
)


def upgrade() -> None:
    _index_by("issue_id", "subscriber_id", NEW)


def downgrade() -> None:
    _index_by("subscriber_id", "issue_id", OLD)


def _index_by(first: str, second: str, found: tuple[str, ...]) -> None:
    emptied = "".join(f"{EMPTY} where {each};\n" for each in found)
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute("drop trigger subscribers_leave_deliveries")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(f"uq_deliveries_{second}_{first}"), type_="unique")
        batch_op.create_unique_constraint(op.f(f"uq_deliveries_{first}_{second}"), [first, second])
    if sqlite:
        op.execute(
            "create trigger subscribers_leave_deliveries after delete on subscribers begin\n"
            f"{emptied}end"
        )
    else:
        op.execute(
            "create or replace function subscribers_leave_deliveries() returns trigger"
            f" language plpgsql as $$ begin\n{emptied}  return old;\nend $$"
        )
