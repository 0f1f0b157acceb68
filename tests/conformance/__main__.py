"""Plays the conversations of a folder against a FIX acceptor and prints pass or fail for each.

`python -m tests.conformance --begin FIX.4.2 FOLDER` starts the engine's acceptor itself;
`--connect HOST:PORT` plays against one that runs; `--serve PORT` is that acceptor. The exit code is
0 only if every conversation passed, 1 if one failed, 2 if none could be played.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tests.conformance.conversation import Server, Verdict, run
from tests.conformance.server import BUILT_IN, HOST, ServerError, serve, started
from tests.tidy.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BEGIN_STRINGS = ("FIX.4.2", "FIX.4.4", "FIXT.1.1")
PORT_MAX = 65_535
FOLDER = "dictionaries"


def report(verdict: Verdict) -> str:
    """Return the line that says what came of a conversation."""
    if verdict.passed:
        return f"pass {verdict.file}"
    place = verdict.file if verdict.line is None else f"{verdict.file}:{verdict.line}"
    return f"FAIL {place}: {verdict.difference}"


def summary(begin: str, verdicts: Sequence[Verdict], seconds: float) -> dict[str, object]:
    """Return everything that came of a run, for JSON."""
    passed = sum(verdict.passed for verdict in verdicts)
    return {
        "begin": begin,
        "passed": passed,
        "failed": len(verdicts) - passed,
        "seconds": round(seconds, 1),
        "files": [
            {
                "file": verdict.file,
                "passed": verdict.passed,
                "line": verdict.line,
                "difference": verdict.difference,
            }
            for verdict in verdicts
        ],
    }


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="folder of .def files")
    parser.add_argument("--begin", choices=BEGIN_STRINGS, help="BeginString of the conversations")
    parser.add_argument("--connect", metavar="HOST:PORT", help="a server that runs already")
    parser.add_argument("--serve", metavar="PORT", type=int, help="be the server")
    parser.add_argument(
        "--dictionaries",
        type=Path,
        help=f"folder of XML dictionaries, or {BUILT_IN}; else those beside the conversations, "
        "or of the recorded data",
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="files whose name contains this")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    arguments = parser.parse_args(argv)
    if arguments.serve is None and (arguments.folder is None or arguments.begin is None):
        parser.error("expected --begin and a folder, or --serve")
    return arguments


def dictionaries(
    named: Path | None, conversations: Path | None, environment: Mapping[str, str]
) -> Path | None:
    """Return the folder of XML dictionaries, None for those that are built in.

    It is the one that is named, else the one beside the conversations, of `RINGFENCE_DATA`, or of
    the data beside the project.
    """
    if named is not None:
        return None if named == BUILT_IN else named
    data = environment.get("RINGFENCE_DATA")
    places = [
        None if conversations is None else conversations.resolve().parent / FOLDER,
        None if not data else Path(data) / "fix" / FOLDER,
        ROOT.parent / "shared/data/fix" / FOLDER,
    ]
    return next((place for place in places if place is not None and place.is_dir()), None)


@contextmanager
def _target(connect: str | None, folder: Path | None) -> Iterator[tuple[str, int]]:
    if connect is not None:
        host, _, port = connect.rpartition(":")
        yield host or HOST, int(port)
        return
    with started(folder) as port_of_ours:
        yield HOST, port_of_ours


def _serve(port: int, folder: Path | None) -> int:
    if not 0 <= port <= PORT_MAX:
        sys.stderr.write(f"--serve: expected a port from 0 to {PORT_MAX}, found {port}\n")
        return 2
    try:
        serve(port, folder)
    except (ServerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code of a run."""
    arguments = _arguments(argv)
    folder = dictionaries(arguments.dictionaries, arguments.folder, os.environ)
    if arguments.serve is not None:
        return _serve(arguments.serve, folder)
    files = [path for path in sorted(arguments.folder.glob("*.def")) if arguments.only in path.name]
    logon = f"8={arguments.begin}".encode()
    if not any(logon in path.read_bytes() for path in files):
        sys.stderr.write(f"expected .def files of {arguments.begin} in {arguments.folder}\n")
        return 2
    verdicts = []
    begun = monotonic()
    try:
        with _target(arguments.connect, folder) as (host, port):
            for path in files:
                verdicts.append(run(path, Server(host, port)))
                if not arguments.json:
                    sys.stdout.write(report(verdicts[-1]) + "\n")
                    sys.stdout.flush()
    except ServerError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    found = summary(arguments.begin, verdicts, monotonic() - begun)
    if arguments.json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        sys.stdout.write(
            f"{found['passed']} passed, {found['failed']} failed in {found['seconds']} s\n"
        )
    return int(found["failed"] != 0)


if __name__ == "__main__":
    sys.exit(main())
