"""`ringfence operator`: keys, and commands signed with them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="Make keys of operators and sign commands.", no_args_is_help=True)


@app.command()
def keygen(
    output: Annotated[
        Path, typer.Option(help="New file for the private key; it must not exist.", dir_okay=False)
    ],
) -> None:
    """Make a private key that only its owner can read, and print its public half.

    The public half goes into the configuration, beside the name of the operator.
    """
    from ringfence.ops.keys import generate

    sys.stdout.write(generate(output) + "\n")


@app.command()
def sign(
    command: Annotated[
        Path,
        typer.Argument(help="File with the command as one JSON object; `-` is standard input."),
    ],
    key: Annotated[
        Path, typer.Option(help="File with the private key.", exists=True, dir_okay=False)
    ],
    second: Annotated[
        bool, typer.Option("--second", help="Sign as the second person of the command.")
    ] = False,
) -> None:
    """Print the command with a signature, as one line for `ringfence step`.

    A command that loosens something needs two persons: both are named in it first, then the one
    signs it, and the other signs what came out with --second.
    """
    from ringfence.ops import keys

    piped = str(command) == "-"
    if not piped and not command.is_file():
        raise typer.BadParameter(f"command: no file {command}")
    with sys.stdin.buffer if piped else command.open("rb") as file:
        text = file.read(keys.COMMAND_BYTES_MAX + 1)
    signed = keys.sign(keys.read_command(text), keys.load(key), second=second)
    sys.stdout.write(json.dumps(signed, default=str, ensure_ascii=False) + "\n")
