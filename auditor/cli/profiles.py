"""``auditor profiles``: list the shipped profiles, show one in the sentences that an officer signs, test one by its examples."""

from __future__ import annotations

import click

from auditor.report.escape import clean


@click.group("profiles")
def command() -> None:
    """List the shipped profiles, show one in plain sentences, or test one by its own examples."""


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


@command.command("test")
@click.argument("names", metavar="NAME|FILE...", nargs=-1, required=True)
def test_profile(names: tuple[str, ...]) -> int:
    """Judge the examples beside a profile, and say where a control gives another verdict than they expect.

    The examples are deployments in miniature in PROFILE.examples.yaml, beside the profile and beside each that it
    extends. Gives exit code 1 when a verdict differs.

    \b
    Examples:
      auditor profiles test air-gapped
      auditor profiles test my-profile.yaml
    """
    from auditor.pipeline.exampling import run_examples
    from auditor.report.examples_terminal import render_examples

    found = [run_examples(name) for name in names]
    click.echo("".join(render_examples(report) for report in found), nl=False)
    return 0 if all(r.holds for report in found for r in report.results) else 1
