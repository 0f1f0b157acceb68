"""Ask for Python and Rust in one sentence, then hand the build over to maturin.

pip imports this module as the build backend (PEP 517 and PEP 660); ``make`` runs it as a script
before it creates anything. Either way a missing tool is one sentence on standard error and a
non-zero exit, never a traceback and never a silent download of a compiler. The file therefore
stays readable by Python versions older than the one it asks for, and imports maturin only when
Rust is known to be there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON_MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
RUST_HINT = "install it from rustup.rs, or use the wheel"
VERSION_TIMEOUT_S = 60


def required_rust(cargo_manifest: Path) -> tuple[int, ...]:
    """Return the oldest accepted Rust version, as the workspace manifest states it.

    Source: ``workspace.package.rust-version`` of the root Cargo.toml.
    """
    import tomllib

    manifest = tomllib.loads(cargo_manifest.read_text(encoding="utf-8"))
    text = manifest["workspace"]["package"]["rust-version"]
    return tuple(int(part) for part in text.split("."))


def found_rust() -> tuple[int, ...] | None:
    """Return the version of the Rust compiler on PATH, or None if cargo or rustc does not run."""
    cargo, rustc = shutil.which("cargo"), shutil.which("rustc")
    if cargo is None or rustc is None:
        return None
    try:
        answer = subprocess.run(
            [rustc, "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"rustc (\d+)\.(\d+)\.(\d+)", answer)
    return None if match is None else tuple(int(part) for part in match.groups())


def problem() -> str | None:
    """Return what is missing to build Ringfence here, or None if nothing is."""
    if sys.version_info < PYTHON_MINIMUM:
        wanted = "{}.{}".format(*PYTHON_MINIMUM)
        found = "{}.{}.{}".format(*sys.version_info[:3])
        return f"Python {wanted} or newer is needed to build Ringfence: found {found}"
    found_version = found_rust()
    if found_version is None:
        return f"Rust is needed to build Ringfence: {RUST_HINT}"
    required_version = required_rust(ROOT / "Cargo.toml")
    if found_version < required_version:
        wanted = ".".join(str(part) for part in required_version)
        found = ".".join(str(part) for part in found_version)
        return f"Rust {wanted} or newer is needed to build Ringfence: found {found}; {RUST_HINT}"
    return None


def require_toolchain() -> None:
    """Exit with the sentence of `problem` if there is one.

    Raises SystemExit, which leaves pip and the shell with the message and exit code 1.
    """
    sentence = problem()
    if sentence is not None:
        raise SystemExit(sentence)


def __getattr__(hook: str) -> object:
    """Return maturin's build hook of that name, after the toolchain check (PEP 562)."""
    if hook.startswith("_"):
        raise AttributeError(hook)
    require_toolchain()
    import maturin

    return getattr(maturin, hook)


if __name__ == "__main__":
    require_toolchain()
