"""Commands about editors, for whoever has the command line and may be locked out of the desk."""

from datetime import UTC, datetime

import click
from rich.table import Table

from newsletter.cli.installation import Installation, installation
from newsletter.cli.tables import print_table
from newsletter.desk import OPERATOR, team
from newsletter.model import Role


@click.group()
def editor() -> None:
    """Invite, list, reset and remove editors, who sign in at the desk."""


@editor.command("add")
@click.argument("address")
@click.option("--name", default="", help="The person's name; whoever comes can mend it.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.WRITER.value,
    show_default=True,
    help="What the person may do: an editor approves and schedules, an owner looks after the team.",
)
def add(address: str, name: str, role: str) -> None:
    """Invite the person at ADDRESS: print a link that opens the desk to them, once."""
    now = datetime.now(UTC)
    with installation() as here, here.database.transaction() as session:
        token = team.invite(session, address, Role(role), now, actor=OPERATOR, name=name)
        click.echo(f"Good once, for {team.INVITED.days} days: {here.links.join(token)}")


@editor.command("list")
def list_() -> None:
    """List the editors and the open invitations."""
    table = Table("Address", "Name", "Role", "Signs in by", box=None)
    now = datetime.now(UTC)
    with installation() as here, here.database.reading() as session:
        for each in team.teammates(session):
            ways = ["password"] * each.has_password + ["code"] * each.has_codes
            ways += ["passkey"] * bool(each.passkeys)
            table.add_row(each.address, each.name, each.role, ", ".join(ways) or "-")
        for invited in team.invitations(session, now):
            table.add_row(invited.address, invited.name, invited.role, "invited")
    if table.row_count:
        print_table(table)
    else:
        click.echo("There is no editor yet. Set up the first: newsletter editor setup-link")


@editor.command("change")
@click.argument("address")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    required=True,
    help="What the editor may do from now on.",
)
def change(address: str, role: str) -> None:
    """Give the editor at ADDRESS another role; they have to sign in again."""
    with installation() as here, here.database.transaction() as session:
        chosen = team.fetch_by_address(session, address)
        team.change_role(session, chosen, Role(role), datetime.now(UTC), actor=OPERATOR)
        click.echo(f"{chosen.name} is {role}")


@editor.command("reset")
@click.argument("address")
def reset(address: str) -> None:
    """End every way in of the editor at ADDRESS; print a link to a new password."""
    with installation() as here, here.database.transaction() as session:
        chosen = team.fetch_by_address(session, address)
        token = team.reset(session, chosen, datetime.now(UTC), actor=OPERATOR)
        click.echo(f"Good once, for a day: {here.links.join(token)}")


@editor.command("remove")
@click.argument("address")
def remove(address: str) -> None:
    """Remove the editor at ADDRESS; what they did stays in the audit trail."""
    with installation() as here, here.database.transaction() as session:
        chosen = team.fetch_by_address(session, address)
        team.remove(session, chosen, datetime.now(UTC), actor=OPERATOR)
        click.echo(f"Removed {chosen.name}")


@editor.command("setup-link")
def setup_link() -> None:
    """Print a new link by which the first owner sets up the desk; the one before ends."""
    with installation() as here:
        click.echo(f"Good once, for a day: {new_setup_link(here)}")


def new_setup_link(here: Installation) -> str:
    """Return a new link to set up the desk; raise Conflict when there is an owner."""
    with here.database.transaction() as session:
        return here.links.join(team.set_up(session, datetime.now(UTC), actor=OPERATOR))


def has_owner(here: Installation) -> bool:
    """Tell whether the desk is set up."""
    with here.database.reading() as session:
        return team.has_owner(session)
