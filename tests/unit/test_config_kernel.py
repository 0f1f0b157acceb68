"""What a configuration becomes, and that the kernel takes every bit of it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence import Kernel, _core
from ringfence.config import LIMITS, digest, explain, loads
from ringfence.config import compile as compile_config
from ringfence.config.limits import account_limits, instrument_limits
from ringfence.config.model import OrdType, Phase, PriceSource, SelfMatchPolicy
from ringfence.config.reading import read
from ringfence.config.units import show_limit
from ringfence.errors import ConfigError

from tests.unit.config_sample import RAW, SAMPLE, changed, sample

ORDER = [
    "gateway_definition",
    "limit_definition",
    "tick_definition",
    "phase_definition",
    "account_definition",
    "strategy_definition",
    "venue_definition",
    "instrument_definition",
    "session_definition",
    "entitlement",
    "operator_definition",
    "currency_rate",
    "opening_position",
    "day_open",
]


def denials(kernel: Kernel, name: str, **fields: Any) -> list[str]:
    """Return why the kernel refuses an input, empty if it takes it."""
    events = kernel.step(name, ts=kernel.now, **fields)
    return [str(event["scope"]) for event in events if event.name == "denied"]


def problems(text: str) -> list[str]:
    """Return what is wrong with a configuration, empty if nothing is."""
    try:
        loads(text)
    except ConfigError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_limits_are_the_kernels() -> None:
    """R13: the table that says what must be given is the kernel's, name by name and in order."""
    ours = [
        {
            "name": spec.name,
            "unit": str(spec.unit),
            "per_instrument": spec.per_instrument,
            "is_floor": spec.floor,
        }
        for spec in LIMITS.values()
    ]
    kernels = [{key: row[key] for key in ours[0]} for row in _core.limit_keys()]
    assert kernels == ours
    assert account_limits() == tuple(row["name"] for row in kernels)
    shared = tuple(row["name"] for row in kernels if row["per_instrument"])
    assert shared == instrument_limits()


@pytest.mark.parametrize(
    ("record", "field", "names"),
    [
        ("phase_definition", "phase", Phase),
        ("new_order", "ord_type", OrdType),
        ("reference_price", "source", PriceSource),
        ("account_definition", "self_match_policy", SelfMatchPolicy),
    ],
)
def test_names_are_the_kernels(record: str, field: str, names: object) -> None:
    """R24: phases, order types, sources and policies are the kernel's, so none is lost."""
    (spec,) = (row for row in _core.schema("inputs") if row["name"] == record)
    (kind,) = (row["kind"] for row in spec["fields"] if row["name"] == field)
    assert kind.removeprefix("one of ").split() == list(get_args(names))


def test_the_kernel_takes_every_definition() -> None:
    """R13: a configuration without problems opens the day, every definition accepted."""
    kernel = Kernel()
    for name, fields in compile_config(sample()):
        assert [] == denials(kernel, name, **fields), (name, fields)
    assert len(compile_config(sample())) == kernel.seq


def test_definitions_come_in_the_kernels_order_with_its_fields() -> None:
    """R13: what is compiled has the fields of the printed schema, in the order of definition."""
    schema = {row["name"]: row["fields"] for row in _core.schema("inputs")}
    definitions = compile_config(sample())
    assert ORDER == list(dict.fromkeys(name for name, _ in definitions))
    for name, fields in definitions:
        known = {field["name"] for field in schema[name]}
        required = {field["name"] for field in schema[name] if field["required"]}
        assert required <= fields.keys() <= known
        assert all(isinstance(value, str | int) for value in fields.values())


def test_fields_carry_exact_numbers() -> None:
    """R39: decimals are text; times, shares and quantities are integers in the kernel's units."""
    definitions = compile_config(sample())
    rows = {
        (fields["limits"], fields["limit"]): fields["value"]
        for name, fields in definitions
        if name == "limit_definition"
    }
    (firm,) = (
        fields["limits"]
        for name, fields in definitions
        if name == "account_definition" and fields["account"] == "firm"
    )
    assert "5000.5" == rows[firm, "loss_rate"]
    assert "60000000000" == rows[firm, "loss_window"]
    assert "500" == rows[firm, "order_average_volume_share"]
    assert ("tick_definition", {"ladder": "us", "from_px": "1", "tick": "0.01"}) in definitions
    (plan,) = (fields for name, fields in definitions if name == "phase_definition")
    assert (5_000_000_000, 500, 300) == (plan["age_max"], plan["collar"], plan["drift"])
    (venue,) = (fields for name, fields in definitions if name == "venue_definition")
    assert 250_000_000 == venue["ack_timeout"]
    assert "band" not in plan


def test_equal_limits_are_one_set() -> None:
    """R14: accounts with the same limits of one profile share a set; a change makes another."""
    definitions = compile_config(sample())
    named = {
        str(fields.get("account", fields.get("symbol"))): str(fields["limits"])
        for name, fields in definitions
        if name in ("account_definition", "instrument_definition")
    }
    assert named["firm"] == named["desk"] == named["error"]
    assert named["ALDR"] == named["BRK.A"] == named["NOKI"]
    assert named["client"].startswith("client.")
    limits = [fields for name, fields in definitions if name == "limit_definition"]
    assert 2 * len(LIMITS) + len(instrument_limits()) == len(limits)
    assert set(named.values()) == {str(fields["limits"]) for fields in limits}
    other = compile_config(loads(changed('loss = "10_000 USD"', 'loss = "10_001 USD"')))
    accounts = {
        fields["account"]: fields["limits"]
        for name, fields in other
        if name == "account_definition"
    }
    assert named["firm"] == accounts["firm"]
    assert named["client"] != accounts["client"]


def test_the_name_of_a_set_fits_the_kernel() -> None:
    """R13: the longest profile name, also beyond ASCII, gives a set the kernel takes."""
    for profile in ("p" * 31, "\u20ac" * 10, "\U0001d4c1" * 7):
        text = SAMPLE.replace("[profiles.client]", f'[profiles."{profile}"]')
        text = text.replace('profile = "client"', f'profile = "{profile}"')
        Kernel(loads(text))


def test_the_kernel_holds_the_limits_that_are_explained() -> None:
    """R14: what `explain` says of an account and an instrument is what the kernel compares with."""
    kernel = Kernel(sample())
    explained = {
        (level.scope, row.limit): (
            f"{show_limit(level.value, row.unit, 'money')}".replace("_", ""),
            level.warn,
            level.restrict,
        )
        for row in explain(sample(), "client", "ALDR")
        for level in row.levels
        if row.unit in ("units", "money")
    }
    held = {
        (row["scope"], row["limit"]): (row["value"], row["warn_bps"], row["restrict_bps"])
        for row in kernel.limits("client", "ALDR")
        if row["unit"] in ("units", "money")
    }
    assert held == explained
    assert len(held) > 40


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"100_000 USD"', '"1_000_000_000_000_000_000 USD"'),
        ('"100_000 USD"', '"0.000_000_001 USD"'),
        ('order_qty = "1_000 shares"', 'order_qty = "1_000_000_000_000_000_000 shares"'),
        ('duplicate_window = "1 s"', 'duplicate_window = "UNLIMITED"'),
        ("daily_count = 1_000", "daily_count = 1_000_000_000_000_000_000"),
        ("average_volume = 1_000_000", "average_volume = 10_000_000_000"),
        ('collar = "5 %"\ndrift', 'collar = "10_000 %"\ndrift'),
        ('age_max = "5 s"', 'age_max = "168 h"'),
        ("lot_size = 1", "lot_size = 1\nmultiplier = 10_000"),
        ('"12.40"', '"1000000000"'),
        ('EUR = "1.085"', 'EUR = "10_000"'),
        ("qty = -100", "qty = -10_000_000_000"),
        ("rearm_max = 3", "rearm_max = 4_294_967_295"),
        ('"node1"', '"twelve-bytes"'),
        ('"b1"', '"thirty-one-bytes-of-build-name!"'),
        ('trade_date = "2026-01-05"', "trade_date = 2026-01-05"),
    ],
    ids=range(16),
)
def test_the_kernel_takes_the_extremes(old: str, new: str) -> None:
    """R39: whatever the configuration accepts at its bounds, the kernel accepts too."""
    Kernel(loads(changed(old, new)))


@given(warn=st.integers(0, 12_000), restrict=st.integers(0, 12_000))
def test_levels_are_judged_as_the_kernel_does(warn: int, restrict: int) -> None:
    """R37: warn and restrict that pass the check pass the kernel, and the others pass neither."""
    kernel = Kernel()
    name, fields = compile_config(sample())[0]
    assert [] == denials(kernel, name, **fields)
    refused = denials(
        kernel,
        "limit_definition",
        limits="a",
        limit="loss",
        value="1",
        warn=warn,
        restrict=restrict,
    )
    text = f'loss = {{ value = "1 USD", warn = "{warn} bps", restrict = "{restrict} bps" }}'
    assert bool(refused) == bool(problems(changed('loss = "10_000 USD"', text)))


def test_definitions_depend_on_names_and_not_on_the_order_of_the_file() -> None:
    """R59: the order of tables, of positions and of entitlements makes no other journal."""
    first, second = SAMPLE[SAMPLE.index("[[opening_positions]]") :].split("\n\n")
    text = SAMPLE.replace(f"{first}\n\n{second}", f"{second}\n{first}\n")
    text = text.replace('["NOKI", "ALDR"]', '["ALDR", "NOKI"]')
    assert text != SAMPLE
    assert compile_config(sample())[:-1] == compile_config(loads(text))[:-1]
    raw = {
        table: dict(reversed(rows.items())) if isinstance(rows, dict) else rows
        for table, rows in reversed(RAW.items())
    }
    config, _ = read(raw)
    assert config is not None
    assert compile_config(sample()) == compile_config(config)


def test_definitions_do_not_depend_on_the_process() -> None:
    """R59: another process with another hash seed compiles the same inputs and digest."""
    program = (
        "from tests.unit.config_sample import sample; from ringfence.config import compile as c;"
        "import hashlib; print(hashlib.sha256(repr(c(sample())).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert 1 == len(digests)


def test_the_day_opens_with_the_digest() -> None:
    """R80: the last definition carries the digest that nodes attest to."""
    name, fields = compile_config(sample())[-1]
    assert "day_open" == name
    assert {"trade_date": "2026-01-05", "config_digest": digest(sample())} == fields
