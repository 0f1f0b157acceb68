"""`ringfence version`."""

from __future__ import annotations

import sys

__all__ = ["version"]


def version() -> None:
    """Print the version of Ringfence and what it runs on."""
    import platform
    from importlib.metadata import version as version_of

    system = f"{platform.system()} {platform.machine()}"
    sys.stdout.write(
        f"ringfence {version_of('ringfence')} (Python {platform.python_version()}, {system})\n"
    )
