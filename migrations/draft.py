"""Write a migration from what the models have and the migrated schema lacks.

Run it as ``make migration m="Issues have editors"``, then read what it wrote: it sees tables,
columns and indexes, but neither renamed columns nor CHECK constraints.
"""

import re
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import alembic.command

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the checkout that this file is in

from newsletter.database import Database
from newsletter.migrating import alembic_config


def draft(message: str, day: date) -> None:
    """Write the migration that ``message`` describes, named by ``day``."""
    slug = re.sub(r"\W+", "_", message.lower())
    # The column in which Alembic keeps the name is 32 characters wide.
    name = f"{day:%Y%m%d}_{slug}"[:32].strip("_")
    file = Path(__file__).parent / "versions" / f"{name}.py"
    if file.exists():
        sys.exit(f"There is a {file.name} already; say it in other words")
    with (
        TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{folder}/newsletter.sqlite3")) as database,
    ):
        database.upgrade()
        with database.engine.begin() as connection:
            config = alembic_config(connection)
            config.set_main_option("file_template", "%%(rev)s")
            alembic.command.revision(config, message.rstrip("."), autogenerate=True, rev_id=name)
    # Alembic's own comments say nothing to the next reader.
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))


if __name__ == "__main__":
    if not any(sys.argv[1:]):
        sys.exit('Say what changes: make migration m="Issues have editors"')
    draft(sys.argv[1], datetime.now(UTC).date())
