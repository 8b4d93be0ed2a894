"""``auditor profiles``: list the shipped profiles, show one in the sentences that an officer signs."""

from __future__ import annotations

import click

from auditor.report.escape import clean


@click.group("profiles")
def command() -> None:
    """List the shipped profiles or show one in plain sentences."""


@command.command("list")
def list_profiles() -> int:
    """List the shipped profiles, the ladder first, from the loosest rung to the strictest."""
    from auditor.evaluate import load_profile, shipped_profiles

    for name in shipped_profiles():
        profile = load_profile(name)
        click.echo(f"{profile.id:26} {profile.title}")
    return 0


@command.command("show")
@click.argument("name", metavar="NAME|FILE")
def show_profile(name: str) -> int:
    """Show each control of a profile as one plain sentence.

    \b
    Example:
      auditor profiles show air-gapped
    """
    from auditor.evaluate import describe_profile, load_profile

    click.echo("\n".join(clean(line) for line in describe_profile(load_profile(name))))
    return 0
