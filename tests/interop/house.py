"""A gateway for tests with another engine: the example with one more client or venue."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from tests.e2e.processes import Running, ports
from tests.e2e.programs import EXAMPLES, ringfence
from tests.fixclient import FixClient

CLIENT = """
[sessions.QUICK]
ord_types = ["limit", "market"]
phases = ["continuous"]
accounts = ["client"]
symbols = ["*"]
venues = ["LIT1"]
strategies = ["DMA"]
cancel_on_disconnect = false

[sessions.QUICK.fix]
begin_string = "{begin}"
"""
VENUE = """
[venues.QUICK]
provisional = false
ack_timeout = "500 ms"
message_max = 500

[venues.QUICK.fix]
begin_string = "{begin}"
address = "127.0.0.1:{port}"
heartbeat = "2 s"
market_data = false
reconnect = {{ initial = "200 ms", max = "500 ms", trip_count = 1_000 }}
"""
MEMBER = """
[sessions.OTHER]
firm = "OTHER"
"""


class House:
    """Configuration of a gateway in a folder whose name is short enough for sockets.

    Attributes:
        port: where clients connect to the gateway.
        lit_port: where LIT1, the simulated venue, listens.
        quick_port: where QuickFIX as a venue listens.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.lit_port, self.quick_port = ports(3)
        self._running: list[Running] = []
        self._clients: list[FixClient] = []

    def of_client(self, begin: str) -> None:
        """Write a gateway with QuickFIX as a client, behind it LIT1 with one more member."""
        text = re.sub(r"\[venues\.LIT2\].*?(?=# People)", "", self._example(), flags=re.DOTALL)
        text = text.replace('venues = ["LIT1", "LIT2"]', 'venues = ["LIT1"]')
        self._write("gateway.toml", text + CLIENT.format(begin=begin))
        venue = (EXAMPLES / "venues" / "lit1.toml").read_text(encoding="utf-8")
        venue = venue.replace("127.0.0.1:7101", f"127.0.0.1:{self.lit_port}")
        venue = venue.replace("cancel_on_disconnect = true", "cancel_on_disconnect = false")
        self._write("lit1.toml", venue + MEMBER)

    def of_venue(self, begin: str) -> None:
        """Write a gateway with QuickFIX as its only venue."""
        text = re.sub(r"\[venues\.LIT1\].*?(?=# People)", "", self._example(), flags=re.DOTALL)
        stays = "cancel_on_disconnect = false"
        text = text.replace('venues = ["LIT1", "LIT2"]', f'venues = ["QUICK"]\n{stays}')
        self._write("gateway.toml", text + VENUE.format(begin=begin, port=self.quick_port))

    def _example(self) -> str:
        text = (EXAMPLES / "gateway.toml").read_text(encoding="utf-8")
        text = text.replace("127.0.0.1:7001", f"127.0.0.1:{self.port}")
        text = text.replace("127.0.0.1:7101", f"127.0.0.1:{self.lit_port}")
        # The only price is the one of the beginning.
        text = text.replace('age_max = "5 s"', 'age_max = "24 h"')
        inputs = (EXAMPLES / "gateway.jsonl").read_text(encoding="utf-8")
        self._write("gateway.jsonl", inputs)
        return text

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def gateway(self) -> Running:
        """Return the gateway once orders may go to its venue."""
        started = self._start("node", "gateway.toml")
        started.wait_for("reconciled, orders may go")
        return started

    def lit(self) -> Running:
        """Return the simulated venue once it listens."""
        started = self._start("venue", "lit1.toml")
        started.wait_for("listening")
        return started

    def _start(self, command: str, config: str) -> Running:
        started = Running(command, "--config", config, folder=self.folder)
        self._running.append(started)
        return started

    def tell(self, lines: str) -> None:
        """Give inputs to the gateway as an operator does."""
        control = self.folder / "run/gateway.sock"
        done = ringfence("node", "send", "--control", control, stdin=lines.encode())
        assert 0 == done.returncode, done.stderr

    def own(self) -> FixClient:
        """Return our own client of the gateway, logged on."""
        return self._connect(FixClient(self.port, "CLIENT", "GW1"))

    def other(self) -> FixClient:
        """Return another member of LIT1, logged on."""
        return self._connect(FixClient(self.lit_port, "OTHER", "LIT1"))

    def _connect(self, client: FixClient) -> FixClient:
        self._clients.append(client)
        return client.connect()

    def end(self) -> None:
        """Kill what still runs."""
        for client in self._clients:
            client.drop()
        for running in self._running:
            if running.process.poll() is None:
                running.end(signal.SIGKILL)
