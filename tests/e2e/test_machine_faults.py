"""Faults of the machine and of its operator: ports, disks, signals, files, certificates."""

from __future__ import annotations

import ctypes
import re
import resource
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ringfence.ops.control import ask

from tests.e2e.certificates import Authority
from tests.e2e.processes import FACTS, House, Running
from tests.e2e.programs import ringfence
from tests.fixclient import FixClient

pytestmark = pytest.mark.timeout(120)

FILE_BYTES_MAX = 4_096
DROP = 24  # PR_CAPBSET_DROP
MAY_WRITE_ANYWHERE = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
TODAY = ("--trade-date", "today")
BLOCKED = "symbols_down symbol=BAC"


@pytest.fixture
def house() -> Iterator[House]:
    """Return a house whose processes are killed at the end."""
    with TemporaryDirectory(prefix="rf") as name:
        built = House(Path(name))
        yield built
        built.close()


def enter(client: FixClient, name: str, px: str = "13.70") -> None:
    """Enter an order that rests at LIT1."""
    client.order(name, account="client", venue="LIT1", px=px)


@pytest.mark.parametrize(
    ("command", "config", "port"),
    [("node", "gateway.toml", "gateway"), ("venue", "venues/lit1.toml", "LIT1")],
)
def test_a_port_that_is_taken(house: House, command: str, config: str, port: str) -> None:
    """R13, R89: a second process at the same port ends with 1 and names the address."""
    address = ("127.0.0.1", house.ports[port])
    with socket.create_server(address):
        done = ringfence(command, "--config", house.folder / config, *TODAY)
    assert 1 == done.returncode
    assert f"cannot listen at {address[0]}:{address[1]}".encode() in done.stderr
    assert b"ALERT" in done.stderr
    assert b"" == done.stdout
    assert not list(house.folder.glob("**/*.rfj"))


def test_a_disk_that_is_full_halts_the_gateway(house: House) -> None:
    """I5, R59: a record that cannot be written: nothing leaves after it, exit 1, and it is said.

    Files that may not be written beyond their first bytes stand for the full disk. What the client
    was told is in the journal, which verifies; with room again the day goes on.
    """
    house.venue("LIT1")
    gateway = house.node(wait=("LIT1",))
    house.tell(FACTS)
    client = house.client().connect()
    enter(client, "before")
    client.wait_status("before", "0")
    _, hard = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, hard))
    enter(client, "unwritten", px="13.69")
    code, last = gateway.ended()
    assert (1, None) == (code, last)
    why = gateway.lines[-1]
    assert ([], "failed", True) == (gateway.other, why["event"], why["alert"])
    assert "journal failed" in why["text"]
    assert "nothing was sent after record" in why["text"]
    client.wait_closed()
    house.verified()
    steps = [int(report[17].split("-")[2]) for report in client.reports]
    again = house.node(wait=("LIT1",))
    told = house.client(next_out=client.next_out, next_in=client.next_in, sent=client.sent)
    told.connect()
    status = ask(house.control("node"), {"do": "status"})["status"]
    assert steps
    assert max(steps) <= status["step"]
    assert not client.of("unwritten")
    told.wait_status("unwritten", "0")  # it was never taken, and is sent again
    assert 0 == again.end()[0]
    told.drop()


def test_a_folder_that_cannot_be_written(house: House) -> None:
    """R13, R89: found before anything is begun, exit 1, with the folder."""
    (house.folder / "journal").mkdir()
    (house.folder / "journal").chmod(0o555)

    libc = ctypes.CDLL(None)

    def bound() -> None:
        for capability in MAY_WRITE_ANYWHERE:  # the superuser's
            libc.prctl(DROP, capability)

    gateway = house.start("node", "--config", "gateway.toml", limits=bound)
    assert 1 == gateway.ended()[0]
    assert any("journal: cannot write to" in text for text in gateway.alerts())
    assert not list((house.folder / "journal").iterdir())


def test_a_damaged_journal_is_refused_with_its_place(house: House) -> None:
    """R59, I7: a byte that changed in the middle: nothing is opened, exit 1, offset and record."""
    house.node(wait=()).wait_for("running")
    house.tell(FACTS)
    house.close()
    (segment,) = house.day().glob("*.rfj")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(content)
    done = ringfence("node", "--config", house.folder / "gateway.toml", *TODAY)
    assert 1 == done.returncode
    assert re.search(rb"at byte \d+, seq \d+", done.stdout + done.stderr), done.stdout + done.stderr
    assert bytes(content) == segment.read_bytes()


def test_a_second_gateway_on_the_same_journal_is_refused(house: House) -> None:
    """R59: one journal has one writer; the other one ends with 1, before it says a word."""
    house.node(wait=()).wait_for("running")
    first = house.ports["gateway"]
    other = house.ports["LIT1"]  # a port that is free
    house.change(
        "gateway.toml", {f'listen = ["127.0.0.1:{first}"]': f'listen = ["127.0.0.1:{other}"]'}
    )
    house.change("gateway.toml", {'control = "run/gateway.sock"': 'control = "run/other.sock"'})
    second = house.start("node", "--config", "gateway.toml")
    assert 1 == second.ended()[0]
    assert any("writer.lock" in text for text in second.alerts()), second.alerts()


def blocked(house: House) -> tuple[Running, FixClient]:
    """Return a gateway with an order that its venue does not cancel."""
    house.venue("LIT1")
    house.venue("LIT2")
    gateway = house.node()
    house.tell(FACTS)
    client = house.client().connect()
    enter(client, "stays")
    client.wait_status("stays", "0")
    done = ringfence("venue", "fault", "--control", house.control("LIT1"), BLOCKED)
    assert 0 == done.returncode, done.stderr
    return gateway, client


def test_a_second_signal_ends_at_once(house: House) -> None:
    """R93: the first SIGTERM drains, the second ends; what stays open is an alert and exit 4."""
    gateway, client = blocked(house)
    gateway.process.send_signal(signal.SIGTERM)
    gateway.wait_for("draining")
    enter(client, "late")
    client.wait_for(lambda: [r for r in client.reports if r.kind == "j"], "a business reject")
    assert "4" == next(r[380] for r in client.reports if r.kind == "j")
    code, last = gateway.end(signal.SIGTERM)
    assert (4, None) == (code, last)
    assert any("ended with 1 orders open" in text for text in gateway.alerts())
    client.drop()
    house.verified()


def test_a_drain_has_an_end(house: House) -> None:
    """R93: an order that cannot be canceled does not hold the end up: told, and kept open."""
    house.keep_orders("LIT1")
    house.change("gateway.toml", {'control = "run': 'drain_timeout = "2 s"\ncontrol = "run'})
    gateway, client = blocked(house)
    code, last = gateway.end()
    assert (4, None) == (code, last)
    assert any("ended with 1 orders open" in text for text in gateway.alerts())
    assert any("drain: expected" in text for text in gateway.alerts()), gateway.alerts()
    client.drop()
    assert "4" not in {report[39] for report in client.of("stays")}
    house.node(wait=()).wait_for("questions to reconcile")
    assert 1 == ask(house.control("node"), {"do": "status"})["status"]["open_orders"]


def test_a_change_of_the_configuration_is_refused(house: House) -> None:
    """R80: the day began with other limits: exit 2, the definition that differs, nothing opened."""
    gateway = house.start("node", "--config", "gateway.toml")
    gateway.wait_for("running")
    gateway.end()
    house.widen({"loss": '"1_000 USD"', "loss_rate": '"1_000 USD"'})
    done = ringfence("node", "--config", house.folder / "gateway.toml", *TODAY)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"began with another configuration" in done.stderr
    assert b"limit_definition" in done.stderr


def test_only_who_has_a_certificate_is_let_in(house: House) -> None:
    """R61: a port with TLS demands a certificate of its own authority from every client."""
    ours, others = Authority(house.folder, "ours"), Authority(house.folder, "others")
    server = ours.identity("localhost")
    house.change(
        "gateway.toml",
        {
            'control = "run': f'tls = {{ certificate = "{server.certificate}", key = '
            f'"{server.key}", client_ca = "{ours.file}" }}\ncontrol = "run'
        },
    )
    gateway = house.node(wait=())
    gateway.wait_for("running")
    context = ssl.create_default_context(cafile=str(ours.file))
    context.check_hostname = False
    for wrong in (None, others.identity("stranger")):
        if wrong is not None:
            context.load_cert_chain(wrong.certificate, wrong.key)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            greet(house, context)
    right = ours.identity("client")
    context.load_cert_chain(right.certificate, right.key)
    greet(house, context)
    plain = house.client()
    with pytest.raises(AssertionError, match="a logon"):
        plain.connect()
    plain.drop()
    assert 0 == gateway.end()[0]


def greet(house: House, context: ssl.SSLContext) -> None:
    """Shake hands with the gateway and look for a sign of life; ssl.SSLError when it refuses."""
    plain = socket.create_connection(("127.0.0.1", house.ports["gateway"]), timeout=20)
    with plain, context.wrap_socket(plain) as secure:
        secure.sendall(b"8=FIX.4.4\x01")
        secure.settimeout(1.0)
        try:
            assert b"" == secure.recv(1)
        except TimeoutError:
            return  # it waits for the rest of a logon: the certificate was taken
        raise ConnectionError("closed by the gateway")


def test_a_venue_with_another_certificate_is_not_sent_to(house: House) -> None:
    """R61, R69: a venue shows a certificate of its authority, or no logon is sent to it."""
    ours, others = Authority(house.folder, "ours"), Authority(house.folder, "others")
    for name, authority in (("LIT1", ours), ("LIT2", others)):
        server = authority.identity("localhost")
        tls = f'tls = {{ certificate = "{server.certificate}", key = "{server.key}" }}'
        house.change(f"venues/{name.lower()}.toml", {'control = "run': f'{tls}\ncontrol = "run'})
        address = f'address = "127.0.0.1:{house.ports[name]}"'
        dial = f'tls = {{ ca = "{ours.file}", server_name = "localhost" }}'
        house.change("gateway.toml", {address: f"{address}\n{dial}"})
        house.venue(name)
    gateway = house.node(wait=("LIT1",))
    refused = gateway.wait_for("LIT2", "not connected")
    assert "certificate" in refused["text"].lower(), refused
    assert 0 == gateway.end()[0]
