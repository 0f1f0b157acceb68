"""The tables of `ringfence demo`: every order with what became of it, then what it came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ringfence.cli._output import table

if TYPE_CHECKING:
    from rich.table import Table

    from ringfence.ops.demo import Order, Outcome

__all__ = ["tables"]

CENT = Decimal("0.01")
FOUR_PLACES = Decimal("0.0001")
SIDES = {"1": "buy", "2": "sell", "5": "short"}
TIMES = {"0": "", "1": " GTC", "3": " IOC"}
VERSIONS = {"CLIENT": "4.4", "CLIENT42": "4.2"}
STYLES = {"denied": "red", "refused": "red", "canceled": "dim", "expired": "dim", "open": "yellow"}
HASH_SHOWN = 16


def tables(found: Outcome, facts: Mapping[str, Any]) -> list[Table | str]:
    """Return what is shown on a terminal, at least 80 columns wide."""
    tape = "the reconstruction of" if facts["tape"] == "reconstruction" else "recorded ticks of"
    opening = (
        f"Two clients, one gateway, two venues: {tape} 8 October 2013 from 10:00 in New York, "
        f"{facts['speed']} times as fast."
    )
    return [
        opening,
        _order_table(found.orders),
        _summary(found),
        _refusal_table(found),
        _venue_table(found),
        _check_table(found),
        _closing(found, facts),
    ]


def _order_table(orders: Sequence[Order]) -> Table:
    """Return the row of every order."""
    styles = {order.cl_ord_id: STYLES.get(order.status) for order in orders}
    rows = [
        (order.cl_ord_id, VERSIONS[order.client], _asked(order), order.venue, _became(order))
        for order in orders
    ]
    columns = ("ClOrdID", "FIX", "order", "venue", "what became of it")
    title = "Orders; what was wrong on purpose stands before the colon"
    return table(title, columns, rows, lambda row: styles[str(row[0])])


def _asked(order: Order) -> str:
    price = "market" if order.price is None else _px(Decimal(order.price))
    terms = f"{SIDES[order.side]} {order.qty:,} {order.symbol}"
    return f"{terms} {price}{TIMES[order.time_in_force]}"


def _became(order: Order) -> str:
    """Return what became of an order in words."""
    said = list(_parts(order))
    oddity = f"{order.oddity}: " if order.oddity else ""
    return oddity + ", ".join(said)


def _parts(order: Order) -> Iterator[str]:
    if order.oddity in {"garbled on its way", "lost on its way"}:
        yield "sent again when asked for"
    if order.refusal is not None:
        by = f"by rule {order.refusal.rule} " if order.refusal.rule else ""
        yield f"{order.status.upper()} {by}{order.refusal.reason}"
        if order.refusal.text:
            yield order.refusal.text
        return
    for refusal in order.changes_refused:
        yield f"change refused by {refusal.reason}"
    if order.replaced:
        price = "" if order.asked_px is None else f" {_px(Decimal(order.asked_px))}"
        yield f"replaced to {order.asked_qty:,}{price}"
    if order.cum_qty:
        part = "" if order.status == "filled" else f" of {order.asked_qty:,}"
        yield f"filled {order.cum_qty:,}{part} at {_px(order.average_px)}"
    if order.status == "canceled":
        yield _why_canceled(order)
    elif order.status != "filled":
        yield order.status


def _why_canceled(order: Order) -> str:
    if order.cancel_asked:
        return "canceled as asked"
    if order.time_in_force == "3" or order.price is None:
        return "rest canceled, nothing more to trade with"
    return "canceled when the day ended"


def _summary(found: Outcome) -> str:
    said = ", ".join(f"{count} {name}" for name, count in found.outcomes.items())
    twins = sum(order.oddity == "same order twice" for order in found.orders)
    return (
        f"[bold]{len(found.orders)} orders[/], {twins} of them a second time on purpose: {said}; "
        f"{found.replaced} replaces.\n"
        f"[bold]{found.children} children[/] went to venues and were filled {found.fills} times."
    )


def _refusal_table(found: Outcome) -> Table:
    """Return how often each rule and reason refused; rule 0 is the order book itself."""
    rows = [(rule or None, reason, count) for (rule, reason), count in found.refusals.items()]
    return table("Refusals", ("rule", "reason", "times"), rows)


def _venue_table(found: Outcome) -> Table:
    """Return what each venue's drop copy says that it did."""
    symbols = sorted({symbol for venue in found.venues for symbol in venue.net_qty})
    columns = ("venue", "children", "fills", "shares", "worth", *(f"net {one}" for one in symbols))
    rows = [
        (
            venue.venue,
            venue.children,
            venue.fills,
            f"{venue.qty:,}",
            f"{Decimal(venue.notional):,} USD",
            *(f"{venue.net_qty.get(symbol, 0):+,}" for symbol in symbols),
        )
        for venue in found.venues
    ]
    return table("Venues, by their drop copies", columns, rows)


def _check_table(found: Outcome) -> Table:
    rows = [("yes" if check.holds else "NO", check.name, check.found) for check in found.checks]
    style = {"yes": "green", "NO": "bold red"}
    columns = ("holds", "what must hold", "found")
    return table("What must hold", columns, rows, lambda row: style[str(row[0])])


def _closing(found: Outcome, facts: Mapping[str, Any]) -> str:
    journal = found.journal
    kept = f"Kept in {facts['kept']}." if facts["kept"] else "Keep the files with --keep DIR."
    return (
        f"Journal: {journal['records']:,} records, each decided again to the same bytes; "
        f"state {journal['state_hash'][:HASH_SHOWN]}…\n"
        f"{facts['seconds']} seconds. {kept}"
    )


def _px(px: Decimal) -> str:
    """Return a price with two decimals, or four where it has more."""
    return f"{px.quantize(CENT) if px == px.quantize(CENT) else px.quantize(FOUR_PLACES)}"
