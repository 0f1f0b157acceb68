"""What every actor of a random day knows: the broker, and what exists in it."""

from __future__ import annotations

from typing import Any

from ringfence import Event

from tests.model.book import Child, Parent
from tests.property.broker import BASE_PX, Broker


class Actor:
    """A broker with its orders, children and fills as the naive model has them."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.reports: list[dict[str, Any]] = []
        self.last_terms: dict[str, Any] = {}
        self.exec_ids = 0

    def can(self, needs: str) -> bool:
        """Return whether what an action needs exists."""
        return not needs or bool(getattr(self, needs))

    @property
    def parents(self) -> list[Parent]:
        """Return all parents."""
        return list(self.broker.kernel.auditor.book.parents.values())

    @property
    def children(self) -> list[Child]:
        """Return all children."""
        return list(self.broker.kernel.auditor.book.children.values())

    @property
    def open_children(self) -> list[Child]:
        """Return the children that can still fill."""
        return [child for child in self.children if child.open]

    @property
    def open_algos(self) -> list[Parent]:
        """Return the open parents that an algorithm works."""
        return [parent for parent in self.parents if not parent.closed and not parent.direct]

    @property
    def algo_children(self) -> list[Child]:
        """Return the children that an algorithm may change."""
        algos = {parent.order_id for parent in self.open_algos}
        return [child for child in self.children if child.order_id in algos]

    @property
    def latched(self) -> list[tuple[str, str]]:
        """Return the scopes that a guard halted."""
        return list(self.broker.kernel.auditor.gate.control.latches)

    @property
    def fills(self) -> list[Any]:
        """Return all fills."""
        return self.broker.kernel.auditor.ledger.fills()

    def px(self, symbol: str, ticks: int) -> str:
        """Return a price some ticks from the usual one."""
        hundredths = BASE_PX[symbol] + ticks
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    def exec_id(self, ahead: int = 0) -> str:
        """Return a venue's next identifier, or one that is still to come."""
        self.exec_ids += 0 if ahead else 1
        return f"E{self.exec_ids + ahead}"

    def tell(self, **report: Any) -> list[Event]:
        """Give the broker a venue's report, and keep it for a duplicate."""
        self.reports.append(report)
        return self.broker.step("venue_report", **report)

    def wire_id(self, child: Child, version: int | None = None) -> str:
        """Return the identifier of a child under one of its versions, the newest by default."""
        version = child.version if version is None else version % (child.version + 1)
        return f"N1-20130801-{child.child_id}-{version}"
