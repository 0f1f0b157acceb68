"""The node of a certification as a process of its own, so that it can be killed like a real one.

What it is told comes as a line on standard input, secrets included, which are written nowhere. The
end of that input drains it, so that it does not outlive whoever asked for it. Its statuses go to
standard output as JSON Lines.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ringfence.errors import RingfenceError
from ringfence.ops import native
from ringfence.ops.control import ControlServer
from ringfence.ops.running import run

__all__ = ["main"]

CHUNK_BYTES: Final = 4_096


def main() -> int:
    """Run a node to its end and return the exit code."""
    told = json.loads(sys.stdin.readline())
    process = native.node(told["settings"], told["secrets"])

    def send(request: Mapping[str, Any]) -> dict[str, Any]:
        return {"events": process.send(str(request["lines"]).encode()).decode()}

    def drain(_request: Mapping[str, Any]) -> dict[str, Any]:
        process.drain()
        return {}

    def watch() -> None:
        while os.read(sys.stdin.fileno(), CHUNK_BYTES):  # a buffered read blocks the exit
            pass
        process.drain()

    threading.Thread(target=watch, name="parent", daemon=True).start()
    try:
        with ControlServer(Path(told["control"]), {"send": send, "drain": drain}):
            run(process, _report)
    except RingfenceError as failure:
        _report({"phase": "ended", "error": str(failure)})
        return 1
    return 0


def _report(status: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(status) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
