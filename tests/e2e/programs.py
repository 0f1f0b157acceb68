"""Real processes of the command line: started anew, or forked where there are many."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ringfence.cli import main

from tests.tidy.tree import ROOT

PROGRAM = Path(sys.executable).with_name("ringfence")
TIMEOUT_S = 30
CRASHED = 99
EXAMPLES = ROOT / "examples"


def ringfence(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = TIMEOUT_S,
) -> subprocess.CompletedProcess[bytes]:
    """Run `ringfence` to its end and return what it printed and its exit code."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        timeout=seconds,
        check=False,
    )


def forked(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run `ringfence` in a fork of this process, which needs no new interpreter."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            os.chdir(cwd or ".")
            _become([str(argument) for argument in arguments], out.fileno(), err.fileno())
        _, status = os.waitpid(pid, 0)
        printed = []
        for file in (out, err):
            file.seek(0)
            printed.append(file.read())
    code = os.waitstatus_to_exitcode(status)
    return subprocess.CompletedProcess(list(arguments), code, printed[0], printed[1])


def _become(arguments: list[str], out: int, err: int) -> None:
    """Run `ringfence` with these arguments and end the process with its exit code."""
    code = CRASHED
    try:
        with os.fdopen(out, "w") as sys.stdout, os.fdopen(err, "w") as sys.stderr:
            sys.argv = ["ringfence", *arguments]
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else CRASHED
    finally:
        os._exit(code)
