"""A small broker for tests: a four-level tree, three instruments, two venues, wide-open limits.

Every limit that may be is written out as UNLIMITED, so that a test tightens exactly the one it is
about. Two people can sign commands; their keys are made from fixed seeds and exist only here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ringfence import Event, Kernel, _core
from ringfence.engine import Scalar
from ringfence.rows import ChildRow

SECOND = 1_000_000_000
START = 1_375_363_800 * SECOND  # 2013-08-01 13:30 UTC
TREE = (("firm", None), ("desk", "firm"), ("trader", "desk"), ("alice", "trader"))
NUMBERS = {
    "duplicate_window": SECOND,
    "message_window": SECOND,
    "repeat_window": 60 * SECOND,
    "loss_window": 60 * SECOND,
    "flow_window": 60 * SECOND,
    "cancel_reserve_count": 0,
}
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    for seed, name in enumerate(("olga", "peter"), start=1)
}
PLACEHOLDER = "0" * 128
Rows: TypeAlias = list[tuple[str, dict[str, Scalar]]]
ANSWERS = ("canceled", "replaced", "pending_cancel", "pending_replace")
UNLIMITED = "UNLIMITED"


def limit_rows(
    name: str, changed: Mapping[str, object], levels: tuple[int, int] = (10_000, 10_000)
) -> Rows:
    """Return a full set of limits: `changed`, windows, no reserve, UNLIMITED for the rest.

    A changed value is a number, "UNLIMITED", None to leave the limit out, or a tuple
    (value, warn, restrict) with levels in basis points.
    """
    rows: Rows = []
    for key in (row["name"] for row in _core.limit_keys()):
        value = changed.get(key, NUMBERS.get(key, UNLIMITED))
        if value is None:
            continue
        warn, restrict = levels
        if isinstance(value, tuple):
            value, warn, restrict = value
        fields: dict[str, Scalar] = {
            "limits": name,
            "limit": key,
            "value": str(value),
            "warn": warn,
            "restrict": restrict,
        }
        rows.append(("limit_definition", fields))
    return rows


class World:
    """A kernel with the small broker in it, open for the day.

    Args:
        limits: changed limits by scope: an account name, or a symbol.
        accounts, instruments, venues, sessions, phases: changed fields by name.
        entitlements: what the session is entitled to, by kind of scope; None for nothing.
        more: further definitions, before those of accounts and instruments.
        opening: opening positions as (account, symbol, quantity, average price).
        yen: dollars for one yen, known before the day opens; None for unknown.
        margins: accounts about which the margin side has spoken.
        start: whether the day is opened and the market comes up.
    """

    def __init__(
        self,
        limits: Mapping[str, Mapping[str, object]] | None = None,
        *,
        levels: tuple[int, int] = (10_000, 10_000),
        accounts: Mapping[str, Mapping[str, Scalar]] | None = None,
        instruments: Mapping[str, Mapping[str, Scalar]] | None = None,
        venues: Mapping[str, Mapping[str, Scalar]] | None = None,
        sessions: Mapping[str, Mapping[str, Scalar]] | None = None,
        phases: Mapping[str, Mapping[str, Scalar]] | None = None,
        entitlements: Mapping[str, str | None] | None = None,
        more: tuple[tuple[str, dict[str, Scalar]], ...] = (),
        opening: tuple[tuple[str, str, int, str], ...] = (),
        yen: str | None = "0.01",
        margins: tuple[str, ...] = ("alice", "bob", "error"),
        start: bool = True,
        map_seed: int | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        self.kernel = kernel or Kernel(map_seed=map_seed)
        self.now = START
        self._nonce = 0
        self._exec = 0
        self._client = 0
        self._asked: dict[int, str] = {}
        self._limits, self._levels = limits or {}, levels
        self._entitlements, self._more = entitlements or {}, more
        self._yen, self._margins = yen, margins
        self._changed = {
            "accounts": accounts or {},
            "instruments": instruments or {},
            "venues": venues or {},
            "sessions": sessions or {},
            "phases": phases or {},
        }
        for name, fields in self.definitions(opening):
            self.kernel.define(name, fields)
        if start:
            self.kernel.define("day_open", {"trade_date": "2013-08-01", "config_digest": "0" * 64})
            self.open_market()

    def _change(self, kind: str, name: str, fields: dict[str, Scalar]) -> dict[str, Scalar]:
        return fields | dict(self._changed[kind].get(name, {}))

    def definitions(self, opening: tuple[tuple[str, str, int, str], ...] = ()) -> Rows:
        """Return every definition of the broker, without the opening of the day."""
        gateway: dict[str, Scalar] = {
            "node": "N1",
            "build": "test",
            "base_currency": "USD",
            "error_account": "error",
            "rearm_max": 2,
        }
        rows: Rows = [("gateway_definition", gateway)]
        for scope in [name for name, _ in TREE] + ["bob", "error", "BAC", "IBM", "SONY"]:
            rows += limit_rows(f"of-{scope}", self._limits.get(scope, {}), self._levels)
        rows += self._more
        rows.append(("tick_definition", {"ladder": "us", "from_px": "0", "tick": "0.0001"}))
        rows.append(("tick_definition", {"ladder": "us", "from_px": "1", "tick": "0.01"}))
        for phase in ("pre_open", "auction", "continuous", "post", "overnight", "halted"):
            rows.append(("phase_definition", self._change("phases", phase, _phase(phase))))
        rows += self._accounts_and_instruments() + self._venues_and_sessions()
        for name, key in KEYS.items():
            public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
            rows.append(("operator_definition", {"operator": name, "public_key": public}))
        if self._yen is not None:
            rows.append(("currency_rate", {"currency": "JPY", "rate": self._yen}))
        for account, symbol, qty, px in opening:
            held: dict[str, Scalar] = {"account": account, "symbol": symbol}
            rows.append(("opening_position", held | {"qty": qty, "average_px": px}))
        return rows

    def _accounts_and_instruments(self) -> Rows:
        rows: Rows = []
        for name, above in (*TREE, ("bob", "trader"), ("error", "firm")):
            fields: dict[str, Scalar] = {
                "account": name,
                "above": above,
                "limits": f"of-{name}",
                "tradable": name in ("alice", "bob", "error"),
                "self_match_group": "house",
                "self_match_policy": "allow",
            }
            rows.append(("account_definition", self._change("accounts", name, fields)))
        rows.append(("strategy_definition", {"strategy": "DMA", "direct": True}))
        rows.append(("strategy_definition", {"strategy": "TWAP", "direct": False}))
        for symbol, currency in (("BAC", "USD"), ("IBM", "USD"), ("SONY", "JPY")):
            instrument = _instrument(symbol, currency)
            rows.append(("instrument_definition", self._change("instruments", symbol, instrument)))
        return rows

    def _venues_and_sessions(self) -> Rows:
        rows: Rows = []
        for venue in ("XNYS", "OCEA"):
            fields: dict[str, Scalar] = {
                "venue": venue,
                "provisional": venue == "OCEA",
                "ack_timeout": SECOND,
                "message_max": 1_000_000,
            }
            rows.append(("venue_definition", self._change("venues", venue, fields)))
        session: dict[str, Scalar] = {
            "session": "CLIENT",
            "ord_types": "market,limit,stop,stop_limit",
            "phases": "pre_open,auction,continuous,halted,post,overnight",
            "cancel_on_disconnect": False,
        }
        rows.append(("session_definition", self._change("sessions", "CLIENT", session)))
        for kind in ("account", "symbol", "venue", "strategy"):
            if (allowed := self._entitlements.get(kind, "*")) is not None:
                entitled: dict[str, Scalar] = {"session": "CLIENT", "scope_kind": kind}
                rows.append(("entitlement", entitled | {"scope": allowed}))
        return rows

    def open_market(self) -> None:
        """Connect the venues, begin continuous trading, and give everything a price."""
        for venue in ("XNYS", "OCEA"):
            self.step("venue_session", venue=venue, connected=True)
        self.step("phase_change", phase="continuous")
        for symbol, bid, ask in (("BAC", "9.99", "10.01"), ("IBM", "99.9", "100.1")):
            self.step("quote", symbol=symbol, bid_px=bid, ask_px=ask)
        self.step("quote", symbol="SONY", bid_px="1999", ask_px="2001")
        for account in self._margins:
            self.step(
                "margin_requirement",
                account=account,
                requirement=10_000,
                buying_power="1000000000000",
            )

    def step(self, name: str, /, **fields: Scalar) -> list[Event]:
        """Decide one input at the present time."""
        events = self.kernel.step(name, ts=self.now, **fields)
        for event in events:
            if event.name in ("child_cancel_requested", "child_replace_requested"):
                self._asked[event["child_id"]] = event["cl_ord_id"]
        return events

    def wait(self, seconds: float) -> list[Event]:
        """Let time pass and tick."""
        self.now += round(seconds * SECOND)
        return self.step("tick")

    def order(self, **changed: Any) -> list[Event]:
        """Enter an order: alice buys 100 BAC at 10.00 on XNYS, changed as given."""
        return self.step("new_order", **self.terms(**changed))

    def terms(self, **changed: Any) -> dict[str, Any]:
        """Return the terms of the next order, changed as given."""
        self._client += 1
        fields: dict[str, Scalar] = {
            "session": "CLIENT",
            "cl_ord_id": f"C{self._client}",
            "account": "alice",
            "strategy": "DMA",
            "symbol": "BAC",
            "side": "buy",
            "ord_type": "limit",
            "time_in_force": "day",
            "order_qty": 100,
            "price": "10",
            "ex_destination": "XNYS",
        }
        if changed.get("strategy", "DMA") != "DMA":
            fields["ex_destination"] = None
        if changed.get("ord_type") in ("market", "stop"):
            fields["price"] = None
        return fields | changed

    def slice(self, order_id: int, qty: int, **changed: Any) -> list[Event]:
        """Propose a slice of a TWAP parent to XNYS at 10.00."""
        fields: dict[str, Scalar] = {
            "order_id": order_id,
            "strategy": "TWAP",
            "venue": "XNYS",
            "qty": qty,
            "ord_type": "limit",
            "time_in_force": "day",
            "price": "10",
        }
        return self.step("slice_proposal", **(fields | changed))

    def change(self, child_id: int, qty: int, price: str | None = "10") -> list[Event]:
        """Propose a new quantity and price of a child."""
        return self.step("child_replace_proposal", child_id=child_id, qty=qty, price=price)

    def cancel(self, of: str = "C1", **changed: Any) -> list[Event]:
        """Ask for the cancel of an order by the client's identifier."""
        return self.step("cancel_order", **(self._request("X", of) | changed))

    def replace(
        self, qty: int, price: str | None = "10", of: str = "C1", **changed: Any
    ) -> list[Event]:
        """Ask for a new quantity and price of an order by the client's identifier."""
        terms = self._request("R", of) | {"order_qty": qty, "price": price}
        return self.step("replace_order", **(terms | changed))

    def _request(self, prefix: str, of: str) -> dict[str, Scalar]:
        self._client += 1
        cl_ord_id = f"{prefix}{self._client}"
        return {"session": "CLIENT", "cl_ord_id": cl_ord_id, "orig_cl_ord_id": of}

    def reject(self, child_id: int = 0, **changed: Any) -> list[Event]:
        """Take the venue's refusal of the newest request about a child."""
        child = self.kernel.child(child_id)
        fields: dict[str, Scalar] = {
            "venue": child["venue"] if child else "XNYS",
            "cl_ord_id": self._asked.get(child_id, "none"),
        }
        return self.step("cancel_reject", **(fields | changed))

    def report(self, exec_type: str, child_id: int = 0, **changed: Any) -> list[Event]:
        """Take a venue's report about a child.

        What answers a request carries the newest identifier that was asked with, everything else
        the one under which the venue knows the order.
        """
        self._exec += 1
        child = self.kernel.child(child_id)
        known = child["cl_ord_id"] if child else f"N1-20130801-{child_id}-0"
        if exec_type in ANSWERS:
            known = self._asked.get(child_id, known)
        fields: dict[str, Scalar] = {
            "venue": child["venue"] if child else "XNYS",
            "cl_ord_id": known,
            "exec_id": f"E{self._exec}",
            "exec_type": exec_type,
        }
        return self.step("venue_report", **(fields | changed))

    def fill(self, qty: int, child_id: int = 0, px: str = "10", **changed: Any) -> list[Event]:
        """Take a fill of a child."""
        return self.report("trade", child_id, last_qty=qty, last_px=px, **changed)

    def child(self, child_id: int) -> ChildRow:
        """Return a child that is there."""
        row = self.kernel.child(child_id)
        assert row is not None, f"child {child_id} is not there"
        return row

    def signed(self, name: str, by: str, second: str | None = None, **fields: Scalar) -> Any:
        """Decide a command signed by one or two people."""
        return self.step(name, **self.command(name, by, second, **fields))

    def command(
        self, name: str, by: str, second: str | None = None, **fields: Scalar
    ) -> dict[str, Any]:
        """Return a command signed by one or two people, with the next number."""
        self._nonce += 1
        command: dict[str, Any] = fields | {
            "operator": by,
            "nonce": self._nonce,
            "signature": PLACEHOLDER,
        }
        if second is not None:
            command["second_operator"] = second
        text = _core.signing_text(name, command).encode()
        command["signature"] = KEYS[by].sign(text).hex()
        if second is not None:
            command["second_signature"] = KEYS[second].sign(text).hex()
        return command


def _phase(phase: str) -> dict[str, Scalar]:
    by_phase = {
        "pre_open": "previous_close",
        "auction": "indicative,previous_close",
        "continuous": "mid,last",
        "post": "official_close,last",
        "overnight": "session_reference",
        "halted": None,
    }
    return {
        "plan": "us",
        "phase": phase,
        "ord_types": "market,limit,stop,stop_limit",
        "sources": by_phase[phase],
        "age_max": 3_600 * SECOND,
        "collar": 1_000_000,
        "band": 2_000 if phase == "overnight" else None,
        "drift": 1_000_000,
        "drift_window": 60 * SECOND,
    }


def _instrument(symbol: str, currency: str) -> dict[str, Scalar]:
    return {
        "symbol": symbol,
        "currency": currency,
        "multiplier": 1,
        "lot_size": 1,
        "ladder": "us",
        "plan": "us",
        "limits": f"of-{symbol}",
        "average_volume": 100_000_000,
        "shares_outstanding": 10_000_000_000,
        "negative_prices": False,
        "banded": False,
        "short_sale_rules": False,
    }


def names(events: list[Event]) -> list[str]:
    """Return the names of events."""
    return [event.name for event in events]


def denial(events: list[Event]) -> Event:
    """Return the only refusal among events."""
    (found,) = [event for event in events if event.name == "denied"]
    return found


def assert_denied(events: list[Event], **expected: Any) -> Event:
    """Return the only refusal among events after checking that nothing left and what it says.

    An expected value of None says that the refusal does not carry the field.
    """
    found = denial(events)
    assert expected == {field: found.get(field) for field in expected}
    assert not set(names(events)) & {"child_sent", "child_replace_requested", "order_accepted"}
    return found


def sent(events: list[Event]) -> Event:
    """Return the only child that was sent, after checking that nothing was refused."""
    assert "denied" not in names(events), events
    (found,) = [event for event in events if event.name == "child_sent"]
    return found
