"""A notice may go to an address that is no subscriber's."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_test_mail"
down_revision = "20261129_domain_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contents", sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    # Without the address, such mail would be sent to nobody.
    op.execute(
        "delete from batches where issue_id is null and first_delivery in (select d.id"
        " from deliveries d join contents c on c.id = d.content_id where c.address is not null)"
    )
    op.execute(
        "delete from deliveries where content_id in"
        " (select id from contents where address is not null)"
    )
    op.execute("delete from contents where address is not null")
    # Not in a batch: that would drop the table on SQLite, and what hangs on it with it.
    op.execute("alter table contents drop column address")
