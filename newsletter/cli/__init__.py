"""The command line: the composition root, where settings, database, engine and web meet."""

import logging
import sys

import click

from newsletter import __version__
from newsletter.cli import control as control  # its commands are of the group issue
from newsletter.cli import exchange as exchange  # of the group subscriber
from newsletter.cli import person as person  # and these of the group subscriber
from newsletter.cli.demo import demo
from newsletter.cli.dkim import dkim
from newsletter.cli.issue import issue
from newsletter.cli.publication import publication
from newsletter.cli.run import db, init, run
from newsletter.cli.subscriber import subscriber
from newsletter.errors import NewsletterError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="newsletter")
def newsletter() -> None:
    """Publish analyses as newsletters: bring in, preview, schedule, send.

    Settings come from NEWSLETTER_… variables; the README lists them. Start with `newsletter demo`,
    or with `newsletter init`.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("alembic", "apscheduler", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


for command in (init, demo, run, publication, issue, subscriber, dkim, db):
    newsletter.add_command(command)


def main() -> None:
    """Run the command line; a person meets errors as one sentence, never as a traceback."""
    try:
        newsletter()
    except NewsletterError as error:
        click.echo(f"error: {error.message}", err=True)
        sys.exit(1)
