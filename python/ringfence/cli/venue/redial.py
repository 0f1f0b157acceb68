"""`ringfence venue redial`: dial a venue that a node has given up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli._process import AsJson

__all__ = ["redial"]

TIMEOUT_S = 10.0


def redial(
    name: Annotated[str, typer.Argument(help="Venue, by its name in the node's configuration.")],
    control: Annotated[Path, typer.Option(help="Control socket of the node.", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Have a node that runs dial a venue now, which it gave up after too many failures.

    What is logged on or dialing already is left as it is. `ringfence node status` shows the end.
    """
    from ringfence.cli._output import print_json, show, table
    from ringfence.ops.control import ask

    answer = ask(control, {"do": "redial", "venue": name}, TIMEOUT_S)
    if as_json:
        print_json(answer)
        return
    sessions = answer["redial"]["sessions"].items()
    rows = [(session, "dialed" if dialed else "left as it is") for session, dialed in sessions]
    show(table(f"Redial of {name}", ("session", "result"), rows))
