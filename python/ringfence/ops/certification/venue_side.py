"""What the venue's side has to do during a certification, and who is asked for it.

A simulated venue is asked by its control socket, anybody else through a person at the terminal.
Where nobody can be asked the check is not exercised, which is not a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Final, Protocol

from ringfence.errors import UsageError
from ringfence.ops.control import ask

__all__ = ["ByControl", "ByNobody", "ByPerson", "Deed", "Unavailable", "VenueSide"]

PAGES_MAX: Final = 1_000


class Deed(Enum):
    """Something that only the venue can do: the line of a fault script, and words for a person."""

    REJECT = (
        "reject_orders count=1 symbol={symbol}",
        "have the venue refuse the next order for {symbol}",
    )
    LOSE_PRICES = (
        "market_data_loss symbol={symbol}",
        "have the venue stop its market data of {symbol}",
    )
    FREEZE_PRICES = (
        "market_data_freeze symbol={symbol}",
        "have the venue repeat its last prices of {symbol} without updating them",
    )
    HALT = ("halt symbol={symbol} why=certification", "have the venue suspend {symbol}")
    REOPEN = ("reopen symbol={symbol}", "have the venue resume trading in {symbol}")
    HEAL = ("clear", "have the venue send its market data of {symbol} again, as usual")

    def line(self, symbol: str) -> str:
        """Return the line of a fault script."""
        return self.value[0].format(symbol=symbol)

    def words(self, symbol: str) -> str:
        """Return what a person is asked for."""
        return self.value[1].format(symbol=symbol)


class Unavailable(Exception):
    """Nobody did what the venue's side had to do."""


class VenueSide(Protocol):
    """Whoever does it."""

    def do(self, deed: Deed, symbol: str) -> None:
        """Have it done, or raise Unavailable."""

    def order_count(self, cl_ord_id: str) -> int | None:
        """Return how many orders the venue has under an identifier; None if it cannot be asked."""

    def units(self, comp_id: str) -> dict[str, int] | None:
        """Return what the venue says that a member holds; None if it cannot be asked."""


class ByControl:
    """A simulated venue behind its control socket."""

    def __init__(self, control: Path) -> None:
        self._control = control

    def do(self, deed: Deed, symbol: str) -> None:
        """Tell the venue."""
        try:
            ask(self._control, {"do": "fault", "command": deed.line(symbol)})
        except UsageError as refusal:
            raise Unavailable(str(refusal)) from None

    def order_count(self, cl_ord_id: str) -> int | None:
        """Return how many orders the venue has under an identifier."""
        counts: Counter[str] = Counter()
        after = 0
        for _ in range(PAGES_MAX):
            page = self._look("orders", after)
            if not page:
                break
            counts.update(row["cl_ord_id"] for row in page)
            after = page[-1]["order_id"]
        return counts[cl_ord_id]

    def units(self, comp_id: str) -> dict[str, int] | None:
        """Return what the port of that name holds."""
        ports = self._look("statement", 0)["ports"]
        return next((dict(row["units"]) for row in ports if row["port"] == comp_id), {})

    def _look(self, look: str, after: int) -> Any:
        return ask(self._control, {"do": "books", "look": look, "after": after})["seen"]


class ByPerson:
    """Somebody at the terminal, who speaks to the venue.

    Args:
        ask_person: shows a sentence and returns the line that was typed, with its end.
    """

    def __init__(self, ask_person: Callable[[str], str]) -> None:
        self._ask = ask_person

    def do(self, deed: Deed, symbol: str) -> None:
        """Wait until the person says that it is done; the end of their input says nothing."""
        typed = self._ask(f"{deed.words(symbol)}, then press Enter; s skips: ")
        if not typed.endswith("\n") or typed.strip().lower() == "s":
            raise Unavailable(f"skipped: {deed.words(symbol)}")

    def order_count(self, cl_ord_id: str) -> int | None:
        """Return None."""

    def units(self, comp_id: str) -> dict[str, int] | None:
        """Return None."""


class ByNobody:
    """Neither a control socket nor a terminal."""

    def do(self, deed: Deed, symbol: str) -> None:
        """Raise Unavailable."""
        raise Unavailable(f"no --venue-control and no terminal to ask: {deed.words(symbol)}")

    def order_count(self, cl_ord_id: str) -> int | None:
        """Return None."""

    def units(self, comp_id: str) -> dict[str, int] | None:
        """Return None."""
