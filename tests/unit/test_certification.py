"""What a certification is planned with, the relay before the venue, and who is asked for what."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ringfence.config import Config, loads, settings
from ringfence.errors import UsageError
from ringfence.ops.certification import run
from ringfence.ops.certification.certificate import CHECKS
from ringfence.ops.certification.orders import tick_of
from ringfence.ops.certification.plan import Wanted, plan
from ringfence.ops.certification.relay import Relay
from ringfence.ops.certification.venue_side import (
    ByControl,
    ByNobody,
    ByPerson,
    Deed,
    Unavailable,
)
from ringfence.ops.control import ControlServer

from tests.tidy.tree import ROOT

EXAMPLE = ROOT / "examples/gateway.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")


def config(*changes: tuple[str, str]) -> Config:
    """Return the example with texts replaced, each of which must be there."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return loads(text)


def refusal(loaded: Config, **wanted: Any) -> str:
    """Return why nothing is planned."""
    with pytest.raises(UsageError) as caught:
        plan(loaded, EXAMPLE, Wanted(**wanted))
    return str(caught.value)


def test_who_trades_what_is_found() -> None:
    """R106: a session that may enter limit orders there, its account, a direct strategy."""
    found = plan(config(), EXAMPLE, Wanted("LIT2"))
    assert ("CLIENT", "client", "DMA", "BAC") == (
        found.session, found.account, found.strategy, found.symbol,
    )  # fmt: skip
    assert ("127.0.0.1:7102", "127.0.0.1:7102") == found.addresses
    elsewhere = plan(config(), EXAMPLE, Wanted("LIT2", address="venue.example:1"))
    assert ("venue.example:1", "venue.example:1") == elsewhere.addresses
    assert "IBM" == plan(config(), EXAMPLE, Wanted("LIT1", symbol="IBM")).symbol


@pytest.mark.parametrize(
    ("changes", "wanted", "why"),
    [
        ((), {"venue": "XNYS"}, "no venue XNYS; there are LIT1, LIT2"),
        ((), {"venue": "LIT1", "symbol": "MSFT"}, "no instrument MSFT"),
        ((('venues = ["LIT1", "LIT2"]', 'venues = ["LIT2"]'),), {"venue": "LIT1"}, "found none"),
        ((('phases = ["continuous"]', 'phases = ["auction"]'),), {"venue": "LIT1"}, "found none"),
        ((('symbols = ["*"]', 'symbols = ["IBM"]'),), {"venue": "LIT1", "symbol": "BAC"},
         "limit orders for BAC at LIT1"),
        ((("direct = true", "direct = false"),), {"venue": "LIT1"}, "found none"),
    ],
)  # fmt: skip
def test_what_cannot_be_traded_is_refused(
    changes: tuple[tuple[str, str], ...], wanted: dict[str, Any], why: str
) -> None:
    """R106: exit code 2 for an unknown venue, and where nobody may trade anything there."""
    assert why in refusal(config(*changes), **wanted)


def test_the_node_is_the_configured_one_with_that_venue_alone(tmp_path: Path) -> None:
    """R106: the adapter is as configured but for its address; nobody else can connect."""
    loaded = config()
    found = plan(loaded, EXAMPLE, Wanted("LIT1"))
    aimed = found.aimed(("127.0.0.1:1", "127.0.0.1:2"), tmp_path, "C1")
    told = settings(aimed, EXAMPLE)
    assert ([], None, "cancel", str(tmp_path)) == (
        told["listen"], told["control"], told["drain"], told["journal"],
    )  # fmt: skip
    rows = {row["name"]: row for row in settings(loaded, EXAMPLE)["sessions"]}
    expected = [
        {**rows["LIT1"], "address": "127.0.0.1:1"},
        {**rows["LIT1.drop_copy"], "address": "127.0.0.1:2"},
    ]
    assert expected == told["sessions"]
    limits = aimed.accounts["client"].overrides
    assert {"6000"} == {bound.value for bound in limits.values()}
    assert "order_qty" not in limits
    assert loaded.accounts["error"] == aimed.accounts["error"]


def test_the_name_of_a_tls_certificate_stays_that_of_the_host() -> None:
    """R106: a relay on loopback does not change whom we demand to speak to."""
    tls = 'address = "127.0.0.1:7101"\ntls = { ca = "ca.pem" }'
    loaded = config(('address = "127.0.0.1:7101"', tls.replace("127.0.0.1", "fix.venue.example")))
    found = plan(loaded, EXAMPLE, Wanted("LIT1"))
    fix = found.aimed(("127.0.0.1:1", "127.0.0.1:2"), Path("j"), "C1").venues["LIT1"].fix
    assert fix is not None
    assert fix.tls is not None
    assert "fix.venue.example" == fix.tls.server_name


def test_every_check_of_the_certificate_is_run() -> None:
    """R106: what a certificate must have is what is tried, in the same order."""
    assert list(CHECKS) == [*run.RUN, run.CLOSING]


@pytest.mark.parametrize(("px", "tick"), [("0.5", "0.0001"), ("1", "0.01"), ("200", "0.01")])
def test_a_tick_is_that_of_the_price(px: str, tick: str) -> None:
    """R16: Rule 612: a finer tick below one dollar."""
    assert Decimal(tick) == tick_of(config().tick_ladders["us_equity"], Decimal(px))


# --- the relay --------------------------------------------------------------------------------


@pytest.fixture
def line() -> Iterator[tuple[Relay, socket.socket, socket.socket]]:
    """Return a relay with one connection: our end of it, and the venue's."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Relay(f"127.0.0.1:{listener.getsockname()[1]}") as relay,
    ):
        ours, theirs = connected(relay, listener)
        with ours, theirs:
            yield relay, ours, theirs


def connected(relay: Relay, listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Return both ends of a connection through a relay."""
    host, _, port = relay.address.rpartition(":")
    ours = socket.create_connection((host, int(port)), 5)
    theirs, _ = listener.accept()
    theirs.settimeout(5)
    return ours, theirs


def test_a_relay_forwards_both_ways(line: tuple[Relay, socket.socket, socket.socket]) -> None:
    """R106: bytes pass as they are."""
    _, ours, theirs = line
    ours.sendall(b"order")
    assert b"order" == theirs.recv(16)
    theirs.sendall(b"answer")
    assert b"answer" == ours.recv(16)


@pytest.mark.parametrize("lost", ["orders", "answers"])
def test_what_is_lost_never_arrives(
    line: tuple[Relay, socket.socket, socket.socket], lost: str
) -> None:
    """R106: one direction is lost, the other is not, and then both ends are broken."""
    relay, ours, theirs = line
    getattr(relay, f"lose_{lost}")()
    losing, losing_end, whole, whole_end = (
        (ours, theirs, theirs, ours) if lost == "orders" else (theirs, ours, ours, theirs)
    )
    losing.sendall(b"lost")
    whole.sendall(b"kept")
    assert b"kept" == whole_end.recv(16)
    relay.cut()
    assert b"" == losing_end.recv(16)


def test_an_end_that_closes_ends_the_other(
    line: tuple[Relay, socket.socket, socket.socket],
) -> None:
    """R106: the venue sees that the node was killed."""
    _, ours, theirs = line
    ours.close()
    assert b"" == theirs.recv(16)


# --- the venue's side -------------------------------------------------------------------------


def test_a_person_is_asked_in_words() -> None:
    """R106: without a control socket somebody at the terminal speaks to the venue, or skips."""
    asked: list[str] = []
    answers = ["\n", "s\n", ""]

    def answer(sentence: str) -> str:
        asked.append(sentence)
        return answers.pop(0)

    side = ByPerson(answer)
    side.do(Deed.HALT, "BAC")
    assert ["have the venue suspend BAC, then press Enter; s skips: "] == asked
    for _ in ("skipped", "end of the input"):
        with pytest.raises(Unavailable, match="skipped: have the venue suspend BAC"):
            side.do(Deed.HALT, "BAC")


def test_nobody_does_nothing() -> None:
    """R106, rule 17 of STYLE.md: with nobody to ask, nothing was exercised."""
    side = ByNobody()
    for deed in Deed:
        with pytest.raises(Unavailable, match="no --venue-control and no terminal"):
            side.do(deed, "BAC")
    assert (None, None) == (side.order_count("a"), side.units("GW1"))


def test_a_simulated_venue_is_told_by_its_socket() -> None:
    """R106: each deed is a line of a fault script; a refusal is no exercise."""
    told: list[str] = []

    def fault(request: Any) -> dict[str, Any]:
        told.append(request["command"])
        if request["command"].startswith("clear"):
            raise ValueError("no such fault")
        return {"answer": ""}

    def books(request: Any) -> dict[str, Any]:
        rows = [{"order_id": 1, "cl_ord_id": "a"}, {"order_id": 2, "cl_ord_id": "b"}]
        ports = {"ports": [{"port": "GW1", "units": {"BAC": 3}}]}
        pages = {"orders": rows if request["after"] == 0 else [], "statement": ports}
        return {"seen": pages[request["look"]]}

    with TemporaryDirectory(prefix="rf") as name:
        control = Path(name) / "c"
        with ControlServer(control, {"fault": fault, "books": books}):
            side = ByControl(control)
            side.do(Deed.LOSE_PRICES, "BAC")
            with pytest.raises(Unavailable, match="no such fault"):
                side.do(Deed.HEAL, "BAC")
            assert (1, 0) == (side.order_count("b"), side.order_count("c"))
            assert ({"BAC": 3}, {}) == (side.units("GW1"), side.units("GW2"))
    assert ["market_data_loss symbol=BAC", "clear"] == told


def test_nothing_that_is_planned_changes() -> None:
    """Rule 15 of STYLE.md: a plan is fixed once it is made."""
    found = plan(config(), EXAMPLE, Wanted("LIT1"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.symbol = "IBM"  # type: ignore[misc]
