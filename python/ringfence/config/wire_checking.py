"""What must hold between the tables about connections: names that are told apart, times in order.

Listed are all problems, as `checking` does for the rest of the file.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.config.model import Config
from ringfence.config.reading import Trouble
from ringfence.config.schedule import openings, overlap
from ringfence.config.toml_text import KeyPath
from ringfence.config.wire import ClientTls, FixBase, FixSession, FixVenue, Node, Window
from ringfence.config.wire_backups import backup_troubles
from ringfence.config.wire_names import Link, links
from ringfence.config.wire_scalars import COMP_ID

__all__ = [
    "HEARTBEAT_MAX_NS",
    "LISTEN_MAX",
    "RESEND_CHUNK_MAX",
    "SESSIONS_MAX",
    "WINDOWS_MAX",
    "base_troubles",
    "heartbeat_troubles",
    "listen_troubles",
    "name_troubles",
    "window_troubles",
    "wire_troubles",
]

LISTEN_MAX: Final = 16
"""Most ports of one node."""
SESSIONS_MAX: Final = 4_096
"""Most FIX sessions of one process."""
WINDOWS_MAX: Final = 32
"""Most windows of one schedule."""
RESEND_CHUNK_MAX: Final = 1_000_000
"""Most messages that one resend request asks for."""
SECOND: Final = 10**9
HEARTBEAT_MAX_NS: Final = 3_600 * SECOND
"""Longest heartbeat interval, nanoseconds."""
TICK_NS: Final = (10**6, 10 * SECOND)
_ABOVE_ZERO: Final = (
    "drain_timeout",
    "clock_step_max",
    "clock_offset_max",
    "clock_error_max",
    "clock_check_every",
    "logon_timeout",
)


def wire_troubles(config: Config) -> Iterator[Trouble]:
    """Yield what is wrong with `[node]` and the `fix` tables of sessions and venues."""
    if config.node is not None:
        yield from _node(config, config.node)
    for name, session in config.sessions.items():
        if session.fix is not None:
            path: KeyPath = ("sessions", name, "fix")
            yield from _client(path, session.fix)
            yield from base_troubles(path, session.fix, config.gateway.trade_date)
    for name, venue in config.venues.items():
        if venue.fix is not None:
            path = ("venues", name, "fix")
            yield from _venue(path, venue.fix)
            yield from base_troubles(path, venue.fix, config.gateway.trade_date)
    yield from name_troubles(links(config))
    yield from backup_troubles(config)


def _node(config: Config, node: Node) -> Iterator[Trouble]:
    clients = [name for name, row in config.sessions.items() if row.fix is not None]
    if clients and not node.listen:
        found = f"none, and a fix table of {clients[0]}"
        yield Trouble(("node", "listen"), "at least one address", found)
    yield from listen_troubles(("node", "listen"), node.listen)
    low, high = TICK_NS
    if not low <= node.tick <= high:
        yield Trouble(("node", "tick"), "a time from 1 ms to 10 s", f"{node.tick} ns")
    if node.busy_poll > SECOND:
        yield Trouble(("node", "busy_poll"), "at most 1 s", f"{node.busy_poll} ns")
    for key in _ABOVE_ZERO:
        yield from _above_zero(("node", key), getattr(node, key))
    new_day = node.new_day
    if new_day is not None and len({*new_day.accepts}) != max(1, len(new_day.accepts)):
        found = ", ".join(new_day.accepts) or "none"
        yield Trouble(("node", "new_day", "accepts"), "at least one, each once", found)


def listen_troubles(path: KeyPath, addresses: Sequence[str]) -> Iterator[Trouble]:
    """Yield what is wrong with the addresses that a process listens at."""
    if len(addresses) > LISTEN_MAX:
        yield Trouble(path, f"at most {LISTEN_MAX}", f"{len(addresses)}")
    for index, address in enumerate(addresses):
        host = address.rpartition(":")[0].strip("[]")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            expected = "an address of this machine in digits, such as 127.0.0.1"
            yield Trouble((*path, index), expected, f'"{host}"')
        if address in addresses[:index]:
            yield Trouble((*path, index), "each address once", f'"{address}"')


def _above_zero(path: KeyPath, value: int) -> Iterator[Trouble]:
    if value == 0:
        yield Trouble(path, "more than zero", "0")


def heartbeat_troubles(path: KeyPath, value: int) -> Iterator[Trouble]:
    """Yield why a time is no heartbeat interval."""
    if value % SECOND or not SECOND <= value <= HEARTBEAT_MAX_NS:
        yield Trouble(path, "whole seconds from 1 s to 1 h", f"{value} ns")


def _client(path: KeyPath, fix: FixSession) -> Iterator[Trouble]:
    yield from heartbeat_troubles((*path, "heartbeat_max"), fix.heartbeat_max)
    yield from _above_zero((*path, "message_max"), fix.message_max)


def _venue(path: KeyPath, fix: FixVenue) -> Iterator[Trouble]:
    yield from heartbeat_troubles((*path, "heartbeat"), fix.heartbeat)
    again = fix.reconnect
    yield from _above_zero((*path, "reconnect", "initial"), again.initial)
    yield from _above_zero((*path, "reconnect", "trip_count"), again.trip_count)
    if again.max < again.initial:
        expected = f"at least `initial`, {again.initial} ns"
        yield Trouble((*path, "reconnect", "max"), expected, f"{again.max} ns")
    if fix.tls is not None:
        yield from _certificate((*path, "tls"), fix.tls)
    if fix.drop_copy is not None:
        yield from _credentials(
            (*path, "drop_copy"), fix.drop_copy.username, fix.drop_copy.password
        )


def _certificate(path: KeyPath, tls: ClientTls) -> Iterator[Trouble]:
    if (tls.certificate is None) != (tls.key is None):
        given = "certificate" if tls.key is None else "key"
        yield Trouble(path, "certificate and key together", f"only {given}")


def _credentials(path: KeyPath, username: str | None, password: str | None) -> Iterator[Trouble]:
    if username is None and password is not None:
        yield Trouble(path, "a username with the password", "none")


def base_troubles(path: KeyPath, fix: FixBase, trade_date: str) -> Iterator[Trouble]:
    """Yield what is wrong with what every FIX session says; `path` is that of its table."""
    yield from _credentials(path, fix.username, fix.password)
    wanted = 2 if fix.begin_string == "FIXT.1.1" else 1
    if fix.dictionary and len(fix.dictionary) != wanted:
        expected = f'"compact", or {wanted} files with {fix.begin_string}'
        yield Trouble((*path, "dictionary"), expected, f"{len(fix.dictionary)} files")
    if fix.next_expected and fix.begin_string == "FIX.4.2":
        expected = "FIX.4.4 or FIXT.1.1 with it, because FIX.4.2 has no field 789"
        yield Trouble((*path, "next_expected"), expected, "FIX.4.2")
    if fix.resend_chunk > RESEND_CHUNK_MAX:
        expected = f"at most {RESEND_CHUNK_MAX}"
        yield Trouble((*path, "resend_chunk"), expected, f"{fix.resend_chunk}")
    yield from window_troubles((*path, "schedule"), fix.schedule, trade_date)


def window_troubles(
    path: KeyPath, schedule: Sequence[Window], trade_date: str
) -> Iterator[Trouble]:
    """Yield what is wrong with the windows of one schedule; `path` is that of the schedule."""
    if len(schedule) > WINDOWS_MAX:
        yield Trouble(path, f"at most {WINDOWS_MAX} windows", f"{len(schedule)}")
    for index, window in enumerate(schedule):
        if any(window.name == other.name for other in schedule[:index]):
            yield Trouble((*path, index, "name"), "each name once", f'"{window.name}" again')
        twice = sorted({day for day in window.days if window.days.count(day) > 1})
        if twice:
            yield Trouble((*path, index, "days"), "each day once", f"{', '.join(twice)} repeated")
        if not window.days:
            yield Trouble((*path, index, "days"), "at least one day", "none")
    both = overlap(openings(schedule, trade_date))
    if both is not None:
        before, after = both
        found = f"{after.name} of {after.trade_date} begins before {before.name} has ended"
        yield Trouble(path, "windows one after the other", found)


def name_troubles(found: list[Link]) -> Iterator[Trouble]:
    """Yield the sessions that a logon could not tell apart, and names that FIX cannot carry."""
    if len(found) > SESSIONS_MAX:
        expected = f"at most {SESSIONS_MAX} FIX sessions"
        yield Trouble(found[0].path[:1], expected, f"{len(found)}")
    seen: dict[tuple[str | None, ...], str] = {}
    for link in found:
        for key in ("sender_comp_id", "target_comp_id"):
            name = getattr(link, key)
            if not COMP_ID.fullmatch(name):
                expected = "a comp id, because the name of the table is none"
                yield Trouble((*link.path, key), expected, f'"{name}"')
        ours, theirs = (
            (link.sender_comp_id, link.sender_sub_id),
            (link.target_comp_id, link.target_sub_id),
        )
        peer = (link.begin_string, *ours, *theirs)
        owner = seen.setdefault(peer, link.name)
        if owner != link.name:
            expected = "comp ids that no other session has"
            pair = f"{link.sender_comp_id} to {link.target_comp_id}, those of {owner}"
            yield Trouble(link.path, expected, pair)
