"""The FIX sessions of a configuration: how each is called here and on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from ringfence.config.model import Config
from ringfence.config.toml_text import KeyPath

__all__ = ["DROP_COPY_SUFFIX", "Link", "links"]

DROP_COPY_SUFFIX = ".drop_copy"
"""What follows the venue's name in the name of its second session."""

Role = Literal["client", "drop_copy", "venue", "venue_drop_copy"]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One FIX session by its names."""

    name: str
    """Name in status, alerts and journal."""
    of: str
    """Client session or venue that it belongs to."""
    role: Role
    """Who the peer is: a client, one that receives copies, a venue, a venue's copies."""
    side: Literal["acceptor", "initiator"]
    """Whether the peer connects, or this node does."""
    path: KeyPath
    """Place of its table in the configuration."""
    address: str
    """Where the peer is; empty for an acceptor."""
    backups: tuple[str, ...] = ()
    """Other addresses of the peer, in the order of dialing."""
    begin_string: str
    """FIX 8."""
    sender_comp_id: str
    """Our name (FIX 49)."""
    target_comp_id: str
    """Their name (FIX 56)."""
    sender_sub_id: str | None
    """Our SubID (FIX 50)."""
    target_sub_id: str | None
    """Their SubID (FIX 57)."""


def links(config: Config) -> list[Link]:
    """Return the FIX sessions: clients by name, then venues by name, copies behind each."""
    ours, found = config.gateway.node, []
    for name, session in sorted(config.sessions.items()):
        fix = session.fix
        if fix is not None:
            found.append(
                Link(
                    name=name,
                    of=name,
                    role="drop_copy" if fix.drop_copy else "client",
                    side="acceptor",
                    path=("sessions", name, "fix"),
                    address="",
                    begin_string=fix.begin_string,
                    sender_comp_id=fix.sender_comp_id or ours,
                    target_comp_id=fix.target_comp_id or name,
                    sender_sub_id=fix.sender_sub_id,
                    target_sub_id=fix.target_sub_id,
                )
            )
    for name in sorted(config.venues):
        found += _of_venue(config, name)
    return found


def _of_venue(config: Config, name: str) -> list[Link]:
    fix = config.venues[name].fix
    if fix is None:
        return []
    path: KeyPath = ("venues", name, "fix")
    orders = Link(
        name=name,
        of=name,
        role="venue",
        side="initiator",
        path=path,
        address=fix.address,
        backups=fix.backups,
        begin_string=fix.begin_string,
        sender_comp_id=fix.sender_comp_id or config.gateway.node,
        target_comp_id=fix.target_comp_id or name,
        sender_sub_id=fix.sender_sub_id,
        target_sub_id=fix.target_sub_id,
    )
    if fix.drop_copy is None:
        return [orders]
    own = fix.drop_copy
    shared = own.address is None and not own.backups
    copies = msgspec.structs.replace(
        orders,
        name=f"{name}{DROP_COPY_SUFFIX}",
        role="venue_drop_copy",
        path=(*path, "drop_copy"),
        address=own.address or fix.address,
        backups=fix.backups if shared else own.backups,
        sender_comp_id=own.sender_comp_id,
        target_comp_id=own.target_comp_id,
        sender_sub_id=own.sender_sub_id,
        target_sub_id=own.target_sub_id,
    )
    return [orders, copies]
