"""A small broker under audit: every input of it is followed by the naive model.

Its limits come from a profile, so that in each run other rules of the gate have something to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ringfence import Event, Kernel
from ringfence.engine import Scalar

from tests.model.auditor import Auditor
from tests.world import SECOND, World

BASE_PX = {"BAC": 1000, "IBM": 10_000, "SONY": 200_000}
"""Price of each instrument in hundredths of its currency; orders are a few ticks around it."""

Limits = Mapping[str, Mapping[str, object]]
PROFILES: dict[str, Limits] = {
    "wide": {},
    "sizes": {
        "alice": {"order_qty": 250, "order_notional": 20_000, "price_collar": 20},
        "desk": {"order_notional": 5_000, "order_average_volume_share": 25},
        "BAC": {"order_qty": 280, "order_outstanding_share": 20},
        "IBM": {"price_collar": 5},
    },
    "exposure": {
        "alice": {"open_order_count": 3, "position_long": 300, "gross_notional": 12_000},
        "bob": {"position_short": 200, "net_notional": 3_000},
        "firm": {"open_order_count": 5, "position_long": 450, "position_short": 450},
        "trader": {"gross_notional": 40_000, "net_notional": 25_000},
    },
    "day": {
        "alice": {"daily_notional": 30_000, "daily_qty": 900, "daily_count": 12},
        "desk": {"daily_count": 18, "daily_notional": 60_000},
        "firm": {"parent_child_count": 3, "parent_message_count": 6, "parent_notional": 9_000},
    },
    "flow": {
        "alice": {"flow_qty": 10_000, "flow_notional": 10_000, "flow_count": 2},
        "bob": {"flow_qty": 8_000, "flow_notional": 20_000, "flow_count": 1},
        "firm": {"flow_count": 3},
    },
    "rates": {
        "alice": {"message_count": 30, "duplicate_count": 2, "repeat_count": 5},
        "bob": {"message_disable_count": 6, "cancel_reserve_count": 1, "repeat_count": 3},
        "firm": {"loss": 400, "loss_rate": 300, "basket_notional": 3_000},
        "trader": {"volume_share": 1_000, "price_move": 5, "volume_share_floor": 100},
    },
    "holes": {
        "bob": {"order_qty": None, "daily_qty": 500},
        "IBM": {"price_collar": None},
    },
}
STRICT = ("exposure", "rates")
UNMATCHED: dict[str, Scalar] = {"self_match_group": None, "self_match_policy": None}
UNSIZED: dict[str, Scalar] = {"average_volume": None}
PHASES = "pre_open,auction,continuous,halted,post,overnight,closed"
LEVELS = {"wide": (10_000, 10_000), "flow": (10_000, 10_000), "rates": (10_000, 10_000)}
"""Warning and restricting shares of a profile; the others warn at 70 % and restrict at 90 %."""


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
        rates, holes = profile == "rates", profile == "holes"
        self._rearm_max = 2 if holes else 1_000_000
        super().__init__(
            PROFILES[profile],
            levels=LEVELS.get(profile, (7_000, 9_000)),
            accounts={
                "bob": {"self_match_policy": "deny_incoming" if profile in STRICT else "allow"},
                "alice": UNMATCHED if holes else {},
            },
            instruments={
                "BAC": {"average_volume": 100_000, "shares_outstanding": 150_000},
                "SONY": {"short_sale_rules": rates, "multiplier": 10} | (UNSIZED if holes else {}),
                "IBM": {"banded": rates, "lot_size": 5 if rates else 1},
            },
            phases={
                "continuous": {"collar": 500},
                "overnight": {"collar": 3_000, "band": 100},
                "auction": {"ord_types": "limit"},
            },
            venues={"OCEA": {"ack_timeout": 2 * SECOND, "message_max": 12 if rates else 40}},
            sessions={"CLIENT": {"phases": PHASES, "cancel_on_disconnect": rates}},
            opening=(("bob", "BAC", 120, "9.5"), ("bob", "IBM", -35, "101.01")),
            margins=("alice", "error") if holes else ("alice", "bob", "error"),
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
