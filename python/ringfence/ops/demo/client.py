"""A client of the demo: enters orders, changes and cancels them, keeps what it was told."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ringfence.ops.demo.market_data import Top
from ringfence.ops.demo.orders import Order
from ringfence.ops.demo.plan import Intent
from ringfence.ops.demo.wire import Fields, Message, Session, now_text

__all__ = ["Client"]

GATEWAY: Final = "GW1"
TICK: Final = Decimal("0.01")
BUY, SELL, SHORT = "1", "2", "5"
DAY, GOOD_TILL_CANCEL, IMMEDIATE = "0", "1", "3"
RESTRICTED, UNKNOWN = "SPY", "ZZZZ"
RESTRICTED_PX: Final = "167.00"


class Client:
    """One client over one session.

    Args:
        name: its session.
        account: its account.
        other: an account that is not its own.
        begin_string: version of FIX.

    Attributes:
        orders: Every order in the order of sending.
        refused_messages: How many of its messages were refused that were no orders.
    """

    def __init__(self, name: str, account: str, other: str, begin_string: str) -> None:
        self.session = Session(begin_string, (name, GATEWAY), self._take)
        self.orders: list[Order] = []
        self.refused_messages = 0
        self._account = account
        self._other = other
        self._by_id: dict[str, Order] = {}
        self._by_seq: dict[int, Order] = {}
        self._changes = 0

    @property
    def name(self) -> str:
        """Return its name, which is that of its session."""
        return self.session.name

    def free_qty(self, symbol: str) -> int:
        """Return the units that it holds and does not offer already; it sells no more."""
        free = 0
        for order in self.orders:
            if order.symbol == symbol:
                free += order.cum_qty if order.is_buy else -order.cum_qty
                free -= 0 if order.is_buy else order.leaves_qty
        return free

    def enter(self, intent: Intent, number: int, top: Top) -> Order:
        """Send the order of an intent, at a price of the market."""
        side = self._side(intent, top)
        order = Order(
            number=number,
            client=self.name,
            cl_ord_id=f"{self._account}-{number}",
            symbol=intent.symbol,
            side=side,
            qty=intent.qty,
            price=_price(intent, side, top),
            time_in_force=IMMEDIATE if intent.is_immediate and intent.later is None else DAY,
            venue=intent.venue,
            oddity=intent.oddity,
        )
        self._spoil(order, top)
        order.asked_qty = order.qty
        self.orders.append(order)
        if order.oddity != "identifier used before":
            self._by_id[order.cl_ord_id] = order
        self._by_seq[self._send(order)] = order
        return order

    def _side(self, intent: Intent, top: Top) -> str:
        """Return the side: it sells what it holds, and does not trade with itself."""
        if intent.oddity or self.free_qty(intent.symbol) < intent.qty:
            return BUY
        wanted, other = (SELL, BUY) if intent.wants_to_sell else (BUY, SELL)
        return other if self._meets_own(intent, wanted, top) else wanted

    def _meets_own(self, intent: Intent, side: str, top: Top) -> bool:
        """Return whether an order could trade with one of its own that rests."""
        resting = [
            Decimal(order.price)
            for order in self.orders
            if order.is_live
            and order.symbol == intent.symbol
            and order.side != side
            and order.price
        ]
        price = _price(intent, side, top)
        if price is None or not resting:
            return bool(resting)
        return min(resting) <= Decimal(price) if side == BUY else max(resting) >= Decimal(price)

    def change(self, order: Order, top: Top) -> None:
        """Ask for another price, at which it should trade."""
        far = top.ask if order.is_buy else top.bid
        self._replace(order, order.asked_qty, str(far))

    def shrink(self, order: Order) -> None:
        """Ask for half of what is open."""
        half = order.leaves_qty // 2
        self._replace(order, order.cum_qty + max(half, 1), order.price)

    def cancel(self, order: Order) -> None:
        """Ask for the end of an order."""
        order.cancel_asked = True
        asked: Fields = [(41, order.last_id), (11, self._change_id(order))]
        asked += [(55, order.symbol), (54, order.side), (60, now_text()), (38, order.asked_qty)]
        self.session.send("F", asked)

    # --- what goes out ------------------------------------------------------------------------

    def _spoil(self, order: Order, top: Top) -> None:
        """Make an order as wrong as its oddity says."""
        match order.oddity:
            case "too large":
                order.qty = 25_000
            case "half a cent":
                order.price = str(Decimal(order.price or top.ask) + TICK / 2)
            case "far through the collar":
                order.price = str((top.ask * Decimal("1.2")).quantize(TICK))
            case "restricted symbol":
                order.symbol, order.price = RESTRICTED, RESTRICTED_PX
            case "unknown symbol":
                order.symbol = UNKNOWN
            case "unsupported time in force":
                order.time_in_force = GOOD_TILL_CANCEL
            case "short without a locate":
                order.side = SHORT
            case "identifier used before" if self.orders:
                order.cl_ord_id = self.orders[0].cl_ord_id
            case "same order twice" if self.orders:
                self._repeat(order)

    def _repeat(self, order: Order) -> None:
        """Send an order of the same terms first."""
        twin = Order(
            order.number, order.client, f"{order.cl_ord_id}-twin", order.symbol, order.side,
            order.qty, order.price, order.time_in_force, order.venue,
        )  # fmt: skip
        twin.asked_qty = twin.qty
        self.orders.append(twin)
        self._by_id[twin.cl_ord_id] = twin
        self._by_seq[self._send(twin)] = twin

    def _send(self, order: Order) -> int:
        """Send an order in the way its oddity asks for and return the number of the message."""
        fields = self._fields(order)
        match order.oddity:
            case "garbled on its way":
                return self.session.send_garbled("D", fields)
            case "lost on its way":
                return self.session.lose("D", fields)
            case "no side":
                return self.session.send("D", [field for field in fields if field[0] != 54])
            case "unknown message":
                return self.session.send("AE", fields)
        return self.session.send("D", fields)

    def _fields(self, order: Order) -> Fields:
        account = self._other if order.oddity == "not its account" else self._account
        fields: Fields = [(11, order.cl_ord_id), (1, account), *self._handling()]
        fields += [(55, order.symbol), (54, order.side), (60, now_text()), (38, order.qty)]
        fields += [(40, 1)] if order.price is None else [(40, 2), (44, order.price)]
        return [*fields, (59, order.time_in_force), (100, order.venue)]

    def _handling(self) -> Fields:
        return [(21, 1)] if self.session.begin_string == "FIX.4.2" else []

    def _replace(self, order: Order, qty: int, price: str | None) -> None:
        asked: Fields = [(41, order.last_id), (11, self._change_id(order))]
        asked += [*self._handling(), (55, order.symbol), (54, order.side), (60, now_text())]
        self.session.send("G", [*asked, (38, qty), (40, 2), (44, price)])

    def _change_id(self, order: Order) -> str:
        self._changes += 1
        name = f"{order.cl_ord_id}-c{self._changes}"
        self._by_id[name] = order
        return name

    # --- what comes in ------------------------------------------------------------------------

    def _take(self, message: Message) -> None:
        order = self._by_id.get(message.get(11)) if message.kind in {"8", "9"} else None
        if message.kind in {"3", "j"}:
            order = self._by_seq.get(message.number(45))
        order = self._again(message) or order
        if order is None:
            self.refused_messages += message.kind in {"3", "j"}
        elif message.kind == "8":
            order.report(message)
        else:
            order.refuse(message)

    def _again(self, message: Message) -> Order | None:
        """Return the order whose identifier was used before, if the answer is to it."""
        is_refusal = message.kind == "8" and message.get(39) == "8"
        if not is_refusal:
            return None
        again = (o for o in self.orders if o.oddity == "identifier used before")
        waiting = (o for o in again if o.cl_ord_id == message.get(11) and o.refusal is None)
        return next(waiting, None)


def _price(intent: Intent, side: str, top: Top) -> str | None:
    """Return the limit: the other side's best price, or one's own, or behind that."""
    if intent.manner == "market" and not intent.oddity:
        return None
    near, far = (top.bid, top.ask) if side == BUY else (top.ask, top.bid)
    behind = -TICK if side == BUY else TICK
    if intent.manner in {"take", "market"}:
        return str(far)
    return str(near + (intent.away * behind if intent.manner == "rest" else 0))
