"""The journal of the node as it grows: what was decided, sent and received, and nothing else.

Every check looks here and not at what the node says of itself, so that the journal proves it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from ringfence import _core
from ringfence.errors import JournalError

__all__ = ["RECORDS_MAX", "Event", "Record", "Trail"]

RECORDS_MAX: Final = 1_000_000
"""Most records of a certification; more is an error."""
POLL_S: Final = 0.05
TORN_POLLS_MAX: Final = 20

Record = dict[str, Any]
Event = dict[str, Any]
Found = TypeVar("Found")


class Trail:
    """Follows the journal of one day.

    Attributes:
        day: Its folder.
        records: Every record so far, in order.
    """

    def __init__(self, day: Path) -> None:
        self.day = day
        self.records: list[Record] = []
        self._torn_polls = 0

    def __len__(self) -> int:
        return len(self.records)

    def poll(self) -> None:
        """Read what was written since the last time."""
        if not self.day.is_dir():
            return
        first = self.records[-1]["seq"] + 1 if self.records else 1
        try:
            for page in _core.JournalPages(self.day, first, None):
                self.records += map(json.loads, page)
        except _core.JournalError as failure:
            # A reader beside the writer may meet a batch that is half there.
            self._torn_polls += 1
            if self._torn_polls > TORN_POLLS_MAX:
                raise JournalError(str(failure)) from None
            return
        self._torn_polls = 0
        if len(self.records) > RECORDS_MAX:
            raise JournalError(f"{self.day}: expected at most {RECORDS_MAX} records")

    def until(self, find: Callable[[], Found | None], seconds: float) -> Found | None:
        """Return what `find` finds as soon as it finds something, None after so long in vain."""
        end = time.monotonic() + seconds
        while True:
            self.poll()
            found = find()
            if found is not None or time.monotonic() > end:
                return found
            time.sleep(POLL_S)

    def events(self, since: int = 0, **wanted: object) -> Iterator[Event]:
        """Yield the events of records from place `since` on whose fields are as wanted."""
        for record in self.records[since:]:
            for event in record["events"]:
                if wanted.items() <= event.items():
                    yield event

    def first(self, since: int = 0, **wanted: object) -> Event | None:
        """Return the first of such events, or None."""
        return next(self.events(since, **wanted), None)

    def sent(self, session: int, since: int = 0) -> Iterator[Event]:
        """Yield what was sent on a FIX session, by its index, session messages included."""
        for record in self.records[since:]:
            for event in record.get("wire") or ():
                if event["event"] == "Sent" and event["session"] == session:
                    yield event

    def received(self, session: int, since: int = 0) -> int:
        """Return how many messages were received on a FIX session."""
        return sum(
            event["event"] == "Received" and event["session"] == session
            for record in self.records[since:]
            for event in record.get("wire") or ()
        )

    def prices(self, symbol: str, since: int = 0) -> list[Record]:
        """Return the prices of an instrument that came from the venue."""
        return [
            record
            for record in self.records[since:]
            if record["input"] in {"quote", "market_trade"}
            and record["symbol"] == symbol
            and record.get("wire")
        ]
