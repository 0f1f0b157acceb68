"""A process that writes journals until it is killed; run by test_kill.py with a configuration.

It reads orders from standard input, one a line: the folder of journals, the durability and a
seed. For each it forks a writer, prints `pid N`, and after the writer's end `ended N`. A writer
goes on with the journal that it finds, decides inputs in batches of random size, and prints
`acknowledged SEQ HASH` when the kernel has returned from a batch: from then on all of it has to
be there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ringfence.config import compile as compile_config
from ringfence.config import load
from ringfence.engine import Kernel, Scalar

BATCH_SIZES = (1, 1, 1, 2, 8, 64, 512)
RECORDS_MAX = 200_000
FIRST_TS = 1_772_461_800_000_000_000
STEP_NS = 40_000_000
Definitions = list[tuple[str, Mapping[str, Scalar]]]


class Draws:
    """Numbers that look random and are a function of the seed alone."""

    def __init__(self, seed: int) -> None:
        self._seed, self._count = seed, 0

    def below(self, bound: int) -> int:
        """Return the next number, 0 to `bound` - 1."""
        self._count += 1
        digest = hashlib.sha256(f"{self._seed} {self._count}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % bound


def input_line(seq: int) -> bytes:
    """Return the input that becomes record `seq`, as a line: a function of nothing else."""
    price = f"{25 + seq % 7 * 0.01:.2f}"
    turn = seq % 5
    fields: dict[str, object]
    if turn == 0:
        fields = {"input": "quote", "symbol": "ACME", "bid_px": price, "ask_px": price}
    elif turn == 1:
        fields = {"input": "market_trade", "symbol": "ACME", "px": price, "qty": 100 + seq % 900}
    elif turn == 4:
        fields = {"input": "tick"}
    else:
        fields = {
            "input": "new_order",
            "session": "ALICE",
            "cl_ord_id": f"order-{seq}",
            "account": "alice",
            "strategy": "DMA",
            "symbol": "ACME",
            "side": "buy" if turn == 2 else "sell_short",
            "ord_type": "limit",
            "time_in_force": "day",
            "order_qty": 1 + seq % 90,
            "price": price,
            "ex_destination": "LIT1",
        }
    return json.dumps({"ts": FIRST_TS + seq * STEP_NS, **fields}).encode() + b"\n"


def trade_date(definitions: Definitions) -> str:
    """Return the day that the definitions open."""
    return next(str(fields["trade_date"]) for name, fields in definitions if name == "day_open")


def write(definitions: Definitions, folder: Path, durability: str, seed: int) -> None:
    """Write records until the process is killed, or `RECORDS_MAX` are there."""
    draws = Draws(seed)
    kernel = Kernel(
        journal=folder,
        trade_date=trade_date(definitions),
        durability="disk" if durability == "disk" else "process",
    )
    for name, fields in definitions[kernel.seq :]:
        kernel.define(name, fields)
        acknowledge(kernel)
    while kernel.seq < RECORDS_MAX:
        size = BATCH_SIZES[draws.below(len(BATCH_SIZES))]
        lines = b"".join(input_line(kernel.seq + 1 + place) for place in range(size))
        kernel.step_lines(lines)
        acknowledge(kernel)


def acknowledge(kernel: Kernel) -> None:
    """Print that every record up to now is durable; one write, so that no line is torn."""
    os.write(1, f"acknowledged {kernel.seq} {kernel.state_hash()}\n".encode())


def main() -> None:
    """Fork a writer for each line of standard input."""
    definitions: Definitions = list(compile_config(load(Path(sys.argv[1]))))
    for order in sys.stdin:
        folder, durability, seed = order.split()
        pid = os.fork()
        if pid == 0:
            write(definitions, Path(folder), durability, int(seed))
            os._exit(0)
        os.write(1, f"pid {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, f"ended {pid}\n".encode())


if __name__ == "__main__":
    main()
