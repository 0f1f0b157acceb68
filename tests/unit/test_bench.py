"""`ringfence bench kernel`: the stream is real work with every rule on, and the report says so."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from ringfence import Kernel
from ringfence.bench import driver, kernel, stream
from ringfence.bench.cli import app
from ringfence.bench.report import Report, Result, spread
from ringfence.bench.world import WorldSize, client, symbol
from ringfence.errors import UsageError
from typer.testing import CliRunner

SIZE = WorldSize(instruments=100, accounts=100, profiles=5, holdings=200)
ORDERS = 300
TINY = ("--orders", str(ORDERS), "--instruments", "100", "--accounts", "100")
RESULT_KEYS = {"case", "unit", "n", "p50", "p99", "p99_9", "max", "rate"}


def stepped(inputs: bytes) -> list[dict[str, Any]]:
    """Return the events of JSON Lines stepped into the broker of the benchmarks."""
    world = Kernel()
    world.step_buffer(stream.encoded(stream.world_inputs(SIZE)))
    return [json.loads(line) for line in world.step_lines(inputs).splitlines()]


def bench_kernel_json(*options: str) -> dict[str, Any]:
    """Run `bench kernel --json` and return its one object."""
    run = CliRunner().invoke(app, ["kernel", "--json", *TINY, *options])
    assert 0 == run.exit_code, run.output
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_kernel_prints_one_object_of_the_promised_shape() -> None:
    """R30, ARCHITECTURE.md section 10: what `bench NAME --json` measures, and under which terms."""
    found = bench_kernel_json("--no-rust")
    assert {"name", "commit", "conditions", "results", "budgets"} == found.keys()
    assert "kernel" == found["name"]
    promised = {"cpu", "cores", "load", "durability", "python", "timed_by", "checksum"}
    assert promised <= found["conditions"].keys()
    assert 64 == len(found["conditions"]["checksum"])
    assert all(RESULT_KEYS == row.keys() for row in found["results"])
    assert all({"name", "limit", "value", "unit", "ok"} == row.keys() for row in found["budgets"])
    report = msgspec.convert(found, Report)
    measured = {row.case: row for row in report.results}
    calls = measured["Python: new_order, Kernel.step"]
    assert (ORDERS, "ns/call") == (calls.n, calls.unit)
    assert [budget.value for budget in report.budgets[:2]] == [
        measured["new_order"].p50,
        measured["new_order, back to back"].rate,
    ]


def test_a_figure_that_cannot_be_measured_is_absent_and_not_met() -> None:
    """ARCHITECTURE.md section 10: without the Rust program the report says so and goes on."""
    found = bench_kernel_json("--no-rust")
    assert "not asked for" in found["conditions"]["timed_by"]
    replay = found["budgets"][2]
    assert ("replay", None, False) == (replay["name"], replay["value"], replay["ok"])


def test_kernel_without_json_shows_results_budgets_and_conditions() -> None:
    """Rule 38 of STYLE.md: a table carries the machine, the commit and the budgets, too."""
    run = CliRunner().invoke(app, ["kernel", "--no-rust", *TINY])
    assert 0 == run.exit_code, run.output
    for title in ("bench kernel", "Budgets", "Conditions", "checksum", "commit"):
        assert title in run.stdout


def test_every_order_of_the_stream_passes_every_rule() -> None:
    """What to avoid 1 of STYLE.md: the rules are on, and none of them warns or refuses."""
    events = stepped(stream.json_lines(stream.mix(stream.orders(ORDERS, SIZE))))
    counted = Counter(event["event"] for event in events)
    assert (ORDERS, ORDERS, ORDERS) == (
        counted["order_accepted"],
        counted["child_sent"],
        counted["child_acknowledged"],
    )
    unwanted = {"denied", "limit_warned", "latch_tripped", "report_ignored"}
    assert Counter() == Counter({name: counted[name] for name in unwanted if counted[name]})
    assert counted["fill_booked"] > ORDERS // 2
    assert counted["order_cancel_requested"] > 0


@pytest.mark.parametrize(
    ("refused", "rule"), [(stream.refused_by_collar, 9), (stream.refused_by_margin, 19)]
)
def test_refused_streams_are_refused_by_their_rule(refused: Any, rule: int) -> None:
    """Rule 38 of STYLE.md: the cost of a refusal is measured on refusals, each by one rule."""
    events = stepped(stream.json_lines(refused(stream.orders(50, SIZE))))
    assert [("denied", rule)] * 50 == [(event["event"], event.get("rule")) for event in events]


def test_every_limit_is_finite_at_every_level() -> None:
    """ARCHITECTURE.md section 10: the budget holds with every control on, four levels deep."""
    world = Kernel()
    world.step_buffer(stream.encoded(stream.world_inputs(SIZE)))
    rows = world.limits(client(0), symbol(0))
    assert [] == [row for row in rows if row["value"] in (None, "UNLIMITED")]
    levels = {row["scope"] for row in rows if row["scope_kind"] == "account"}
    assert {client(0), "trader-00", "desk-0", "firm"} == levels


def test_one_seed_makes_one_stream() -> None:
    """Rule 33 of STYLE.md: the same seed gives the same inputs, another seed other ones."""
    first, again, other = (
        stream.encoded(stream.mix(stream.orders(ORDERS, SIZE, seed))) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_different_states_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """I6: figures of two runs that do not end in the same state are never printed."""
    measured = driver.Measured([], "0" * 64, 25)
    monkeypatch.setattr(driver, "missing", lambda: None)
    monkeypatch.setattr(kernel, "rust_results", lambda *_: measured)
    with pytest.raises(UsageError, match="from Rust"):
        kernel.bench_kernel(kernel.Plan(ORDERS, SIZE))


@pytest.mark.parametrize(("p50", "met"), [(999, True), (1_000, False), (1_001, False)])
def test_a_time_budget_is_met_below_it(p50: int, met: bool) -> None:
    """ARCHITECTURE.md section 10: a kernel step takes under 1 us in the median."""
    (step, *_) = kernel.budgets([Result("new_order", "ns/step", 1, p50=p50)])
    assert (1_000, p50, met) == (step.limit, step.value, step.ok)


@pytest.mark.parametrize(("rate", "met"), [(1_000_001, True), (1_000_000, False)])
def test_a_rate_budget_is_met_above_it(rate: int, met: bool) -> None:
    """ARCHITECTURE.md section 10: over 1 million orders a second on one core."""
    row = Result("new_order, back to back", "steps/s", 1, rate=rate)
    (_, orders, _) = kernel.budgets([row])
    assert (1_000_000, rate, met) == (orders.limit, orders.value, orders.ok)


def test_percentiles_are_ranks_that_occurred() -> None:
    """Rule 38 of STYLE.md: a percentile is the nearest rank, never an average of two."""
    row = spread("case", "ns", list(range(1_000, 0, -1)))
    assert (1_000, 500, 990, 999, 1_000) == (row.n, row.p50, row.p99, row.p99_9, row.max)
    alone = spread("case", "ns", [7])
    assert (7, 7, 7, 7) == (alone.p50, alone.p99, alone.p99_9, alone.max)


def test_help_lists_the_benchmarks() -> None:
    """Rule 25 of STYLE.md: `ringfence bench --help` says what can be measured."""
    run = CliRunner().invoke(app, ["--help"])
    assert 0 == run.exit_code
    assert "kernel" in run.stdout
    assert "peers" in run.stdout
