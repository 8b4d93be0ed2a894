"""``auditor completion``: what a shell needs to complete commands, options, formats and profiles."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script by which SHELL completes auditor.

    \b
    Examples:
      auditor completion bash > ~/.local/share/bash-completion/completions/auditor
      auditor completion zsh > "${fpath[1]}/_auditor"
      auditor completion fish > ~/.config/fish/completions/auditor.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    # Not ``source()``: for bash it would start a bash to ask its version.
    script = kind(click.Group(), {}, "auditor", "_AUDITOR_COMPLETE")
    click.echo(script.source_template % script.source_vars())
    return 0
