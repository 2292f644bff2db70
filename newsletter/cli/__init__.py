"""The command line: the composition root, where settings, database, engine and web meet.

Each command is imported when it is asked for: most need little of the house, and a process that is
started to lend a hand needs none of it.
"""

import gc
import logging
import sys
from collections.abc import Mapping
from importlib import import_module

import click

from newsletter import __version__
from newsletter.errors import NewsletterError

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "init": ("run",),
    "demo": ("demo",),
    "run": ("run",),
    "publication": ("publication",),
    "issue": ("issue", "control"),
    "subscriber": ("subscriber", "exchange", "person"),
    "editor": ("editor",),
    "dkim": ("dkim",),
    "db": ("run",),
}
"""Where each command is, and the modules that add commands to it."""


class Commands(click.Group):
    """The commands of the house, each looked up under its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name them in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and all that belongs to it."""
        modules = [import_module(f"{__name__}.{each}") for each in COMMANDS.get(cmd_name, ())]
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        command: click.Command | None = getattr(modules[0], cmd_name) if modules else None
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="newsletter")
def newsletter() -> None:
    """Publish analyses as newsletters: bring in, preview, schedule, send.

    Settings come from NEWSLETTER_… variables; the README lists them. Start with `newsletter demo`,
    or with `newsletter init`.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("alembic", "apscheduler", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def main() -> None:
    """Run the command line; a person meets errors as one sentence, never as a traceback."""
    # What is imported stays: to look through it for what could go, meanwhile and at the end, takes
    # a quarter of the time of a short command. It is done again once the command is there.
    gc.disable()
    try:
        newsletter()
    except NewsletterError as error:
        click.echo(f"error: {error.message}", err=True)
        sys.exit(1)
