"""Records of drills, and a node that does what a test says."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import msgspec
from ringfence.errors import UsageError
from ringfence.ops.drill_file import Drill, Failover, SessionDrill, Step

from tests.unit.fake_process import FakeProcess

PRIMARY, BACKUP = "127.0.0.1:7101", "127.0.0.1:7201"
AT_NS = 1_764_000_000_500_000_000


def step(route: str, address: str, result: str = "passed", reason: str | None = None) -> Step:
    """Return how an address did."""
    row = {"route": route, "address": address, "began": "", "ended": "", "result": result}
    return msgspec.convert({**row, "reason": reason}, Step)


def drill(ts: str, venue: str = "LIT1", **more: Any) -> Drill:
    """Return a drill of one session that ended and passed."""
    failover = Failover(on=True, failover_count=2, addresses=(PRIMARY, BACKUP))
    steps = (step("backup 1", BACKUP), step("primary", PRIMARY))
    session = SessionDrill(session=venue, failover=failover, passed=True, steps=steps)
    plain: dict[str, Any] = {
        "drill": f"{ts} {venue}",
        "event": "ended",
        "ts": ts,
        "venue": venue,
        "asked_by": "ringfence",
        "operator": "Ann",
        "node": "GW1",
        "version": "0.1.0",
        "core_sha256": "ab",
        "config_digest": "cd",
        "timeout_s": 60,
        "with_open_orders": False,
        "sessions": (session,),
        "passed": True,
    }
    return Drill(**{**plain, **more})


def node_settings(journal: str, **backups: list[str]) -> Mapping[str, Any]:
    """Return what a node with two venues is told; `backups` by session, `_` for a point."""
    given = {name.replace("_", "."): rows for name, rows in backups.items()}
    rows = [
        {
            "name": name,
            "of": name.partition(".")[0],
            "side": "initiator",
            "address": PRIMARY,
            "backups": given.get(name, []),
        }
        for name in ("LIT1", "LIT1.copies", "LIT2")
    ]
    client = {"name": "CLIENT", "of": "CLIENT", "side": "acceptor"}
    digest = {"node": "GW1", "config_digest": "cd"}
    return {**digest, "journal": journal, "sessions": [client, *rows]}


class DrillingProcess(FakeProcess):
    """A node whose drills go as `fails` says: for a session, the route that fails and why."""

    def __init__(self) -> None:
        super().__init__([])
        self.fails: dict[str, tuple[str, str]] = {}
        self.refuses: str | None = None
        self.dies = False
        self.drills: list[tuple[str, int, bool]] = []
        self.redialed: list[str] = []
        self.held: tuple[threading.Event, threading.Event] | None = None

    def redial(self, session: str) -> bool:
        """Keep the name; a session of LIT1 had given up."""
        self.redialed.append(session)
        return session == "LIT1"

    def drill(
        self, session: str, timeout_ms: int, with_open_orders: bool, plan_only: bool
    ) -> dict[str, Any]:
        """Return the report of a drill, as the native node does."""
        if self.refuses is not None:
            raise UsageError(f"{session}: {self.refuses}")
        if not plan_only:
            self.drills.append((session, timeout_ms, with_open_orders))
            if self.held is not None:
                begun, go_on = self.held
                begun.set()
                go_on.wait(20)
            if self.dies:
                raise OSError("the process ended during the drill")
        route, why = self.fails.get(session, ("", ""))
        steps = [
            self._step(name, address, plan_only, why if name == route else None)
            for name, address in (("backup 1", BACKUP), ("primary", PRIMARY))
        ]
        passed = all(step["result"] == "passed" for step in steps)
        failover = {"on": True, "failover_count": 2, "addresses": [PRIMARY, BACKUP]}
        times = {"began_ns": AT_NS, "ended_ns": AT_NS + 1}
        return {
            "session": session,
            "failover": failover,
            **times,
            "passed": passed,
            "steps": steps,
        }

    @staticmethod
    def _step(route: str, address: str, plan_only: bool, why: str | None) -> dict[str, Any]:
        result = "not_tried" if plan_only else "failed" if why else "passed"
        reason = "only the plan was asked for" if plan_only else why
        times = {"began_ns": AT_NS, "ended_ns": AT_NS + 1}
        return {"route": route, "address": address, **times, "result": result, "reason": reason}
