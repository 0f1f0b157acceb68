"""A small configuration that is in order, for tests that change one thing in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ringfence.config import Config, Findings, examine, loads
from ringfence.config.toml_text import FloatText, KeyPath

SAMPLE = """\
[gateway]
node = "node1"
build = "b1"
base_currency = "USD"
error_account = "error"
rearm_max = 3
trade_date = "2026-01-05"

[profiles.firm]
order_qty = "1_000 shares"
order_notional = "100_000 USD"
order_average_volume_share = "5 %"
order_outstanding_share = "1 %"
price_collar = "10 %"
price_drift = "10 %"
duplicate_count = 4
duplicate_window = "1 s"
message_count = "100 count"
message_disable_count = 200
message_window = "1 s"
cancel_reserve_count = 10
repeat_count = 50
repeat_window = "60 s"
open_order_count = 100
position_long = "10_000 shares"
position_short = "10_000 shares"
gross_notional = "2_000_000 USD"
net_notional = "1_000_000 USD"
daily_notional = "5_000_000 USD"
daily_qty = "100_000 shares"
daily_count = 1_000
basket_notional = "500_000 USD"
loss = "20_000 USD"
loss_rate = "5_000.50 USD"
loss_window = "60 s"
volume_share = "20 %"
price_move = "5 %"
volume_share_floor = "100 shares"
parent_child_count = 100
parent_notional = "500_000 USD"
parent_message_count = 400
flow_qty = "100 %"
flow_notional = "110 %"
flow_count = 100
flow_window = "60 s"

[profiles.client]
inherits = "firm"
restrict = "80 %"
order_qty = { value = "500 shares", warn = "50 %" }

[instrument_profiles.stock]
order_qty = "800 shares"
order_notional = "50_000 USD"
order_average_volume_share = "1 %"
order_outstanding_share = "1 %"
price_collar = "5 %"
price_drift = "5 %"

[accounts.firm]
profile = "firm"

[accounts.error]
above = "firm"

[accounts.desk]
above = "firm"

[accounts.client]
above = "desk"
profile = "client"
tradable = true
self_match_group = "client"
self_match_policy = "deny_incoming"

[accounts.client.overrides]
loss = "10_000 USD"

[phase_plans.us.continuous]
ord_types = ["limit", "market"]
sources = ["mid", "last"]
age_max = "5 s"
collar = "5 %"
drift = "3 %"
drift_window = "30 s"

[tick_ladders.us]
steps = [{ from_px = "0", tick = "0.0001" }, { from_px = "1", tick = "0.01" }]

[instruments.ALDR]
currency = "USD"
lot_size = 1
ladder = "us"
plan = "us"
profile = "stock"
average_volume = 1_000_000
shares_outstanding = 50_000_000

[instruments."BRK.A"]
currency = "USD"
lot_size = 1
ladder = "us"
plan = "us"
profile = "stock"
average_volume = 20_000
shares_outstanding = "550_000 shares"

[instruments.NOKI]
currency = "EUR"
lot_size = 1
ladder = "us"
plan = "us"
profile = "stock"
average_volume = 1_000_000
shares_outstanding = 50_000_000

[opening_rates]
EUR = "1.085"

[venues.SIM]
provisional = false
ack_timeout = "250 ms"
message_max = 500

[sessions.CLIENT]
ord_types = ["limit"]
phases = ["continuous"]
accounts = ["client"]
symbols = ["*"]
venues = ["SIM"]
strategies = ["DMA"]

[sessions.ALGO]
ord_types = ["limit", "market"]
phases = ["continuous"]
accounts = ["desk"]
symbols = ["NOKI", "ALDR"]
venues = ["SIM"]
strategies = ["TWAP", "DMA"]
cancel_on_disconnect = false

[strategies.TWAP]
direct = false

[strategies.DMA]
direct = true

[operators.ann]
public_key = "1111111111111111111111111111111111111111111111111111111111111111"

[operators.ben]
public_key = "2222222222222222222222222222222222222222222222222222222222222222"

[[opening_positions]]
account = "client"
symbol = "ALDR"
qty = -100
average_px = "12.40"

[[opening_positions]]
account = "client"
symbol = "NOKI"
qty = "200 shares"
average_px = 4
"""
RAW: dict[str, Any] = tomllib.loads(SAMPLE, parse_float=FloatText)
"""The sample as plain values."""


def changed(old: str, new: str) -> str:
    """Return the sample with the first `old` replaced; `old` must be there."""
    assert old in SAMPLE
    return SAMPLE.replace(old, new, 1)


def sample() -> Config:
    """Return the sample as a configuration."""
    return loads(SAMPLE)


def found_in(text: str, folder: Path) -> Findings:
    """Return what an examination of `text` as a file finds."""
    path = folder / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return examine(path)


def leaves(value: Any, above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value that is no table and no array, with its path."""
    if isinstance(value, dict | list):
        rows = value.items() if isinstance(value, dict) else enumerate(value)
        for key, below in rows:
            yield from leaves(below, (*above, key))
    else:
        yield above, value


def with_value(value: Any, path: KeyPath, new: Any) -> Any:
    """Return a copy of tables and arrays with another value at `path`."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {**value, head: with_value(value[head], tuple(rest), new)}
    return [
        with_value(item, tuple(rest), new) if index == head else item
        for index, item in enumerate(value)
    ]
