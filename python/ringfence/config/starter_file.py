"""A first configuration with conservative limits, worked out from prices and volumes.

The text explains each formula beside its result, so that whoever owns the limits can argue with
it. It passes `check` as it stands. Nothing in it is advice: the numbers are a place to begin.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, Final

from ringfence.config import units
from ringfence.config.scalars import READERS, shown
from ringfence.config.starter_text import FILE, INSTRUMENT
from ringfence.config.toml_text import read_text, show_key
from ringfence.errors import InputError

__all__ = [
    "COLUMNS",
    "EXAMPLE_FACTS",
    "INSTRUMENTS_MAX",
    "InstrumentFacts",
    "read_facts",
    "starter",
]

INSTRUMENTS_MAX: Final = 100_000
"""Most instruments of one file of prices."""
ORDER_NOTIONAL_CAP: Final = 250_000
"""Largest notional of one order that the starter ever gives, base currency."""
VOLUME_PART: Final = 100
"""One order is at most the average volume divided by this: 1 %."""
ROUND_LOT: Final = 100
"""Quantities from this size on are rounded down to multiples of it."""
_CELLS: Mapping[str, Callable[[object], Any]] = {
    "symbol": READERS["name"],
    "price": units.parse_price,
    "average_volume": units.parse_quantity,
    "shares_outstanding": units.parse_quantity,
}
COLUMNS: Final = tuple(_CELLS)
"""First line of a file of prices."""
# Price up to which a band holds, and the band in percent: the guidelines by which US exchanges
# call a trade clearly erroneous in regular hours. The last band has no end.
COLLARS: Final = ((Decimal(25), 10), (Decimal(50), 5))
COLLAR_ABOVE: Final = 3


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What the limits of an instrument are worked out from.

    Attributes:
        symbol: Name.
        price: Recent price, above zero.
        average_volume: Average daily volume of the last 20 days, units, at least 1.
        shares_outstanding: Issued units, at least 1.
    """

    symbol: str
    price: Decimal
    average_volume: int
    shares_outstanding: int


EXAMPLE_FACTS: Final = (
    InstrumentFacts("ALDR", Decimal("12.40"), 8_500_000, 410_000_000),
    InstrumentFacts("BIRC", Decimal("38.75"), 2_300_000, 150_000_000),
    InstrumentFacts("CEDR", Decimal("181.20"), 640_000, 52_000_000),
)
"""Three made-up instruments."""


def read_facts(path: Path) -> tuple[InstrumentFacts, ...]:
    """Return the instruments of a CSV file with the columns of `COLUMNS`, in its order.

    Raises InputError with line and field for what cannot be read, ConfigError for a file that
    cannot be read at all.
    """
    rows = csv.reader(io.StringIO(read_text(path)), strict=True)
    found: dict[str, InstrumentFacts] = {}
    try:
        header = next(rows, [])
        if tuple(header) != COLUMNS:
            message = f"expected {','.join(COLUMNS)}, found {','.join(header) or 'nothing'}"
            raise InputError(message, 1, path=path)
        for row in filter(None, rows):
            facts = _facts(row, path, rows.line_num)
            if facts.symbol in found:
                message = f"symbol: expected each once, found {facts.symbol} again"
                raise InputError(message, rows.line_num, "symbol", path)
            if len(found) == INSTRUMENTS_MAX:
                message = f"expected at most {INSTRUMENTS_MAX} instruments, found more"
                raise InputError(message, rows.line_num, path=path)
            found[facts.symbol] = facts
    except csv.Error as failure:
        raise InputError(f"expected CSV, found {failure}", rows.line_num, path=path) from None
    if not found:
        raise InputError("expected at least one instrument, found none", path=path)
    return tuple(found.values())


def starter(facts: tuple[InstrumentFacts, ...], trade_date: str) -> str:
    """Return the text of a configuration for at least one instrument, as TOML with comments.

    Limits of accounts follow from the largest limits of the instruments; `trade_date` is
    YYYY-MM-DD.
    """
    rows = [_instrument(row) for row in facts]
    order_qty = max(_order_qty(row) for row in facts)
    order_notional = max(_order_notional(row) for row in facts)
    volume = max(row.average_volume for row in facts)

    def money(multiple: int) -> str:
        return f"{order_notional * multiple:_} USD"

    def shares(multiple: int) -> str:
        return f"{order_qty * multiple:_} shares"

    return FILE.substitute(
        trade_date=trade_date,
        cap=f"{ORDER_NOTIONAL_CAP:_} USD",
        order_qty=_qty_limit(order_qty),
        order_qty_plain=shares(1),
        order_notional=money(1),
        position=shares(5),
        position_desk=shares(20),
        position_firm=shares(40),
        gross=money(20),
        gross_desk=money(80),
        gross_firm=money(160),
        net=money(10),
        net_desk=money(40),
        net_firm=money(80),
        daily=money(40),
        daily_desk=money(160),
        daily_firm=money(320),
        daily_qty=shares(100),
        daily_qty_desk=shares(400),
        daily_qty_firm=shares(800),
        parent_notional=money(5),
        loss=f"{-(-order_notional * 20 // 50):_} USD",
        loss_rate=f"{-(-order_notional * 20 // 200):_} USD",
        loss_desk=f"{-(-order_notional * 80 // 50):_} USD",
        loss_rate_desk=f"{-(-order_notional * 80 // 200):_} USD",
        loss_firm=f"{-(-order_notional * 160 // 50):_} USD",
        loss_rate_firm=f"{-(-order_notional * 160 // 200):_} USD",
        floor=f"{max(1, volume // 1_000):_} shares",
        instruments="\n".join(rows),
    )


def _instrument(facts: InstrumentFacts) -> str:
    """Return the tables of one instrument with its limits worked out."""
    collar = _collar(facts.price)
    return INSTRUMENT.substitute(
        table=show_key(("instruments", facts.symbol)),
        overrides=show_key(("instruments", facts.symbol, "overrides")),
        price=f"{facts.price:f}",
        average_volume=f"{facts.average_volume:_}",
        shares_outstanding=f"{facts.shares_outstanding:_}",
        order_qty=_qty_limit(_order_qty(facts)),
        order_notional=f"{_order_notional(facts):_} USD",
        collar=f"{collar} %",
    )


def _order_qty(facts: InstrumentFacts) -> int:
    """Return 1 % of the volume or what the cap buys, the smaller, rounded down, at least 1."""
    qty = min(facts.average_volume // VOLUME_PART, int(ORDER_NOTIONAL_CAP // facts.price))
    if qty >= ROUND_LOT:
        qty -= qty % ROUND_LOT
    return max(1, qty)


def _qty_limit(qty: int) -> str:
    """Return the TOML value of an order limit; of a single unit, 90 % would be nothing."""
    value = f'"{qty:_} shares"'
    return value if qty > 1 else f'{{ value = {value}, warn = "100 %", restrict = "100 %" }}'


def _order_notional(facts: InstrumentFacts) -> int:
    """Return what the largest order costs at the end of its collar, rounded up."""
    worst_px = facts.price * (100 + _collar(facts.price)) / 100
    notional = (worst_px * _order_qty(facts)).to_integral_value(ROUND_CEILING)
    return int(notional)


def _collar(price: Decimal) -> int:
    """Return the collar of a price in percent."""
    return next((percent for end, percent in COLLARS if price <= end), COLLAR_ABOVE)


def _facts(row: list[str], path: Path, line: int) -> InstrumentFacts:
    """Return the facts of one row of the file."""
    if len(row) != len(COLUMNS):
        message = f"expected {len(COLUMNS)} columns, found {len(row)}"
        raise InputError(message, line, path=path)
    values = {}
    for (field, read_cell), cell in zip(_CELLS.items(), row, strict=True):
        try:
            values[field] = read_cell(cell)
            if field != "symbol" and Decimal(values[field]) <= 0:
                raise ValueError("more than zero")
        except ValueError as refusal:
            message = f"{field}: expected {refusal}, found {shown(cell)}"
            raise InputError(message, line, field, path) from None
    return InstrumentFacts(
        values["symbol"],
        Decimal(values["price"]),
        values["average_volume"],
        values["shares_outstanding"],
    )
