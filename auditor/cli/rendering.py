"""How an assessment is written: options that ``check`` and ``report`` share, gathered into one record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from auditor.cli.formats import Rendering
from auditor.cli.options import PATH, read_key

Command = TypeVar("Command", bound=Callable[..., Any])


def rendering_options(default_root: str) -> Callable[[Command], Command]:
    """Add the options that say how results are written; the command takes them as ``rendering``.

    ``default_root`` says in the help what ``--source-root`` is when it is not given.
    """

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def command(*arguments: Any, **options: Any) -> Any:
            root, depth = options.pop("source_root"), options.pop("depth")
            sign_key, redact = options.pop("sign_key"), options.pop("redact")
            key = _signing_key(sign_key) if sign_key else None
            pseudonyms = read_key(redact, "--redact") if redact else b""
            return function(*arguments, rendering=Rendering(root, key, depth, pseudonyms), **options)

        for option in reversed((_source_root(default_root), _depth(), _redact(), _sign_key())):
            command = option(command)
        return command  # type: ignore[return-value]  # wraps keeps the name; click keeps the options

    return decorate


def _source_root(default: str) -> Callable[[Any], Any]:
    return click.option(
        "--source-root",
        metavar="FOLDER",
        help=f"The deployment's folder in its repository, put before paths that point into it. Default: {default}.",
    )


def _depth() -> Callable[[Any], Any]:
    return click.option(
        "--depth",
        type=click.Choice(["summary", "findings", "full"]),
        default="full",
        show_default=True,
        help="How much html and pdf tell.",
    )


def _redact() -> Callable[[Any], Any]:
    return click.option(
        "--redact",
        type=PATH,
        metavar="FILE",
        help="Write results with pseudonyms instead of names, the same under the same key (any bytes in FILE); for a vendor.",
    )


def _sign_key() -> Callable[[Any], Any]:
    return click.option(
        "--sign-key", type=PATH, metavar="FILE", help="Sign the in-toto statement with this private key (PEM: Ed25519, ECDSA)."
    )


def _signing_key(path: Path) -> Any:
    from auditor.report.envelope import load_signing_key

    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise click.BadParameter(f"cannot read {path}: {why}", param_hint="--sign-key") from error
    return load_signing_key(data, str(path))
