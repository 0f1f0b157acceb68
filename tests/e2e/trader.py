"""Clients of a gateway that trade by themselves, from a seed, through every interruption.

A trader keeps its own books from what it asked and what it was told, with no line shared with the
tree: the largest quantity that it asked for, and each execution once by its ExecID.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.fixclient import FixClient, Report

ANSWER_S = 60.0
PENDING_MAX = 8
LIVE_MAX = 30
RETRY_S = 0.02
AGAIN_S = 0.25
PENDING = frozenset(["A", "6", "E"])
FILL = {"FIX.4.2": frozenset(["1", "2"]), "FIX.4.4": frozenset(["F"])}
ENDED = frozenset(["2", "4", "8", "C"])


@dataclass
class Order:
    """One order as its client knows it; every identifier of its chain leads here.

    Attributes:
        cl_ord_id: identifier in force.
        asked: largest quantity that was ever asked for.
        fills: units by ExecID.
    """

    cl_ord_id: str
    venue: str
    side: int
    qty: int
    cents: int
    asked: int
    status: str = ""
    leaves: int = 0
    requested: bool = False
    next_cancel: float = 0.0
    fills: dict[str, int] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """Return the units of all fills."""
        return sum(self.fills.values())


class Trader:
    """Enters, changes and cancels orders by one session until it is told to finish.

    Attributes:
        orders: by each identifier that the order ever had.
        pending: requests without a final answer, with the time of asking.
        accepted: orders that a venue took.
        faults: what must never be, as sentences.
    """

    def __init__(self, client: FixClient, account: str, seed: int, go: threading.Event) -> None:
        self.client = client
        self.account = account
        self.go = go
        self.orders: dict[str, Order] = {}
        self.pending: dict[str, float] = {}
        self.live: dict[str, Order] = {}
        self.accepted = 0
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.exec_ids: set[str] = set()
        self._random = random.Random(seed)
        self._number = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        client.on_report = self.take

    def start(self) -> None:
        """Begin to trade on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Enter nothing new from here on, and cancel what is open."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait until nothing is open."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.client.sender}: open {list(self.live.values())}"

    # --- what is told -------------------------------------------------------------------------

    def take(self, report: Report) -> None:
        """Take one report; called once for each, in order."""
        with self.client.changed:
            if report.kind == "8":
                self._report(report)
            elif report.kind == "9":
                self._cancel_rejected(report)
            elif report.kind == "j":
                self._refused(report)
            else:
                self.faults.append(f"an unexpected message: {dict(report)}")
            self.client.changed.notify_all()

    def _report(self, report: Report) -> None:
        order = self.orders.get(report[11]) or self.orders.get(report.get(41, ""))
        if order is None:
            self.faults.append(f"a report about an order of nobody: {dict(report)}")
            return
        if report[17] in self.exec_ids:
            self.faults.append(f"an ExecID came twice: {dict(report)}")
        self.exec_ids.add(report[17])
        if report[150] in FILL[self.client.begin_string]:
            order.fills[report[17]] = int(report[32])
            self.counts["fills"] += 1
        if report[39] not in PENDING:
            self._settle(order, report)
        status = report[39]
        if status not in PENDING and order.status == "" and status != "8":
            self.accepted += 1
        if status in ENDED and order.status == "":
            self.counts["refused" if status == "8" else "ended at once"] += 1
        order.status = status if status not in PENDING else order.status
        order.leaves = int(report[151])
        if status in ENDED:
            self.live.pop(order.cl_ord_id, None)
        if order.filled != int(report[14]):
            self.faults.append(f"CumQty is not the sum of the fills: {order} {dict(report)}")

    def _settle(self, order: Order, report: Report) -> None:
        """Take the answer to a request, and the new identifier of a replaced order."""
        self._answered(report[11])
        if report[150] == "5":
            self.live.pop(order.cl_ord_id, None)
            order.cl_ord_id = report[11]
            order.qty = int(report[38])
            self.live[order.cl_ord_id] = order
            self.counts["replaced"] += 1
        if report[150] in ("4", "5"):
            order.requested = False

    def _cancel_rejected(self, report: Report) -> None:
        """Take the refusal of a change or cancel, with the state that the order has now (39)."""
        self._answered(report[11])
        self.counts["cancel rejects"] += 1
        order = self.orders[report[11]]
        order.requested = False
        if report[39] in ENDED:
            order.status, order.leaves = report[39], 0
            self.live.pop(order.cl_ord_id, None)

    def _answered(self, cl_ord_id: str) -> None:
        self.pending.pop(cl_ord_id, None)

    def _refused(self, report: Report) -> None:
        """Take a business reject: nothing was done, the request is void."""
        kind, fields, _ = self.client.sent[int(report[45])]
        cl_ord_id = dict(fields)[11]
        self._answered(cl_ord_id)
        self.counts["business rejects"] += 1
        order = self.orders[cl_ord_id]
        order.requested = False
        if kind == "D":
            order.status = "8"
            self.live.pop(cl_ord_id, None)

    # --- what is asked ------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self._ready():
                    self._act()
            while self.live or self.pending:
                if self._ready():
                    self._cancel_all()
        except Exception as failure:  # the test that waits for us tells it
            self.faults.append(f"{self.client.sender} ended: {failure!r}")
            raise

    def _ready(self) -> bool:
        """Wait until something can be sent; return whether it can."""
        if not self.client.logged_on:
            self._connect()
            return False
        with self.client.changed:
            if len(self.pending) < PENDING_MAX and self.go.is_set():
                return True
            self.client.changed.wait(RETRY_S)
            self._look_for_silence()
        return False

    def _look_for_silence(self) -> None:
        late = [name for name, at in self.pending.items() if time.monotonic() - at > ANSWER_S]
        assert not late, f"never answered: {late}"

    def _connect(self) -> None:
        self.client.drop()
        with contextlib.suppress(OSError, AssertionError):
            self.client.connect()
            self.counts["logons"] += 1
            return
        threading.Event().wait(RETRY_S)  # nobody listens yet

    def _act(self) -> None:
        with self.client.changed:
            free = [order for order in self.live.values() if not order.requested and order.status]
            dice = self._random.random()
            if free and (len(self.live) > LIVE_MAX or dice < 0.2):
                self._cancel(free[0] if len(self.live) > LIVE_MAX else self._random.choice(free))
            elif free and dice < 0.4:
                self._replace(self._random.choice(free))
            elif len(self.live) <= LIVE_MAX:
                self._enter()

    def _enter(self) -> None:
        side = self._random.choice((1, 2))
        near = self._random.randint(-2, 2)
        qty = 10 * self._random.randint(1, 30)
        order = Order(
            cl_ord_id=self._name("o"),
            venue=self._random.choice(("LIT1", "LIT2")),
            side=side,
            qty=qty,
            cents=1381 + near if side == 1 else 1382 + near,
            asked=qty,
        )
        self.orders[order.cl_ord_id] = self.live[order.cl_ord_id] = order
        self._ask(order.cl_ord_id, "orders")
        self.client.order(
            order.cl_ord_id,
            account=self.account,
            side=side,
            qty=qty,
            px=_price(order.cents),
            venue=order.venue,
            tif=self._random.choice((0, 0, 0, 0, 3)),
        )

    def _replace(self, order: Order) -> None:
        name = self._name("r")
        qty = max(10, order.qty + 10 * self._random.randint(-10, 20))
        order.cents += self._random.randint(-1, 1)
        order.asked = max(order.asked, qty)
        order.requested = True
        self.orders[name] = order
        self._ask(name, "replaces")
        px = _price(order.cents)
        self.client.replace(name, order.cl_ord_id, side=order.side, qty=qty, px=px)

    def _cancel(self, order: Order) -> None:
        name = self._name("c")
        order.requested = True
        self.orders[name] = order
        self._ask(name, "cancels")
        self.client.cancel(name, order.cl_ord_id, side=order.side, qty=order.qty)

    def _cancel_all(self) -> None:
        with self.client.changed:
            now = time.monotonic()
            for order in list(self.live.values()):
                is_free = not order.requested and order.status and now >= order.next_cancel
                if is_free and len(self.pending) < PENDING_MAX:
                    order.next_cancel = now + AGAIN_S
                    self._cancel(order)
            self.client.changed.wait(RETRY_S)

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _ask(self, name: str, count: str) -> None:
        self.pending[name] = time.monotonic()
        self.counts[count] += 1


def _price(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
