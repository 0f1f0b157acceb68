"""A small broker under audit: every input of it is followed by the naive model.

Its limits come from a profile, so that in each run other rules of the gate have something to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence import Event, Kernel
from ringfence.engine import Scalar

from tests.model.auditor import Auditor
from tests.world import SECOND, World

BASE_PX = {"BAC": 1000, "IBM": 10_000, "SONY": 200_000}
"""Price of each instrument in hundredths of its currency; orders are a few ticks around it."""

Limits = Mapping[str, Mapping[str, object]]
Changes = Mapping[str, Mapping[str, Scalar]]


@dataclass(frozen=True)
class Profile:
    """What is special about a broker: its limits, their levels, and changed definitions."""

    limits: Limits = field(default_factory=dict)
    levels: tuple[int, int] = (10_000, 10_000)
    accounts: Changes = field(default_factory=dict)
    instruments: Changes = field(default_factory=dict)
    venue: Mapping[str, Scalar] = field(default_factory=dict)
    session: Mapping[str, Scalar] = field(default_factory=dict)
    entitlements: Mapping[str, str | None] = field(default_factory=dict)
    margins: tuple[str, ...] = ("alice", "bob", "error")
    rearm_max: int = 1_000_000


DENY: Mapping[str, Scalar] = {"self_match_policy": "deny_incoming"}
PROFILES: dict[str, Profile] = {
    "wide": Profile(),
    "sizes": Profile(
        {
            "alice": {"order_qty": 250, "order_notional": 20_000, "price_collar": 20}
            | {"order_average_volume_share": 15},
            "desk": {"order_notional": 5_000},
            "BAC": {"order_qty": 320, "order_outstanding_share": 12},
            "IBM": {"price_collar": 5},
        },
        levels=(7_000, 9_000),
    ),
    "exposure": Profile(
        {
            "alice": {"open_order_count": 3, "position_long": 300, "gross_notional": 12_000},
            "bob": {"position_short": 120, "net_notional": 3_000},
            "firm": {"open_order_count": 5, "position_long": 450, "position_short": 450},
            "trader": {"gross_notional": 40_000, "net_notional": 25_000},
        },
        levels=(7_000, 9_000),
        accounts={"bob": DENY},
    ),
    "day": Profile(
        {
            "alice": {"daily_notional": 30_000, "daily_qty": 400, "daily_count": 9},
            "desk": {"daily_count": 15, "daily_notional": 60_000},
            "firm": {"parent_notional": 9_000},
            "bob": {"parent_child_count": 2},
            "trader": {"parent_message_count": 2},
        },
        levels=(7_000, 10_000),
    ),
    "flow": Profile(
        {
            "alice": {"flow_notional": 9_900, "flow_count": 2},
            "bob": {"flow_qty": 8_000, "flow_notional": 20_000, "flow_count": 1},
            "firm": {"flow_count": 3},
        }
    ),
    "rates": Profile(
        {
            "alice": {"message_count": 8, "cancel_reserve_count": 2, "duplicate_count": 1}
            | {"repeat_count": 9, "loss": 10},
            "bob": {"message_disable_count": 9, "repeat_count": 3},
            "firm": {"loss_rate": 300, "basket_notional": 2_000},
            "error": {"loss": 20},
        },
        venue={"message_max": 4},
        session={"cancel_on_disconnect": True},
    ),
    "market": Profile(
        {"trader": {"volume_share": 500, "price_move": 1, "volume_share_floor": 50}},
        accounts={"alice": DENY, "bob": DENY},
        instruments={
            "BAC": {"banded": True},
            "SONY": {"short_sale_rules": True},
            "IBM": {"lot_size": 5, "short_sale_rules": True},
        },
    ),
    "holes": Profile(
        {"error": {"daily_qty": None}, "IBM": {"price_collar": None}},
        accounts={"alice": {"self_match_group": None, "self_match_policy": None}},
        instruments={"SONY": {"average_volume": None}},
        entitlements={"venue": "XNYS"},
        margins=("alice", "error"),
        rearm_max=1,
    ),
}
"""Brokers that differ in what their gate refuses, so that each rule has something to say."""

PHASES = "pre_open,auction,continuous,halted,post,overnight,closed"


class WatchedKernel(Kernel):
    """A kernel with an auditor that sees every input and event of it."""

    def __init__(self, map_seed: int | None = None, journal: str | None = None) -> None:
        super().__init__(
            map_seed=map_seed, journal=journal, trade_date="2013-08-01", durability="process"
        )
        self.auditor = Auditor()
        self.inputs: list[tuple[int, str, Mapping[str, Scalar]]] = []
        self.seen: Counter[str] = Counter()

    def step(self, name: str, /, *, ts: int, **fields: Scalar) -> list[Event]:
        """Decide one input, then let the auditor follow and compare."""
        given = {field: value for field, value in fields.items() if value is not None}

        def decide() -> list[Event]:
            events = super(WatchedKernel, self).step(name, ts=ts, **fields)
            self.inputs.append((ts, name, given))
            self.seen.update(event.name for event in events)
            self.seen.update(str(event["reason"]) for event in events if event.get("reason"))
            return events

        return self.auditor.watch(self, ts, name, given, decide)


class Broker(World):
    """The small broker of the tests, watched, with limits of a profile."""

    kernel: WatchedKernel

    def __init__(self, profile: str = "wide", *, kernel: WatchedKernel | None = None) -> None:
        chosen = PROFILES[profile]
        self._rearm_max = chosen.rearm_max
        instruments: dict[str, dict[str, Scalar]] = {
            "BAC": {"average_volume": 100_000, "shares_outstanding": 150_000},
            "SONY": {"multiplier": 10},
        }
        for symbol, fields in chosen.instruments.items():
            instruments[symbol] = instruments.get(symbol, {}) | dict(fields)
        venue: dict[str, Scalar] = {"ack_timeout": 2 * SECOND, "message_max": 40}
        super().__init__(
            chosen.limits,
            levels=chosen.levels,
            accounts=chosen.accounts,
            instruments=instruments,
            phases={
                "continuous": {"collar": 500, "drift": 250},
                "overnight": {"collar": 3_000, "band": 100, "ord_types": "limit"},
                "auction": {"ord_types": "limit"},
            },
            venues={"OCEA": venue | dict(chosen.venue)},
            sessions={"CLIENT": {"phases": PHASES} | dict(chosen.session)},
            entitlements=chosen.entitlements,
            opening=(("bob", "BAC", 120, "9.5"), ("bob", "IBM", -35, "101.01")),
            margins=chosen.margins,
            kernel=kernel or WatchedKernel(),
        )

    def definitions(
        self, opening: tuple[tuple[str, str, int, str], ...] = ()
    ) -> list[tuple[str, dict[str, Scalar]]]:
        """Return the definitions; in most runs a latch can be re-armed without end."""
        rows = super().definitions(opening)
        for name, fields in rows:
            if name == "gateway_definition":
                fields["rearm_max"] = self._rearm_max
        return rows

    def forget_number(self) -> None:
        """Let the next command carry the number of the one before."""
        self._nonce -= 1
