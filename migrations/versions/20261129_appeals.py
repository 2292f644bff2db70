"""Appeals have variants, words in several languages, a place, a goal, caps; issues choose."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_appeals"
down_revision = "20261129_monthlies"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ALONE = {"resolve_fks": False}
"""A table is copied without a look at those that it refers to."""

# Of a subscription that is deleted nothing is kept: SQLite would give the number of the newest row
# to the next one.
SQLITE_TRIGGER = """
create trigger subscriptions_leave_last_shown after delete on subscriptions begin
  delete from last_shown where subscription_id = old.id;
end
"""
POSTGRESQL_FUNCTION = """
create function subscriptions_leave_last_shown() returns trigger language plpgsql as $$
begin
  delete from last_shown where subscription_id = old.id;
  return old;
end $$
"""
POSTGRESQL_TRIGGER = """
create trigger subscriptions_leave_last_shown after delete on subscriptions
for each row execute function subscriptions_leave_last_shown()
"""


def upgrade() -> None:
    op.create_table(
        "appeal_publications",
        sa.Column("appeal_id", BIG, nullable=False),
        sa.Column("publication_id", BIG, nullable=False),
        _key("appeal_publications", "appeal_id", "appeals", ondelete="CASCADE"),
        _key("appeal_publications", "publication_id", "publications", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("appeal_id", "publication_id", name=op.f("pk_appeal_publications")),
    )
    op.create_index(
        "ix_appeal_publications_publication_id", "appeal_publications", ["publication_id"]
    )
    op.create_table(
        "appeal_variants",
        sa.Column("id", BIG, nullable=False),
        sa.Column("appeal_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("weight between 1 and 100", name=op.f("ck_appeal_variants_weight")),
        _key("appeal_variants", "appeal_id", "appeals", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_variants")),
    )
    op.create_index("ix_appeal_variants_appeal_id", "appeal_variants", ["appeal_id"])
    op.create_table(
        "appeal_words",
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("button", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), server_default="", nullable=False),
        _key("appeal_words", "variant_id", "appeal_variants", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("variant_id", "language", name=op.f("pk_appeal_words")),
    )
    op.create_table(
        "appeal_choices",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("appeal_id", BIG, nullable=True),
        sa.Column("variant_id", BIG, nullable=True),
        sa.Column("placement", sa.Text(), nullable=False),
        _key("appeal_choices", "issue_id", "issues", ondelete="CASCADE"),
        _key("appeal_choices", "appeal_id", "appeals"),
        _key("appeal_choices", "variant_id", "appeal_variants"),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_appeal_choices")),
    )
    op.create_table(
        "showings",
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("variant_id", BIG, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=True),
        _key("showings", "issue_id", "issues", ondelete="CASCADE"),
        _key("showings", "variant_id", "appeal_variants"),
        sa.PrimaryKeyConstraint("issue_id", "variant_id", name=op.f("pk_showings")),
    )
    op.create_index("ix_showings_variant_id", "showings", ["variant_id"])
    op.create_table(
        "last_shown",
        sa.Column("subscription_id", BIG, autoincrement=False, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_last_shown")),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)
    for table in ("contents", "donations"):
        with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
            batch_op.add_column(sa.Column("appeal_variant_id", BIG, nullable=True))
            batch_op.create_foreign_key(
                op.f(f"fk_{table}_appeal_variant_id"),
                "appeal_variants",
                ["appeal_variant_id"],
                ["id"],
            )
    op.create_index("ix_donations_appeal_id", "donations", ["appeal_id"])
    _divide()
    with op.batch_alter_table("publications") as batch_op:
        batch_op.drop_constraint(op.f("fk_publications_appeal_id"), type_="foreignkey")
        batch_op.drop_column("appeal_id")
    with op.batch_alter_table("appeals") as batch_op:
        batch_op.drop_constraint(op.f("uq_appeals_slug"), type_="unique")
        for name in ("slug", "title", "text", "button", "destination"):
            batch_op.drop_column(name)
        batch_op.alter_column("name", existing_type=sa.Text(), server_default=None)
        batch_op.alter_column("language", existing_type=sa.Text(), server_default=None)
        batch_op.create_check_constraint("goal", sa.text("goal > 0"))
        batch_op.create_check_constraint(
            "caps", sa.text("every >= 1 and rest_days >= 0 and silent_days >= 0")
        )


def _divide() -> None:
    """Give each appeal a first variant, with the words it had, for whoever carried it."""
    for column in (
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("for_all", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("placement", sa.Text(), server_default="slot", nullable=False),
        sa.Column("goal", BIG, nullable=True),
        sa.Column("goal_currency", sa.Text(), server_default="", nullable=False),
        sa.Column("goal_until", sa.Date(), nullable=True),
        sa.Column("every", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("rest_days", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("silent_days", sa.SmallInteger(), server_default="0", nullable=False),
    ):
        op.add_column("appeals", column)
    for statement in (
        "update appeals set name = title, language = coalesce((select language from publications"
        " where appeal_id = appeals.id order by id limit 1), 'en')",
        "insert into appeal_publications (appeal_id, publication_id)"
        " select appeal_id, id from publications where appeal_id is not null",
        "insert into appeal_variants (appeal_id, name) select id, 'A' from appeals order by id",
        "insert into appeal_words (variant_id, language, title, text, button, destination)"
        " select v.id, a.language, a.title, a.text, a.button, a.destination"
        " from appeals a join appeal_variants v on v.appeal_id = a.id",
        *(
            f"update {table} set appeal_variant_id = (select id from appeal_variants v"  # noqa: S608
            f" where v.appeal_id = {table}.appeal_id)"
            for table in ("contents", "donations")
        ),
    ):
        op.execute(statement)


def downgrade() -> None:
    _unite()
    op.drop_index("ix_donations_appeal_id", "donations")
    for table in ("contents", "donations"):
        with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
            batch_op.drop_constraint(op.f(f"fk_{table}_appeal_variant_id"), type_="foreignkey")
            batch_op.drop_column("appeal_variant_id")
    if op.get_context().dialect.name == "sqlite":
        op.execute("drop trigger subscriptions_leave_last_shown")
    else:
        op.execute("drop trigger subscriptions_leave_last_shown on subscriptions")
        op.execute("drop function subscriptions_leave_last_shown()")
    for table in (
        *("last_shown", "showings", "appeal_choices", "appeal_words", "appeal_variants"),
        "appeal_publications",
    ):
        op.drop_table(table)


def _unite() -> None:
    """Give each appeal the words of its first variant back, in its own language."""
    for name in ("slug", "title", "text", "button", "destination"):
        op.add_column("appeals", sa.Column(name, sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("publications") as batch_op:
        batch_op.add_column(sa.Column("appeal_id", BIG, nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_publications_appeal_id"), "appeals", ["appeal_id"], ["id"]
        )
    op.execute("update appeals set slug = 'appeal-' || id")
    for name in ("title", "text", "button", "destination"):
        op.execute(
            f"update appeals set {name} = coalesce((select w.{name} from appeal_words w"  # noqa: S608
            " join appeal_variants v on v.id = w.variant_id where v.appeal_id = appeals.id"
            " and w.language = appeals.language order by v.id limit 1), name)"
        )
    op.execute(
        "update publications set appeal_id = (select min(appeal_id) from appeal_publications"
        " where publication_id = publications.id)"
    )
    with op.batch_alter_table("appeals") as batch_op:
        for name in ("goal", "caps"):
            batch_op.drop_constraint(op.f(f"ck_appeals_{name}"), type_="check")
        for name in ("slug", "title", "text", "button", "destination"):
            batch_op.alter_column(name, existing_type=sa.Text(), server_default=None)
        batch_op.create_unique_constraint(op.f("uq_appeals_slug"), ["slug"])
        for name in (
            *("name", "language", "for_all", "placement", "goal", "goal_currency"),
            *("goal_until", "every", "rest_days", "silent_days"),
        ):
            batch_op.drop_column(name)


def _key(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)
