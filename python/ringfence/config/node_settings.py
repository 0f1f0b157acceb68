"""What the native node is told: a configuration as plain values that JSON can carry.

File names are absolute, windows are moments, defaults are written out. Passwords are not in it;
`secret_references` says where each is kept.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from ringfence.config.canonical import digest
from ringfence.config.definitions import compile as definitions_of
from ringfence.config.model import Config
from ringfence.config.schedule import moment_ns, openings
from ringfence.config.wire import (
    ClientTls,
    DayEnd,
    FixBase,
    FixSession,
    FixVenue,
    Node,
    ServerTls,
    Window,
)
from ringfence.config.wire_names import Link, links
from ringfence.errors import ConfigError, ConfigProblem

__all__ = ["Folder", "day_end_ns", "secret_references", "settings", "windows", "wire_keys"]

SECOND: Final = 10**9


class Folder:
    """The folder that the file names of a configuration are relative to."""

    def __init__(self, config_file: str | PathLike[str]) -> None:
        self._path = Path(config_file).absolute().parent

    def name(self, file: str) -> str:
        """Return the absolute name of a file."""
        return str(self._path / file)

    def names(self, files: tuple[str, ...]) -> list[str]:
        """Return the absolute names of files."""
        return [self.name(file) for file in files]

    def optional(self, file: str | None) -> str | None:
        """Return the absolute name of a file that may be absent."""
        return None if file is None else self.name(file)

    def tls(self, tls: ServerTls | ClientTls | None) -> dict[str, str | None] | None:
        """Return the files of TLS with absolute names."""
        if tls is None:
            return None
        rows = msgspec.to_builtins(tls)
        return {
            key: row if key == "server_name" else self.optional(row) for key, row in rows.items()
        }


def settings(config: Config, path: str | PathLike[str]) -> dict[str, Any]:
    """Return what the native node is told of the configuration that stands in the file `path`.

    Raises ConfigError if the file has no table `[node]`. Times end in `_ns`, moments are
    nanoseconds UTC; the sessions are in the order that numbers them, clients before venues.
    """
    node = config.node
    if node is None:
        problem = ConfigProblem("node", "a table [node] with at least `journal`", "none")
        raise ConfigError(Path(path), (problem,))
    folder = Folder(path)
    return {
        "node": config.gateway.node,
        "trade_date": config.gateway.trade_date,
        "config_digest": digest(config),
        **_process(node, folder),
        "day_end_ns": day_end_ns(node.day_end, config.gateway.trade_date),
        "new_day": None if node.new_day is None else msgspec.to_builtins(node.new_day),
        "definitions": [
            {"ts": 0, "input": name, **fields} for name, fields in definitions_of(config)
        ],
        "sessions": [_session(config, link, folder) for link in links(config)],
    }


def secret_references(config: Config, path: str | PathLike[str]) -> dict[str, str]:
    """Return where the password of each session is kept, by the session's name.

    A reference is `env:NAME`, or `file:` and an absolute name.
    """
    folder, found = Folder(path), {}
    for link in links(config):
        _, _, password = _logon(config, link)
        if password is not None:
            kind, _, place = password.partition(":")
            found[link.name] = password if kind == "env" else f"file:{folder.name(place)}"
    return found


def windows(schedule: Sequence[Window], trade_date: str) -> list[dict[str, str | int]]:
    """Return the windows of a schedule around a trade date as moments; none means always."""
    rows: list[dict[str, str | int]] = msgspec.to_builtins(openings(schedule, trade_date))
    return list(rows)


def day_end_ns(day_end: DayEnd | None, trade_date: str) -> int:
    """Return when a trading day is over, nanoseconds UTC; by default at its last midnight there."""
    date = datetime.date.fromisoformat(trade_date)
    if day_end is None:
        return moment_ns(date + datetime.timedelta(days=1), "00:00:00", ZoneInfo("UTC"), later=True)
    return moment_ns(date, day_end.time, ZoneInfo(day_end.time_zone), later=True)


def wire_keys(fix: FixBase, link: Link) -> dict[str, Any]:
    """Return what the protocol of a session is told of its numbers and SubIDs."""
    return {
        "sender_sub_id": link.sender_sub_id,
        "target_sub_id": link.target_sub_id,
        "reset_on_logon": fix.reset_on_logon,
        "reset_on_logout": fix.reset_on_logout,
        "reset_on_disconnect": fix.reset_on_disconnect,
        "next_expected": fix.next_expected,
        "resend_chunk": fix.resend_chunk,
    }


def _process(node: Node, folder: Folder) -> dict[str, Any]:
    return {
        "listen": list(node.listen),
        "tls": folder.tls(node.tls),
        "journal": folder.name(node.journal),
        "durability": node.durability,
        "control": folder.optional(node.control),
        "inputs": folder.optional(node.inputs),
        "drain": node.drain,
        "drain_timeout_ns": node.drain_timeout,
        "busy_poll_ns": node.busy_poll,
        "tick_ns": node.tick,
        "clock_step_max_ns": node.clock_step_max,
        "clock_offset_max_ns": node.clock_offset_max,
        "clock_error_max_ns": node.clock_error_max,
        "clock_check_every_ns": node.clock_check_every,
        "clock_unfit": node.clock_unfit,
        "logon_timeout_ns": node.logon_timeout,
    }


def _fix(config: Config, link: Link) -> FixSession | FixVenue:
    table = config.sessions if link.side == "acceptor" else config.venues
    fix = table[link.of].fix
    if fix is None:
        raise KeyError(link.of)
    return fix


def _logon(config: Config, link: Link) -> tuple[FixSession | FixVenue, str | None, str | None]:
    """Return the table of a session, and the user name and password reference of its own."""
    fix = _fix(config, link)
    if isinstance(fix, FixVenue) and link.role == "venue_drop_copy" and fix.drop_copy is not None:
        return fix, fix.drop_copy.username, fix.drop_copy.password
    return fix, fix.username, fix.password


def _session(config: Config, link: Link, folder: Folder) -> dict[str, Any]:
    fix, username, password = _logon(config, link)
    row = {
        "name": link.name,
        "of": link.of,
        "role": link.role,
        "side": link.side,
        "begin_string": link.begin_string,
        "sender_comp_id": link.sender_comp_id,
        "target_comp_id": link.target_comp_id,
        "username": username,
        "has_password": password is not None,
        "dictionary": folder.names(fix.dictionary),
        "dialect": folder.optional(fix.dialect),
        "schedule": windows(fix.schedule, config.gateway.trade_date),
        **wire_keys(fix, link),
    }
    if isinstance(fix, FixSession):
        return {
            **row,
            "heartbeat_max_s": fix.heartbeat_max // SECOND,
            "message_max": fix.message_max,
            "passed_over": list(fix.passed_over),
            "accounts": list(config.sessions[link.of].accounts),
        }
    return {
        **row,
        "address": link.address,
        "backups": list(link.backups),
        "tls": folder.tls(fix.tls),
        "heartbeat_s": fix.heartbeat // SECOND,
        "reconnect": {
            "first_ns": fix.reconnect.initial,
            "max_ns": fix.reconnect.max,
            "failures_max": fix.reconnect.trip_count,
            "failover_count": fix.reconnect.failover_count,
        },
        "market_data": fix.market_data and link.role == "venue",
    }
