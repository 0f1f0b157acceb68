"""The kernel from Python: feed inputs one by one or in batches, read what became true.

A refusal is an event, never an exception. Exceptions mean that an input could not be read
(`InputError`), that the journal failed (`JournalError`), or that an invariant broke and nothing
may leave any more (`KernelHalted`). Prices and money are `str`, `int` or `Decimal`; a float is
refused. Times are nanoseconds UTC and never fall. One kernel serves one thread at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import chain
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias

import msgspec

from ringfence import _core
from ringfence.columns import Columns, EventColumns, laid_out
from ringfence.errors import InputError, JournalError, KernelHalted, UsageError
from ringfence.rows import (
    ChildRow,
    ExposureRow,
    LimitRow,
    OrderRow,
    OrdType,
    PositionRow,
    ScopeRow,
    Side,
    SourceRow,
    TimeInForce,
    ZeroSumRow,
)

__all__ = ["Event", "Kernel", "Scalar", "must_have_begun_with", "replay", "verify"]

Scalar: TypeAlias = str | int | bool | Decimal | None
"""A field of an input: decimals as `str`, `int` or `Decimal`, times and quantities as `int`."""

Durability = Literal["process", "disk"]
RECORD_FRAME = {"seq", "ts", "wire", "input", "events"}
SEGMENTS = "*.rfj"


class Event(msgspec.Struct, frozen=True):
    """One thing that became true.

    `fields` holds what `ringfence schema events` lists for the event: decimals as `str`,
    quantities, identifiers and times as `int`, absent optional fields left out.
    """

    name: str
    """Name of the event, past tense (`order_accepted`, `child_sent`, `denied`)."""
    to: str
    """Where its effect goes once the record is durable: venue, client, operator or nowhere."""
    fields: Mapping[str, Any]

    def __getitem__(self, field: str) -> Any:
        """Return a field; a missing one raises KeyError."""
        return self.fields[field]

    def get(self, field: str, default: Any = None) -> Any:
        """Return a field, or `default` when the event does not carry it."""
        return self.fields.get(field, default)


_EVENTS = msgspec.json.Decoder(list[Event])
"""Reads the events of one step."""


class _Mapped:
    """Raises the package's own errors in place of the native ones."""

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, _core.InputError):
            message, line, column, row = (*error.args, None, None, None)[:4]
            raise InputError(str(message), line=line, field=column, row=row) from None
        if isinstance(error, _core.JournalError):
            raise JournalError(str(error)) from None
        if isinstance(error, _core.KernelHalted):
            raise KernelHalted(str(error)) from None


_mapped = _Mapped()


class Kernel:
    """Takes inputs one at a time and decides everything; see `docs/concepts/gate.md`.

    Args:
        config: a loaded `ringfence.config.Config`, or the path of its TOML file; absent for a
            kernel that is still to be given its definitions.
        map_seed: seed of the internal maps; results must not depend on it (invariant I6).
        journal: directory of the journals; one that exists for the day is gone on with, if it
            began with the same configuration.
        trade_date: day of the journal, YYYY-MM-DD; by default the configuration's.
        durability: what a record has reached before anything is told: `disk` or `process`.
        core: native kernel to wrap, as `replay` and `verify` return it.

    Raises:
        ConfigError: the configuration cannot be read.
        InputError: a definition of the configuration does not fit the kernel.
        JournalError: the journal cannot be written or trusted.
        UsageError: the journal began with another configuration; nothing was changed.
    """

    def __init__(
        self,
        config: object | str | PathLike[str] | None = None,
        *,
        map_seed: int | None = None,
        journal: str | PathLike[str] | None = None,
        trade_date: str | None = None,
        durability: Durability = "disk",
        core: _core.Kernel | None = None,
    ) -> None:
        self._core = core or _core.Kernel(map_seed)
        self.recovered: tuple[int, int] | None = None
        """Records found and bytes cut when the journal was there already, else None."""
        definitions = [] if config is None else _definitions(config)
        if journal is not None:
            date = trade_date or _trade_date(definitions)
            must_have_begun_with(definitions, Path(journal) / date)
            with _mapped:
                self.recovered = self._core.open_journal(journal, date, durability)
        for name, fields in definitions[self.seq :]:  # what a crash left out is defined now
            self.define(name, fields)

    def define(self, name: str, fields: Mapping[str, Scalar]) -> None:
        """Give one definition; a definition that does not fit raises InputError."""
        for event in self.step(name, ts=self.now, **fields):
            if event.name == "denied":
                raise InputError(f"{name} {dict(fields)}: {event['scope']}")

    def step(self, name: str, /, *, ts: int, **fields: Scalar) -> list[Event]:
        """Decide one input and return what became true, in order.

        With a journal the record is durable before this returns. `ringfence schema inputs` lists
        every input with its fields.
        """
        with _mapped:
            return _EVENTS.decode(self._core.step(ts, name, fields))

    def step_lines(self, lines: bytes, *, first_line: int = 1) -> bytes:
        """Decide JSON Lines and return the events as JSON Lines; the GIL is released.

        Every line is read before the first is decided, so a bad line changes nothing. With a
        journal all records share as few durable writes as possible.
        """
        with _mapped:
            return self._core.step_lines(lines, first_line)

    def step_buffer(self, inputs: bytes | bytearray | memoryview) -> int:
        """Decide encoded inputs (see `encode`) and return the number of events; no GIL."""
        with _mapped:
            return self._core.step_buffer(inputs)

    def step_columns(self, name: str, columns: Columns) -> EventColumns:
        """Decide many inputs of one kind, given as columns, and return the events as columns.

        `columns` is a table of Arrow (pyarrow, polars, pandas: whatever exports one) or a mapping
        of names to columns of equal length. A column is an array of Arrow or NumPy or a sequence
        of what `step` takes. The names are the fields that `ringfence schema inputs` lists for
        `name`, and `ts`; null and None mean that the row does not carry the field. Rows are in
        order of time, at most 262,144 of them.

        An integer means what it means to `step`: whole currency units in a price, not their
        billionth parts; nanoseconds UTC in a time. Exact prices are `decimal128` of Arrow, text,
        or `Decimal`. Times may be timestamps of Arrow with a time zone. Floats are refused.

        Every row is read before the first is decided, so a bad value changes nothing; its
        InputError names the column (`field`) and the row. With a journal all records share as
        few durable writes as possible. The GIL is released while the rows are decided.
        """
        with _mapped:
            return EventColumns(self._core.step_columns(name, laid_out(columns)), name)

    @staticmethod
    def encode(name: str, /, *, ts: int, **fields: Scalar) -> bytes:
        """Return one input as bytes; concatenate many for `step_buffer`."""
        with _mapped:
            return _core.encode_input(ts, name, dict(fields))

    def new_order(
        self,
        *,
        ts: int,
        session: str,
        cl_ord_id: str,
        account: str,
        symbol: str,
        side: Side,
        order_qty: int,
        strategy: str = "DMA",
        ord_type: OrdType = "limit",
        price: str | int | Decimal | None = None,
        time_in_force: TimeInForce = "day",
        ex_destination: str | None = None,
        **more: Scalar,
    ) -> list[Event]:
        """Enter a parent order (FIX 35=D); a direct one is sent in the same step."""
        return self.step(
            "new_order",
            ts=ts,
            session=session,
            cl_ord_id=cl_ord_id,
            account=account,
            symbol=symbol,
            side=side,
            order_qty=order_qty,
            strategy=strategy,
            ord_type=ord_type,
            price=price,
            time_in_force=time_in_force,
            ex_destination=ex_destination,
            **more,
        )

    def cancel_order(
        self, *, ts: int, session: str, cl_ord_id: str, orig_cl_ord_id: str
    ) -> list[Event]:
        """Cancel a parent order (FIX 35=F); limits and halts never refuse it."""
        ids = {"session": session, "cl_ord_id": cl_ord_id, "orig_cl_ord_id": orig_cl_ord_id}
        return self.step("cancel_order", ts=ts, **ids)

    def replace_order(
        self,
        *,
        ts: int,
        session: str,
        cl_ord_id: str,
        orig_cl_ord_id: str,
        order_qty: int,
        price: str | int | Decimal | None = None,
    ) -> list[Event]:
        """Change quantity or price of a parent order (FIX 35=G)."""
        return self.step(
            "replace_order",
            ts=ts,
            session=session,
            cl_ord_id=cl_ord_id,
            orig_cl_ord_id=orig_cl_ord_id,
            order_qty=order_qty,
            price=price,
        )

    def propose_slice(
        self,
        *,
        ts: int,
        order_id: int,
        strategy: str,
        venue: str,
        qty: int,
        ord_type: OrdType = "limit",
        price: str | int | Decimal | None = None,
        time_in_force: TimeInForce = "day",
    ) -> list[Event]:
        """Propose a child order of an algorithm; it is sent only if everything admits it."""
        return self.step(
            "slice_proposal",
            ts=ts,
            order_id=order_id,
            strategy=strategy,
            venue=venue,
            qty=qty,
            ord_type=ord_type,
            price=price,
            time_in_force=time_in_force,
        )

    def venue_report(
        self,
        *,
        ts: int,
        venue: str,
        cl_ord_id: str,
        exec_id: str,
        exec_type: str,
        last_qty: int | None = None,
        last_px: str | int | Decimal | None = None,
        **more: Scalar,
    ) -> list[Event]:
        """Take an execution report of a venue (FIX 35=8); each counts at most once."""
        return self.step(
            "venue_report",
            ts=ts,
            venue=venue,
            cl_ord_id=cl_ord_id,
            exec_id=exec_id,
            exec_type=exec_type,
            last_qty=last_qty,
            last_px=last_px,
            **more,
        )

    def tick(self, *, ts: int) -> list[Event]:
        """Let time pass: time-outs, ends of orders and limits, loss stops."""
        return self.step("tick", ts=ts)

    @property
    def seq(self) -> int:
        """Number of the last input that was decided, 0 before the first."""
        return self._core.seq

    @property
    def now(self) -> int:
        """Time of the last input, nanoseconds UTC."""
        return self._core.now

    def order(self, order_id: int) -> OrderRow | None:
        """Return a parent order with its buckets and derived status, or None."""
        return self._core.order(order_id)

    def child(self, child_id: int) -> ChildRow | None:
        """Return a child order, or None."""
        return self._core.child(child_id)

    def orders(self, *, open_only: bool = False) -> list[OrderRow]:
        """Return parent orders, oldest first."""
        return self._core.orders(open_only)

    def positions(self, account: str | None = None) -> list[PositionRow]:
        """Return position rows; those with `aggregate` are sums over the accounts below."""
        rows = self._core.positions()
        return [row for row in rows if account is None or row["account"] == account]

    def exposures(self) -> list[ExposureRow]:
        """Return the totals of every account of the tree, base currency."""
        return self._core.exposures()

    def limits(self, account: str, symbol: str | None = None) -> list[LimitRow]:
        """Return every limit of an account and all above it, beside how far it is used."""
        with _mapped:
            return self._core.limits(account, symbol)

    def sources(self, account: str, symbol: str) -> list[SourceRow]:
        """Return which parents, strategies, sessions, node and build a position came from."""
        with _mapped:
            return self._core.sources(account, symbol)

    def scopes(self) -> list[ScopeRow]:
        """Return every scope that was touched: state, latch, orders a halt waits for."""
        return self._core.scopes()

    def zero_sum(self) -> list[ZeroSumRow]:
        """Return each venue's net units beside those booked (invariant I13)."""
        return self._core.zero_sum()

    def state_hash(self) -> str:
        """Return the SHA-256 digest of the whole state, hexadecimal."""
        return self._core.state_hash()

    def close(self) -> None:
        """Commit and close the journal with its closing mark."""
        with _mapped:
            self._core.close_journal()


def replay(directory: str | PathLike[str]) -> Kernel:
    """Fold a day's journal into a new kernel without deciding again."""
    with _mapped:
        return Kernel(core=_core.replay(directory))


def verify(directory: str | PathLike[str]) -> Kernel:
    """Decide every record of a journal again and demand the same bytes (invariant I6)."""
    with _mapped:
        return Kernel(core=_core.verify(directory))


def must_have_begun_with(
    definitions: Iterable[tuple[str, Mapping[str, Scalar]]], day: Path
) -> None:
    """Raise UsageError unless the journal of `day` begins with these definitions.

    A journal that broke off among them begins with as many as it has; a day without one begins
    with anything. The message names the first definition that differs.
    """
    if not any(day.glob(SEGMENTS)):
        return
    expected = list(definitions)
    with _mapped:
        lines = list(chain.from_iterable(_core.JournalPages(day, last_seq=len(expected))))
    # Records in which only FIX sessions had a part define nothing.
    found = [record for record in map(json.loads, lines) if record["input"] is not None]
    for record, (name, fields) in zip(found, expected, strict=False):
        recorded = {key: value for key, value in record.items() if key not in RECORD_FRAME}
        if Kernel.encode(record["input"], ts=0, **recorded) != Kernel.encode(name, ts=0, **fields):
            message = (
                f"{day}: the journal began with another configuration: expected {name} "
                f"{dict(fields)}, found {record['input']} {recorded} at record {record['seq']}"
            )
            raise UsageError(message)


def _definitions(config: object) -> list[tuple[str, Mapping[str, Scalar]]]:
    from ringfence import config as configuration

    loaded = configuration.load(config) if isinstance(config, str | PathLike) else config
    if not isinstance(loaded, configuration.Config):
        raise TypeError(f"expected a Config or a path, found {type(config).__name__}")
    return list(configuration.compile(loaded))


def _trade_date(definitions: Iterable[tuple[str, Mapping[str, Scalar]]]) -> str:
    for name, fields in definitions:
        if name == "day_open":
            return str(fields["trade_date"])
    raise InputError("a journal needs a trade date, from the configuration or given")
