"""Requests for drills: one at a time, recorded before and after, refused with a reason."""

from __future__ import annotations

import json
import os
import pwd
import threading
from pathlib import Path
from typing import Any

import pytest
from ringfence.errors import RingfenceError, UsageError
from ringfence.ops.control import ControlServer, Request, ask
from ringfence.ops.drill import DrillDesk
from ringfence.ops.drill_file import DrillFile
from ringfence.ops.drill_file import drill_file as file_of

from tests.unit.drill_sample import BACKUP, DrillingProcess, node_settings


class Desk:
    """A desk with its node and its file."""

    def __init__(self, folder: Path, **backups: list[str]) -> None:
        self.process = DrillingProcess()
        told = node_settings(str(folder), **backups)
        self.file: DrillFile = file_of(told)
        self.desk = DrillDesk(told, self.process, self.file)

    def drill(self, venue: str = "LIT1", **more: Any) -> dict[str, Any]:
        """Ask for a drill as Ann, by the socket of a user called ringfence."""
        request = Request({"venue": venue, "operator": "Ann", **more})
        request.asked_by = "ringfence"
        return self.desk.drill(request)

    def results(self) -> list[str]:
        """Return how the drills on record ended."""
        return [drill.result for drill in self.file.read().drills]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk of a venue whose orders and copies have a backup each."""
    return Desk(tmp_path, LIT1=[BACKUP], LIT1_copies=[BACKUP])


def test_a_drill_is_recorded_with_who_asked_and_what_ran(desk: Desk) -> None:
    """R67: the record says who, when, what was in force and how each address did."""
    answer = desk.drill(timeout_s=40)
    assert (True, False) == (answer["drill"]["passed"], answer["dry_run"])
    (kept,) = desk.file.read().drills
    assert ("ringfence", "Ann", "GW1", "cd") == (
        kept.asked_by,
        kept.operator,
        kept.node,
        kept.config_digest,
    )
    assert (True, 2, BACKUP) == (
        kept.sessions[0].failover.on,
        kept.sessions[0].failover.failover_count,
        kept.sessions[0].failover.addresses[1],
    )
    assert 64 == len(kept.core_sha256)
    assert ["LIT1", "LIT1.copies"] == [row.session for row in kept.sessions]
    assert ["backup 1", "primary"] == [step.route for step in kept.sessions[0].steps]
    assert "2025-11-24T16:00:00.500+00:00" == kept.sessions[0].steps[0].began
    assert ["began", "ended"] == [
        json.loads(line)["event"] for line in desk.file.path.read_bytes().splitlines()
    ]
    # Half of the time for the first session, what is left for the second.
    (_, first_ms, _), (_, second_ms, _) = desk.process.drills
    assert 19_000 <= first_ms <= 20_000
    assert 39_000 <= second_ms <= 40_000


def test_a_backup_that_failed_fails_the_drill(desk: Desk) -> None:
    """R67: one address that failed is enough; the rest is tried all the same."""
    desk.process.fails["LIT1"] = ("backup 1", "refused")
    found = desk.drill()["drill"]
    assert (False, None) == (found["passed"], found["error"])
    assert [False, True] == [row["passed"] for row in found["sessions"]]
    assert ["failed"] == desk.results()


def test_a_venue_that_is_not_back_is_left_alone(desk: Desk) -> None:
    """R67: while the orders' session has no primary, that of the copies is not taken down."""
    desk.process.fails["LIT1"] = ("primary", "refused")
    found = desk.drill()["drill"]
    assert (False, "LIT1 is not back at its primary") == (found["passed"], found["error"])
    assert 1 == len(desk.process.drills)


def test_a_node_that_ends_is_recorded_if_it_can_be(desk: Desk) -> None:
    """R67: a drill that its process did not survive says so."""
    desk.process.dies = True
    found = desk.drill()["drill"]
    assert (False, "the process ended during the drill") == (found["passed"], found["error"])


def test_a_plan_touches_and_records_nothing(desk: Desk) -> None:
    """R67: `--dry-run` says what would be tried."""
    answer = desk.drill(dry_run=True)
    assert answer["dry_run"]
    steps = answer["drill"]["sessions"][0]["steps"]
    assert [("backup 1", "not_tried"), ("primary", "not_tried")] == [
        (step["route"], step["result"]) for step in steps
    ]
    assert [] == desk.process.drills
    assert not desk.file.path.exists()


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"venue": "NONE"}, "no venue is called NONE"),
        ({"venue": "CLIENT"}, "no venue is called CLIENT"),
        ({"venue": "LIT2"}, "a single address"),
        ({"venue": 7}, "the terms of a drill"),
        ({"timeout_s": 0}, "a time of 1 to 3600 s"),
        ({"timeout_s": 3601}, "a time of 1 to 3600 s"),
        ({"operator": ""}, "an operator of 1 to 80"),
        ({"operator": "a\nb"}, "an operator of 1 to 80"),
    ],
)
def test_what_cannot_be_drilled_is_refused(
    terms: dict[str, Any], expected: str, desk: Desk
) -> None:
    """R67, R13: an unknown venue, one without a backup, and terms that are none."""
    with pytest.raises(UsageError, match=expected):
        desk.drill(**{"venue": "LIT1", **terms})
    assert not desk.file.path.exists()


def test_what_the_node_refuses_is_not_begun(desk: Desk) -> None:
    """R67: open orders, or a session that is down, are found before anything is recorded."""
    desk.process.refuses = "expected no open orders there, found 3"
    with pytest.raises(UsageError, match="found 3"):
        desk.drill()
    assert not desk.file.path.exists()
    desk.process.refuses = None
    assert desk.drill()["drill"]["passed"]


def test_one_drill_at_a_time(desk: Desk) -> None:
    """R67: while one runs another is refused, and the next one is not."""
    begun, go_on = threading.Event(), threading.Event()
    desk.process.held = (begun, go_on)
    first = threading.Thread(target=desk.drill)
    first.start()
    assert begun.wait(20)
    with pytest.raises(UsageError, match="found one that runs"):
        desk.drill()
    go_on.set()
    first.join(20)
    assert ["passed"] == desk.results()
    assert desk.drill()["drill"]["passed"]


def test_what_cannot_be_recorded_is_not_begun(desk: Desk, tmp_path: Path) -> None:
    """R67: a full disk, or a folder that is none, stops the drill before the first logout."""
    desk.file.path = tmp_path
    with pytest.raises((OSError, RingfenceError)):
        desk.drill()
    assert [] == desk.process.drills


def test_who_asks_is_known_by_the_socket(tmp_path: Path) -> None:
    """R67, R28: the user is the system's word, and no request can say it is another."""

    def show(request: Request) -> dict[str, Any]:
        return {"asked_by": request.asked_by}

    path = tmp_path / "s.sock"
    with ControlServer(path, {"show": show}):
        found = ask(path, {"do": "show", "asked_by": "root of all"})
    assert {"asked_by": pwd.getpwuid(os.getuid()).pw_name} == found
