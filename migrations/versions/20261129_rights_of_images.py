"""The last day of a picture's right, and when its rights were changed, are known by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_rights_of_images"
down_revision = "20261129_hooks"
branch_labels = None
depends_on = None

FIRST = ("id", "name", "media_type", "width", "height", "created_at", "credit", "permission")
WORDS = ("alt", "source", "file_name", "who")
IMAGES = sa.table("images", sa.column("id"), sa.column("permission"), sa.column("until", sa.Date()))
BEFORE_DAY = " until "


def upgrade() -> None:
    # SQLite reads the columns of a row in their order, so that the large one goes to the end, for
    # which the table has to be made anew.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    order: list[tuple[str, ...]] = [
        (*FIRST, *WORDS, "until", "rights_changed_at", "content", "small")
    ]
    with op.batch_alter_table(
        "images", recreate="always" if is_sqlite else "never", partial_reordering=order
    ) as batch_op:
        batch_op.add_column(sa.Column("until", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("rights_changed_at", sa.DateTime(timezone=True), nullable=True)
        )
    op.create_index(op.f("ix_images_until"), "images", ["until"])
    op.create_index(op.f("ix_images_rights_changed_at"), "images", ["rights_changed_at"])
    _note_last_days()


def _note_last_days() -> None:
    connection = op.get_bind()
    written = sa.select(IMAGES.c.id, IMAGES.c.permission).where(
        IMAGES.c.permission.like("% until %")
    )
    for number, permission in connection.execute(written).all():
        day = permission.rpartition(BEFORE_DAY)[2]
        try:
            until = sa.Date().python_type.fromisoformat(day)
        except ValueError:
            continue  # no day of the calendar
        connection.execute(sa.update(IMAGES).where(IMAGES.c.id == number).values(until=until))


def downgrade() -> None:
    op.drop_index(op.f("ix_images_rights_changed_at"), table_name="images")
    op.drop_index(op.f("ix_images_until"), table_name="images")
    with op.batch_alter_table("images") as batch_op:
        batch_op.drop_column("rights_changed_at")
        batch_op.drop_column("until")
