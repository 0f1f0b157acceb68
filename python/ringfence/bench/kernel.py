"""`ringfence bench kernel`: the kernel with every rule on, against its budgets.

Single steps, journals and replay are timed by a Rust program; calls and batches from Python by
Python. Both step the same stream, and their states must have the same digest at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import msgspec

from ringfence import _core
from ringfence.bench import conditions as surroundings
from ringfence.bench import driver, stream
from ringfence.bench.report import Budget, Report, Result, rated, spread
from ringfence.bench.world import WorldSize
from ringfence.engine import Kernel
from ringfence.errors import UsageError

__all__ = ["Plan", "bench_kernel", "budgets", "order_results", "python_results", "rust_results"]

BATCH = 1_024
"""Inputs in one batch from Python."""
FALLBACK_BATCH = 64
"""Orders timed together where no Rust program times them singly."""
CALLS_MAX = 20_000
"""Single calls timed from Python."""


SMALL = WorldSize(instruments=100, accounts=100, profiles=20, holdings=500)
"""A broker whose rows stay in the cache: beside the other, the price of memory."""


class Plan(msgspec.Struct, frozen=True):
    """How much is measured."""

    orders: int = 100_000
    """Orders in the stream; the mix has about four inputs for each."""
    size: WorldSize = WorldSize()
    """The broker."""
    groups: int = 1_000
    """Most commits for each journal."""
    folder: Path | None = None
    """Where inputs and journals are written, and removed; the system's temporary folder if None."""
    rust: bool = True
    """Whether the Rust program is used where it can be built."""


def bench_kernel(plan: Plan) -> Report:
    """Measure the kernel and return the report.

    Raises UsageError when the two ways of stepping the stream end in different states.
    """
    found = surroundings.conditions()
    orders = list(stream.orders(plan.orders, plan.size))
    why_not = driver.missing() if plan.rust else "not asked for"
    results, state = python_results(plan.size, orders)
    with tempfile.TemporaryDirectory(prefix="ringfence-bench-", dir=plan.folder) as name:
        folder = Path(name)
        found |= _described(plan, folder)
        if why_not is None:
            measured = rust_results(plan, orders, folder)
            if measured.state_hash != state:
                found_states = f"{measured.state_hash} from Rust, {state} from Python"
                raise UsageError(f"two states: {found_states}; is the extension built anew?")
            results = measured.results + results
            found |= {"rustc": driver.rustc(), "clock_ns": measured.clock_ns}
            found["timed_by"] = "Rust; rows that name Python by Python"
        else:
            results = _fallback_results(plan.size, orders) + results
            found["timed_by"] = f"Python, batches of {FALLBACK_BATCH}: {why_not}"
    found |= {"load_after": surroundings.conditions()["load"], "checksum": state}
    return Report("kernel", surroundings.commit(), found, results, budgets(results))


def budgets(results: Iterable[Result]) -> list[Budget]:
    """Return the kernel's budgets beside what was found."""
    by_case = {row.case: row for row in results}

    def found(case: str, field: str) -> int | None:
        row = by_case.get(case)
        return None if row is None else getattr(row, field)

    step, orders = found("new_order", "p50"), found("new_order, back to back", "rate")
    events = found("replay, events", "rate")
    return [
        Budget("new_order, median", 1_000, step, "ns", step is not None and step < 1_000),
        _at_least("new orders on one core", 1_000_000, orders, "orders/s"),
        _at_least("replay", 2_000_000, events, "events/s"),
    ]


def _at_least(name: str, limit: int, value: int | None, unit: str) -> Budget:
    return Budget(name, limit, value, unit, value is not None and value > limit)


def _described(plan: Plan, folder: Path) -> dict[str, Any]:
    size = plan.size
    return {
        "durability": "journal off, process and disk: see the cases",
        "journal_on": surroundings.filesystem(folder),
        "world": f"4 levels, {size.accounts} client accounts, {size.instruments} instruments, "
        f"{size.profiles} limit profiles, {size.holdings} opening positions",
        "rules": f"all {len(_core.rules())}, every limit finite at every level",
        "orders": plan.orders,
        "python_batch": f"{BATCH} inputs, percentiles over the means of batches",
    }


def rust_results(plan: Plan, orders: list[stream.Order], folder: Path) -> driver.Measured:
    """Write the inputs and let the Rust program time them."""
    refused = orders[: max(plan.orders // 4, 1)]
    files = {
        "world": stream.world_inputs(plan.size),
        "mix": stream.mix(orders),
        "orders": stream.only_orders(orders),
        "refused_early": stream.refused_by_collar(refused),
        "refused_late": stream.refused_by_margin(refused),
        "small_world": stream.world_inputs(SMALL),
        "small_orders": stream.only_orders(list(stream.orders(plan.orders, SMALL))),
    }
    for name, inputs in files.items():
        (folder / name).write_bytes(stream.encoded(inputs))
    return driver.measure(driver.build(), folder, folder, plan.groups)


def python_results(size: WorldSize, orders: list[stream.Order]) -> tuple[list[Result], str]:
    """Return what calls and batches cost from Python, and the digest of the state after the mix."""
    world = stream.encoded(stream.world_inputs(size))
    buffers = [stream.encoded(batch) for batch in _batches(stream.mix(orders), BATCH)]
    counts = [len(batch) for batch in _batches(stream.mix(orders), BATCH)]
    kernel = _kernel(world)
    in_buffers = _timed_batches(kernel.step_buffer, buffers)
    state = kernel.state_hash()
    kernel = _kernel(world)
    lines = (stream.json_lines(batch) for batch in _batches(stream.mix(orders), BATCH))
    in_lines = _timed_batches(kernel.step_lines, lines)
    if kernel.state_hash() != state:
        raise UsageError("step_lines and step_buffer end in different states")
    rows = [
        _single_calls(_kernel(world), orders[:CALLS_MAX]),
        *_order_columns(world, orders[:CALLS_MAX]),
        _per_input("Python: mix, step_lines", in_lines, counts),
        _per_input("Python: mix, step_buffer", in_buffers, counts),
    ]
    return rows, state


def _order_columns(world: bytes, orders: list[stream.Order]) -> Iterator[Result]:
    """Yield what an order costs in columns, plain and of Arrow, events as columns back."""
    batches = list(_batches(stream.only_orders(orders), BATCH))
    counts = [len(batch) for batch in batches]
    plain = [_columns(batch) for batch in batches]
    forms: dict[str, Iterable[Any]] = {"lists": plain}
    if find_spec("pyarrow") is not None:
        arrow = import_module("pyarrow")
        prices = [arrow.array(map(Decimal, columns["price"])) for columns in plain]
        forms["Arrow"] = [
            arrow.table(columns | {"price": price})
            for columns, price in zip(plain, prices, strict=True)
        ]
    states = set()
    for form, inputs in forms.items():
        kernel = _kernel(world)
        taken = _timed_batches(partial(kernel.step_columns, "new_order"), inputs)
        states.add(kernel.state_hash())
        yield _per_input(f"Python: new_order, step_columns, {form}", taken, counts)
    kernel = _kernel(world)
    lines = map(stream.json_lines, batches)
    yield _per_input(
        "Python: new_order, step_lines", _timed_batches(kernel.step_lines, lines), counts
    )
    if states != {kernel.state_hash()}:
        raise UsageError("step_columns and step_lines end in different states")


def _columns(batch: list[stream.Timed]) -> dict[str, list[Any]]:
    """Return inputs of one kind as columns; all of them have the same fields."""
    fields = [row for _, _, row in batch]
    columns: dict[str, list[Any]] = {name: [row[name] for row in fields] for name in fields[0]}
    return columns | {"ts": [ts for ts, _, _ in batch]}


def _kernel(world: bytes) -> Kernel:
    kernel = Kernel()
    kernel.step_buffer(world)
    return kernel


def _batches(inputs: Iterable[stream.Timed], size: int) -> Iterator[list[stream.Timed]]:
    """Yield the inputs in lists of `size`, the last one shorter."""
    rest = iter(inputs)
    while batch := list(islice(rest, size)):
        yield batch


def _timed_batches(step: Any, batches: Iterable[Any]) -> list[int]:
    """Return the nanoseconds that `step` took for each batch."""
    taken = []
    for batch in batches:
        begun = perf_counter_ns()
        step(batch)
        taken.append(perf_counter_ns() - begun)
    return taken


def _per_input(case: str, taken: list[int], counts: list[int]) -> Result:
    """Return the spread over batches of the mean time of an input, and the overall rate."""
    means = [ns // count for ns, count in zip(taken, counts, strict=True)]
    rate = rated(case, "", sum(counts), sum(taken)).rate
    return spread(case, "ns/input", means, rate)


def _single_calls(kernel: Kernel, orders: list[stream.Order]) -> Result:
    """Return what one order costs as a call with plain arguments, events as objects back."""
    taken = []
    for ts, name, fields in list(stream.only_orders(orders)):
        begun = perf_counter_ns()
        kernel.step(name, ts=ts, **fields)
        taken.append(perf_counter_ns() - begun)
    case = "Python: new_order, Kernel.step"
    return spread(case, "ns/call", taken, rated(case, "", len(taken), sum(taken)).rate)


def order_results(size: WorldSize, orders: list[stream.Order]) -> list[Result]:
    """Return what the orders alone cost from Python, as single calls and in batches."""
    world = stream.encoded(stream.world_inputs(size))
    batches = list(_batches(stream.only_orders(orders), BATCH))
    taken = _timed_batches(_kernel(world).step_buffer, map(stream.encoded, batches))
    counts = [len(batch) for batch in batches]
    return [
        _single_calls(_kernel(world), orders),
        _per_input("Python: new_order, step_buffer", taken, counts),
    ]


def _fallback_results(size: WorldSize, orders: list[stream.Order]) -> list[Result]:
    """Return the order's cost from batches too small to hide much, where Rust cannot time it."""
    kernel = _kernel(stream.encoded(stream.world_inputs(size)))
    batches = list(_batches(stream.only_orders(orders), FALLBACK_BATCH))
    counts = [len(batch) for batch in batches]
    taken = _timed_batches(kernel.step_buffer, [stream.encoded(batch) for batch in batches])
    means = [ns // count for ns, count in zip(taken, counts, strict=True)]
    together = rated("new_order, back to back", "steps/s", sum(counts), sum(taken))
    return [spread("new_order", "ns/step", means), together]
