"""Dialing a venue that was given up: after so many failures in a row a person decides (R69)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringfence.errors import UsageError
from ringfence.ops.native import NodeProcess

__all__ = ["redial"]


def redial(
    settings: Mapping[str, Any], process: NodeProcess, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Have a node dial a venue now, and return which of its sessions had given up or waited.

    Failures are counted anew. A session that is logged on, or dialing, is left as it is. A venue
    that no session dials is a UsageError.
    """
    venue = request.get("venue")
    dialed = [row for row in settings["sessions"] if row["side"] == "initiator"]
    names = [row["name"] for row in dialed if row["of"] == venue]
    if not names:
        known = ", ".join(sorted({row["of"] for row in dialed}))
        raise UsageError(f"no venue is called {venue}: {known}")
    return {"redial": {"venue": venue, "sessions": {it: process.redial(it) for it in names}}}
