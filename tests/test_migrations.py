"""The migrations lead from nothing to what the models say, and back."""

import re
import subprocess
import sys
from pathlib import Path

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.exc import IntegrityError

from newsletter.config import folder
from newsletter.database import Database, newest_schema
from newsletter.migrating import alembic_config
from newsletter.model import Base, Issue


def test_the_migrated_schema_is_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, *_: has_model(name)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_constraints_indexes_and_types_are_those_that_the_models_would_create(
    database: Database,
) -> None:
    migrated = described(database)
    downgrade(database, "base")
    assert described(database) == {}, "a downgrade leaves nothing behind"
    Base.metadata.create_all(database.engine)
    created = described(database)
    assert created.keys() == migrated.keys()
    for table, facts in created.items():
        assert migrated[table] == facts, table


def test_one_step_down_and_up_again_changes_nothing(database: Database) -> None:
    before = described(database)
    downgrade(database, "-1")
    with database.engine.connect() as connection:
        assert schema_of(connection) != newest_schema()
    database.upgrade()
    assert described(database) == before


def test_upgrading_twice_is_upgrading_once(empty_database: Database) -> None:
    empty_database.upgrade()
    once = described(empty_database)
    empty_database.upgrade()
    assert described(empty_database) == once


def test_several_processes_may_upgrade_at_once(empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    program = f"from newsletter.database import Database; Database({url!r}).upgrade()"
    running = [
        subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[1] for process in running] == [""] * 3
    assert "issues" in described(empty_database)


def test_there_is_one_newest_migration(database: Database) -> None:
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    assert scripts.get_heads() == [newest_schema()]


def test_a_migration_needs_nothing_that_will_change_with_the_program() -> None:
    for file in (folder("migrations") / "versions").glob("*.py"):
        imported = re.findall(r"^(?:from|import) (\w+)", file.read_text(), re.MULTILINE)
        assert set(imported) <= {"alembic", "re", "sqlalchemy"}, file.name


def test_an_upgrade_keeps_what_refers_to_a_copied_table(empty_database: Database) -> None:
    with empty_database.changing_schema() as connection:
        alembic.command.upgrade(alembic_config(connection), "20261125_deliveries_stand_alone")
        now = "'2026-11-23 09:00:00+00'"
        for statement in (
            "insert into publications (id, slug, name, kicker, language, zone, author_name,"
            " author_address, created_at, reply_to, description, postal_address, accent,"
            f" donate_url, latest_start) values (1, 'a', 'A', '', 'en', 'UTC', '', 'a@b.example',"
            f" {now}, '', '', '', '', '', 0)",
            "insert into subscribers (id, address, digest, language, created_at, name)"
            f" values (7, 'x@y.example', '1', 'en', {now}, '')",
            "insert into subscriptions (id, subscriber_id, publication_id, state, changed_at,"
            f" frequency, paused_until) values (9, 7, 1, 'active', {now}, 'each', {now})",
        ):
            connection.exec_driver_sql(statement)
    empty_database.upgrade()
    with empty_database.reading() as session:
        assert session.execute(text("select id, state from subscriptions")).all() == [(9, "paused")]
    with empty_database.transaction() as session:
        session.execute(text("delete from subscribers"))
        assert session.execute(text("select count(*) from subscriptions")).scalar() == 0


def test_related_issues_stay_those_that_old_mails_showed(empty_database: Database) -> None:
    with empty_database.changing_schema() as connection:
        alembic.command.upgrade(alembic_config(connection), "20261125_subscribers_and_digests")
        connection.exec_driver_sql(
            "insert into publications (id, slug, name, kicker, language, zone, author_name,"
            " author_address, created_at, reply_to, description, postal_address, accent,"
            " donate_url, latest_start) values (1, 'a', 'A', '', 'en', 'UTC', '', 'a@b.example',"
            " '2026-11-01 09:00:00+00', '', '', '', '', '', 0)"
        )
        for number, state, day in (
            *((1, "sent", 2), (2, "sent", 3), (3, "cancelled", 4), (4, "sent", 5), (5, "sent", 6)),
            *((6, "approved", None), (7, "draft", None)),
        ):
            published = f"'2026-11-0{day} 09:00:00+00'" if day else "null"
            digest = "null" if state == "draft" else "'x'"
            connection.exec_driver_sql(
                "insert into issues (id, publication_id, slug, subject, created_at, state,"
                f" content_hash, published_at) values ({number}, 1, '{number}', '',"
                f" '2026-11-01 09:00:00+00', '{state}', {digest}, {published})"
            )
    empty_database.upgrade()
    with empty_database.reading() as session:
        related = dict(session.execute(select(Issue.id, Issue.related)).all())
    assert related == {1: [], 2: [1], 3: [2, 1], 4: [2, 1], 5: [4, 2, 1], 6: [5, 4, 2], 7: None}


def test_words_of_states_that_sqlite_checks_slowly_are_changed_where_they_stand(
    tmp_path: Path,
) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with old.changing_schema() as connection:
        alembic.command.upgrade(alembic_config(connection), "20261129_appeals")
        connection.exec_driver_sql("create table colours (name CHECK (name IN ('red', 'blue')))")
        connection.exec_driver_sql("insert into colours values ('red')")
    old.upgrade()
    with old.reading() as session:
        words = session.scalar(text("select sql from sqlite_master where name = 'colours'"))
        assert words == "CREATE TABLE colours (name CHECK (name = 'red' OR name = 'blue'))"
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    with pytest.raises(IntegrityError), old.transaction() as session:
        session.execute(text("insert into colours values ('green')"))


def test_sqlite_compares_with_each_state_by_itself(empty_database: Database) -> None:
    empty_database.upgrade()
    with empty_database.reading() as session:
        if session.get_bind().dialect.name != "sqlite":
            return
        words = "\n".join(session.scalars(text("select sql from sqlite_master where sql <> ''")))
    assert "CHECK (tracking = 'none' OR tracking = 'clicks')" in words
    assert not re.search(r"CHECK \(\w+ IN", words)


def schema_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def downgrade(database: Database, revision: str) -> None:
    with database.changing_schema() as connection:
        alembic.command.downgrade(alembic_config(connection), revision)


def _index(found: ReflectedIndex) -> dict[str, object]:
    """Say what a partial index covers in words; its condition is an object of its own each time."""
    options = {name: str(value) for name, value in found.get("dialect_options", {}).items()}
    return {**found, "dialect_options": options}


def described(database: Database) -> dict[str, list[str]]:
    """Say all that reflection knows of each table but the order of its columns."""
    with database.engine.connect() as connection:
        schema = inspect(connection)
        return {
            table: sorted(
                str(fact)
                for facts in (
                    schema.get_columns(table),
                    [schema.get_pk_constraint(table)],
                    schema.get_foreign_keys(table),
                    schema.get_unique_constraints(table),
                    schema.get_check_constraints(table),
                    [_index(one) for one in schema.get_indexes(table) if has_model(one["name"])],
                )
                for fact in facts
            )
            for table in schema.get_table_names()
            if table != "alembic_version" and has_model(table)
        }


def has_model(name: str | None) -> bool:
    """Tell whether the models know a name: of what is for searching, only its migration does."""
    return not (name or "").startswith("search_index")
