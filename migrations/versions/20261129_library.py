"""Pictures have all their rights and a small form, and it is known which articles show them."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_library"
down_revision = "20261129_manuscripts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = ("alt", "source", "file_name", "who")
FIRST = ("id", "name", "media_type", "width", "height", "created_at", "credit", "permission")
NAMES = "select name, id from images"
USE = "insert into image_uses (image_id, article_id) values (:image, :article)"
ENDINGS = (".png", ".jpeg")  # after twenty digits


def upgrade() -> None:
    # SQLite reads the columns of a row in their order; the large one goes to the end.
    order: list[tuple[str, ...]] = [(*FIRST, *WORDS, "content", "small")]
    with op.batch_alter_table("images", partial_reordering=order) as batch_op:
        for name in WORDS:
            batch_op.add_column(sa.Column(name, sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("small", sa.LargeBinary(), nullable=True))
    op.create_table(
        "image_uses",
        sa.Column("image_id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_image_uses_image_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_image_uses_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "article_id", name=op.f("pk_image_uses")),
    )
    op.create_index(op.f("ix_image_uses_article_id"), "image_uses", ["article_id"])
    _note_uses()


def _note_uses() -> None:
    """Find in the articles the images that they name."""
    connection = op.get_bind()
    numbers: dict[str, int] = dict(connection.execute(sa.text(NAMES)).all())
    uses = [
        {"image": numbers[name], "article": article}
        for article, source in connection.execute(sa.text("select id, source from articles"))
        for name in {
            before[-20:] + ending
            for ending in ENDINGS
            for before in source.split(ending)
            if before[-20:] + ending in numbers
        }
    ]
    if uses:
        connection.execute(sa.text(USE), uses)


def downgrade() -> None:
    op.drop_table("image_uses")
    order: list[tuple[str, ...]] = [
        ("id", "name", "media_type", "width", "height", "content", "created_at")
    ]
    with op.batch_alter_table("images", partial_reordering=order) as batch_op:
        for name in (*WORDS, "small"):
            batch_op.drop_column(name)
