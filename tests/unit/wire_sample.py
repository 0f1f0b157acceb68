"""The sample configuration with a process, two FIX clients and a venue that is connected to."""

from __future__ import annotations

import tomllib
from typing import Any

from ringfence.config.toml_text import FloatText

from tests.unit.config_sample import SAMPLE

WIRE = """
[node]
listen = ["127.0.0.1:7001", "[::1]:7002"]
journal = "journal"
durability = "process"
retention = "5 y"
control = "run/node1.sock"
drain = "leave"
drain_timeout = "20 s"
inputs = "open.jsonl"
tick = "50 ms"
clock_step_max = "500 ms"
clock_offset_max = "100 us"
clock_error_max = "1 s"
clock_check_every = "5 s"
clock_unfit = "alert"
logon_timeout = "5 s"

[node.tls]
certificate = "tls/node1.pem"
key = "tls/node1.key"
client_ca = "tls/clients.pem"

[sessions.CLIENT.fix]
begin_string = "FIX.4.2"
sender_comp_id = "BROKER"
target_comp_id = "BUYSIDE"
heartbeat_max = "30 s"
dictionary = ["FIX42.xml"]
dialect = "client.toml"
username = "buyside"
password = "env:CLIENT_PASSWORD"
message_max = 50
reset_on_logon = true
reset_on_logout = true
reset_on_disconnect = true

[[sessions.CLIENT.fix.schedule]]
name = "day"
days = ["mon", "tue"]
start = "09:30"
end = "16:00"
time_zone = "America/New_York"
trade_date = "start"

[[sessions.CLIENT.fix.schedule]]
name = "night"
days = ["sun", "mon"]
start = "20:00"
end = "04:00"
time_zone = "America/New_York"

[sessions.COPIES]
ord_types = []
phases = []
accounts = ["desk"]

[sessions.COPIES.fix]
drop_copy = true

[venues.SIM.fix]
address = "venue.example:7100"
backups = ["backup.example:7100"]
drill_every = "30 d"
begin_string = "FIXT.1.1"
sender_comp_id = "NODE"
target_comp_id = "SIMX"
heartbeat = "10 s"
username = "node"
password = "file:secrets/sim"
dictionary = ["FIXT11.xml", "FIX50SP2.xml"]
market_data = false

[venues.SIM.fix.tls]
ca = "tls/venues.pem"
server_name = "fix.venue.example"
certificate = "tls/node1.pem"
key = "tls/node1.key"

[venues.SIM.fix.reconnect]
initial = "500 ms"
max = "1 min"
trip_count = 6
failover_count = 2

[venues.SIM.fix.drop_copy]
sender_comp_id = "NODEDC"
target_comp_id = "SIMXDC"
address = "venue.example:7101"
backups = ["backup.example:7101", "far.example:7101"]
username = "copies"
password = "env:COPIES_PASSWORD"
"""
WIRED = SAMPLE + WIRE
"""The sample with every table about the process and its connections."""
WIRED_RAW: dict[str, Any] = tomllib.loads(WIRED, parse_float=FloatText)
"""The same as plain values."""


def rewired(old: str, new: str) -> str:
    """Return the wired sample with the first `old` of the new tables replaced; it must be there."""
    assert old in WIRE
    return SAMPLE + WIRE.replace(old, new, 1)
