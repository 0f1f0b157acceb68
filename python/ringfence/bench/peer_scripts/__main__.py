"""Runs one peer on the order stream: `PYTHON peer_scripts MODULE ORDERS`, in its environment.

Imports nothing of Ringfence. ORDERS is a JSON list of [account, symbol, buys, quantity, price]. The
module's `measure(orders, timed)` calls `timed(case, one, items)`; printed is one JSON object with
the nanoseconds of every call of `one(item)`, and how many of them answered that the order passes.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import Any

__all__ = ["main"]


def main(module: str, orders_file: str) -> None:
    """Time the peer in `module` and print what was found."""
    orders = json.loads(Path(orders_file).read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = []

    def timed(case: str, one: Callable[[Any], bool], items: Sequence[Any]) -> None:
        taken, passed = [], 0
        gc.collect()
        for item in items:
            begun = perf_counter_ns()
            passes = one(item)
            taken.append(perf_counter_ns() - begun)
            passed += passes
        cases.append({"case": case, "ns": taken, "passed": passed})

    peer = importlib.import_module(module)
    about = peer.measure(orders, timed)
    sys.stdout.write(json.dumps({"about": about, "cases": cases}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
