"""What must hold between the addresses of venues: doors of one session, told apart and in reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringfence.config.model import Config
from ringfence.config.reading import Trouble
from ringfence.config.wire import FixVenue
from ringfence.config.wire_names import Link, links

__all__ = ["ADDRESSES_MAX", "backup_troubles"]

ADDRESSES_MAX: Final = 4
"""Most addresses of one session, its primary included."""


def backup_troubles(config: Config) -> Iterator[Trouble]:
    """Yield what is wrong with the `backups` of venues and of their copies."""
    dialed = [link for link in links(config) if link.side == "initiator"]
    for link in dialed:
        fix = config.venues[link.of].fix
        if fix is not None and _writes_backups(link, fix):
            yield from _own(link)
            yield from _shared(link, dialed)
            yield from _reach(link, fix)
    for name, venue in config.venues.items():
        if venue.fix is not None:
            yield from _counts(name, venue.fix)


def _writes_backups(link: Link, fix: FixVenue) -> bool:
    """Return whether the table of a session has backups, and does not take those of the venue."""
    if link.role == "venue":
        return bool(fix.backups)
    return fix.drop_copy is not None and bool(fix.drop_copy.backups)


def _own(link: Link) -> Iterator[Trouble]:
    """Yield too many addresses, and those that are there twice."""
    path = (*link.path, "backups")
    if len(link.backups) >= ADDRESSES_MAX:
        found = f"{len(link.backups)}"
        yield Trouble(path, f"at most {ADDRESSES_MAX - 1} beside the address", found)
    for index, address in enumerate(link.backups):
        if address == link.address or address in link.backups[:index]:
            yield Trouble((*path, index), "each address once", f'"{address}" again')


def _shared(link: Link, dialed: list[Link]) -> Iterator[Trouble]:
    """Yield a backup that is a door of another session.

    Orders and copies of one venue may come by the same doors if they share the first.
    """
    for index, address in enumerate(link.backups):
        for other in dialed:
            together = other.of == link.of and other.address == link.address
            if not together and address in (other.address, *other.backups):
                expected = "an address that no session of another role or venue has"
                found = f'"{address}", one of {other.name}'
                yield Trouble((*link.path, "backups", index), expected, found)
                break


def _reach(link: Link, fix: FixVenue) -> Iterator[Trouble]:
    """Yield a count of failures after which nobody dials, before the last address had its turn."""
    attempts = fix.reconnect.failover_count * (1 + len(link.backups))
    if 0 < fix.reconnect.trip_count < attempts:
        path = ("venues", link.of, "fix", "reconnect", "trip_count")
        expected = f"at least {attempts}, the attempts of one round of the addresses of {link.name}"
        yield Trouble(path, expected, f"{fix.reconnect.trip_count}")


def _counts(name: str, fix: FixVenue) -> Iterator[Trouble]:
    if fix.reconnect.failover_count == 0:
        path = ("venues", name, "fix", "reconnect", "failover_count")
        yield Trouble(path, "more than zero: backups are given up by leaving them out", "0")
