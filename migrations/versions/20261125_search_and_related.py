"""Search and related: a full-text index, what issues are about, related issues frozen with each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_search_and_related"
down_revision = "20261125_subscribers_and_digests"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The words are folded by the program, the same for both databases; the clock fills the index.
FTS5 = """
create virtual table search_index using fts5(
  headline, lead, body, tokenize = 'unicode61 remove_diacritics 0'
)
"""


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_subjects_issue_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "term", name=op.f("pk_subjects")),
    )
    op.create_index("ix_subjects_term", "subjects", ["term"])
    if _is_sqlite():
        op.execute(FTS5)
    else:
        op.create_table(
            "search_index",
            sa.Column("issue_id", BIG, nullable=False),
            sa.Column("words", postgresql.TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(
                ["issue_id"], ["issues.id"], name="fk_search_index_issue_id", ondelete="CASCADE"
            ),
            sa.PrimaryKeyConstraint("issue_id", name="pk_search_index"),
        )
        op.create_index("ix_search_index_words", "search_index", ["words"], postgresql_using="gin")
    op.add_column("issues", sa.Column("related", sa.JSON(), nullable=True))
    _keep_what_mails_showed()


def downgrade() -> None:
    op.drop_column("issues", "related")
    op.drop_table("search_index")
    op.drop_index("ix_subjects_term", "subjects")
    op.drop_table("subjects")


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _keep_what_mails_showed() -> None:
    """Give approved issues the related ones of their mail: the latest three before each."""
    names = ("id", "publication_id", "state", "published_at", "content_hash")
    issues = sa.table("issues", *(sa.column(name) for name in names), sa.column("related", sa.JSON))
    database = op.get_bind()
    rows = database.execute(
        sa.select(*(issues.c[name] for name in names)).order_by(
            issues.c.published_at.asc().nulls_last(), issues.c.id
        )
    ).all()
    earlier: dict[int, list[int]] = {}
    for row in rows:
        shown = earlier.setdefault(row.publication_id, [])
        if row.content_hash is not None:
            database.execute(
                sa.update(issues).where(issues.c.id == row.id).values(related=shown[:3])
            )
        if row.state == "sent" and row.published_at is not None:
            shown.insert(0, row.id)
