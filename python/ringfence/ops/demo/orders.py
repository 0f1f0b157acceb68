"""What a client of the demo asked for, and what it was told of it: a row for each order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ringfence.ops.demo.wire import Message

__all__ = ["OUTCOMES", "Fill", "Order", "Refusal", "refusal_of"]

OPEN, FILLED, CANCELED, EXPIRED = "open", "filled", "canceled", "expired"
DENIED, REFUSED, SENT = "denied", "refused", "sent"
OUTCOMES: Final = (FILLED, CANCELED, EXPIRED, DENIED, REFUSED, OPEN, SENT)
"""How an order can stand: denied by the kernel, refused as a message, sent without an answer."""

STATUS: Final = {
    "0": OPEN, "1": OPEN, "2": FILLED, "4": CANCELED, "5": OPEN, "6": OPEN, "8": DENIED,
    "A": OPEN, "C": EXPIRED, "E": OPEN,
}  # fmt: skip
FILLS: Final = frozenset("12F")
# NAME rule 6: VALUE units against LIMIT units (limit) at SCOPE
SENTENCE: Final = re.compile(r"(?P<reason>[A-Z][A-Z0-9_]+)(?: rule (?P<rule>\d+))?\b(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was refused: by a rule, by the order book (rule 0), or as a message."""

    reason: str
    rule: int
    text: str


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution (FIX 32, 31, 30)."""

    qty: int
    px: Decimal
    venue: str


@dataclass(slots=True)
class Order:
    """One order: what was asked for, then what was told of it."""

    number: int
    client: str
    cl_ord_id: str
    symbol: str
    side: str  # FIX 54
    qty: int
    price: str | None
    time_in_force: str  # FIX 59
    venue: str
    oddity: str = ""  # what was done wrong on purpose
    status: str = SENT
    cum_qty: int = 0
    average_px: Decimal = Decimal(0)
    leaves_qty: int = 0
    asked_qty: int = 0  # as a replace may have changed it (FIX 38)
    asked_px: str | None = None  # as a replace may have changed it (FIX 44)
    replaced: int = 0
    changed_id: str = ""  # identifier after a replace
    cancel_asked: bool = False
    fills: dict[str, Fill] = field(default_factory=dict)  # by ExecID
    refusal: Refusal | None = None
    changes_refused: list[Refusal] = field(default_factory=list)

    @property
    def is_buy(self) -> bool:
        """Return whether it buys."""
        return self.side == "1"

    @property
    def is_live(self) -> bool:
        """Return whether it may still be filled."""
        return self.status == OPEN

    @property
    def last_id(self) -> str:
        """Return the identifier by which it is known now."""
        return self.changed_id or self.cl_ord_id

    @property
    def venues(self) -> tuple[str, ...]:
        """Return where it was filled."""
        return tuple(sorted({fill.venue for fill in self.fills.values()}))

    def report(self, message: Message) -> None:
        """Take an execution report about it (FIX 35=8)."""
        self.status = STATUS.get(message.get(39), self.status)
        if self.status == DENIED:
            self.refusal = refusal_of(message)
            return
        self.cum_qty, self.leaves_qty = message.number(14), message.number(151)
        self.average_px = Decimal(message.get(6, "0"))
        self.asked_qty = message.number(38, self.qty)
        kind = message.get(150)
        if kind == "5":
            self.asked_px = message.get(44) or None
            self.replaced += 1
            self.changed_id = message.get(11)
        if kind in FILLS and message.number(32):
            fill = Fill(message.number(32), Decimal(message.get(31)), message.get(30))
            self.fills.setdefault(message.get(17), fill)

    def refuse(self, message: Message) -> None:
        """Take a refusal of a change (FIX 35=9), or of the message itself (35=3, 35=j)."""
        if message.kind == "9":
            self.changes_refused.append(refusal_of(message))
        elif self.status == SENT:
            self.status, self.refusal = REFUSED, refusal_of(message)


def refusal_of(message: Message) -> Refusal:
    """Return why something was refused, from the sentence of the answer (FIX 58)."""
    text = message.get(58)
    found = SENTENCE.fullmatch(text)
    if found is not None and message.kind not in {"3", "j"}:
        rest = found["rest"].removeprefix(":").strip()
        return Refusal(found["reason"], int(found["rule"] or 0), rest)
    kind = {"3": "REJECT", "j": "BUSINESS_REJECT"}.get(message.kind, "UNREADABLE_FIELD")
    return Refusal(kind, 0, text)
