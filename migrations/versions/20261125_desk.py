"""The desk: passkeys, sign-ins, invitations, attempts, the trail; editors' numbers stay spent."""

import sqlalchemy as sa
from alembic import op

revision = "20261125_desk"
down_revision = "20261125_search_and_related"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

# The trail is only ever added to, whoever holds the database's password.
SQLITE_TRIGGERS = [
    f"""
create trigger audit_entries_stay_on_{act} before {act} on audit_entries begin
  select raise(abort, 'the audit trail is only added to');
end
"""
    for act in ("update", "delete")
]
POSTGRESQL_FUNCTION = """
create function audit_entries_stay() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is only added to';
end $$
"""
POSTGRESQL_TRIGGER = """
create trigger audit_entries_stay before update or delete on audit_entries
for each row execute function audit_entries_stay()
"""


def upgrade() -> None:
    _editors()
    op.create_table(
        "recovery_codes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        _of_editor("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_codes_digest")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        _of_editor("passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", BIG, nullable=False),
        sa.Column("editor_id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("proven_at", MOMENT, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        _of_editor("sign_ins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_ins_digest")),
    )
    role = sa.Enum("writer", "editor", "owner", name="role", native_enum=False, length=16)
    op.create_table(
        "invitations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("role", role, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("editor_id", BIG, nullable=True),
        sa.CheckConstraint(sa.column("role").in_(role.enums), name=op.f("ck_invitations_role")),
        _of_editor("invitations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
    )
    for table in ("recovery_codes", "passkeys", "sign_ins", "invitations"):
        op.create_index(f"ix_{table}_editor_id", table, ["editor_id"])
    op.create_index("ix_sign_ins_seen_at", "sign_ins", ["seen_at"])
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("closed_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"])
    op.create_table(
        "audit_entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("editor_id", BIG, nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    if _is_sqlite():
        for trigger in SQLITE_TRIGGERS:
            op.execute(trigger)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def downgrade() -> None:
    tables = ("attempts", "invitations", "sign_ins", "passkeys", "recovery_codes", "audit_entries")
    for table in tables:
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("drop function audit_entries_stay()")
    with op.batch_alter_table(
        "editors",
        recreate="always" if _is_sqlite() else "never",
        table_kwargs={"sqlite_autoincrement": False},
    ) as batch_op:
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_secret")


def _editors() -> None:
    """Give editors a second factor, and on SQLite numbers that come once, as on PostgreSQL."""
    op.execute("update editors set address = lower(address)")
    with op.batch_alter_table(
        "editors",
        recreate="always" if _is_sqlite() else "never",
        table_kwargs={"sqlite_autoincrement": True},
    ) as batch_op:
        batch_op.add_column(sa.Column("totp_secret", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("totp_step", BIG, server_default="0", nullable=False))


def _of_editor(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["editor_id"], ["editors.id"], name=op.f(f"fk_{table}_editor_id"), ondelete="CASCADE"
    )


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
