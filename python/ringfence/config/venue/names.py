"""The FIX sessions of a simulated venue: how each is called there and on the wire."""

from __future__ import annotations

from ringfence.config.venue.model import VenueConfig
from ringfence.config.wire_names import Link

__all__ = ["venue_links"]


def venue_links(config: VenueConfig) -> list[Link]:
    """Return the FIX sessions, by name; their order numbers the ports of the venue."""
    return [
        Link(
            name=name,
            of=name,
            role="drop_copy" if session.drop_copy else "client",
            side="acceptor",
            path=("sessions", name),
            address="",
            begin_string=session.begin_string,
            sender_comp_id=session.sender_comp_id or config.venue.name,
            target_comp_id=session.target_comp_id or name,
            sender_sub_id=session.sender_sub_id,
            target_sub_id=session.target_sub_id,
        )
        for name, session in sorted(config.sessions.items())
    ]
