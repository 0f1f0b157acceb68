"""What the native venue is told: its file as plain values that JSON can carry.

`rules` has the fields of the venue's own rules; prices and money are their shortest plain decimal,
shares basis points, times nanoseconds, windows moments.
"""

from __future__ import annotations

from datetime import time
from os import PathLike
from typing import Any, Final

from ringfence.config.node_settings import Folder, day_end_ns, windows, wire_keys
from ringfence.config.schedule import openings
from ringfence.config.venue.model import LimitBand, Tape, VenueConfig, VenueSession
from ringfence.config.venue.names import venue_links
from ringfence.config.wire_names import Link

__all__ = ["venue_secret_references", "venue_settings"]

SECOND: Final = 10**9
TAPE_ALONE: Final = "reconstruction"


def venue_settings(config: VenueConfig, path: str | PathLike[str]) -> dict[str, Any]:
    """Return what the native venue is told of the file `path`; passwords are not in it."""
    venue, folder = config.venue, Folder(path)
    return {
        "name": venue.name,
        "trade_date": venue.trade_date,
        "seed": venue.seed,
        "listen": list(venue.listen),
        "tls": folder.tls(venue.tls),
        "journal": folder.name(venue.journal),
        "durability": venue.durability,
        "control": folder.optional(venue.control),
        "logon_timeout_ns": venue.logon_timeout,
        "day_end_ns": _day_end_ns(config),
        "market_data_interval_ns": venue.market_data_interval,
        "faults": folder.optional(venue.faults),
        "rules": _rules(config),
        "sessions": [_session(config, link, folder) for link in venue_links(config)],
        "tape": _tape(config.tape, folder, config),
    }


def venue_secret_references(config: VenueConfig, path: str | PathLike[str]) -> dict[str, str]:
    """Return where the password of each session is kept, by the session's name."""
    folder, found = Folder(path), {}
    for name, session in sorted(config.sessions.items()):
        if session.password is not None:
            kind, _, place = session.password.partition(":")
            found[name] = session.password if kind == "env" else f"file:{folder.name(place)}"
    return found


def _day_end_ns(config: VenueConfig) -> int:
    """Return when the last window of the trading day ends; a day without one ends at midnight."""
    date = config.venue.trade_date
    ends = [row.end_ns for row in openings(config.windows, date) if row.trade_date == date]
    return max(ends, default=day_end_ns(None, date))


def _rules(config: VenueConfig) -> dict[str, Any]:
    venue = config.venue
    return {
        "instruments": [
            {
                "symbol": name,
                "ticks": [
                    {"from": step.from_px, "tick": step.tick}
                    for step in config.tick_ladders[row.ladder].steps
                ],
                "lot": row.lot_size,
                "reference_px": row.reference_px,
                "tier": None
                if row.tier is None
                else {"name": row.tier, "leverage_bps": row.leverage},
            }
            for name, row in sorted(config.instruments.items())
        ],
        "ports": [_port(name, row) for name, row in sorted(config.sessions.items())],
        "windows": _windows(config),
        "order_types": list(venue.ord_types),
        "times_in_force": list(venue.times_in_force),
        "limit_band": _limit_band(config.limit_band),
        "session_band_bps": venue.session_band,
        "order_notional_max": venue.order_notional_max,
        "fees": {
            "maker": config.fees.maker,
            "taker": config.fees.taker,
            "auction": config.fees.auction,
        },
        "retail": None
        if config.retail is None
        else {"improvement_min": config.retail.improvement_min, "tick": config.retail.tick},
        "halt_entry": venue.halt_entry,
        "book_limits": {
            "orders_max": config.book.orders_max,
            "levels_max": config.book.levels_max,
        },
    }


def _port(name: str, session: VenueSession) -> dict[str, Any]:
    throttle = session.throttle
    return {
        "name": name,
        "firm": session.firm or name,
        "kind": "drop_copy" if session.drop_copy else "order_entry",
        "cancel_on_disconnect": session.cancel_on_disconnect,
        "throttle": None
        if throttle is None
        else {"take_max": throttle.take_max, "disconnect_max": throttle.disconnect_max},
        "is_retail": session.retail,
    }


def _windows(config: VenueConfig) -> list[dict[str, Any]]:
    """Return the windows of the days around the trade date, by their start."""
    by_name = {window.name: window for window in config.windows}
    return [
        {
            "name": row.name,
            "phase": by_name[row.name].phase,
            "auction": by_name[row.name].auction,
            "band": by_name[row.name].band,
            "trade_date": row.trade_date,
            "start_ns": row.start_ns,
            "end_ns": row.end_ns,
        }
        for row in openings(config.windows, config.venue.trade_date)
    ]


def _limit_band(band: LimitBand | None) -> dict[str, int | None] | None:
    if band is None:
        return None
    return {
        "width_bps": band.width,
        "mean_ns": band.mean,
        "move_min_bps": band.move_min,
        "stand_min_ns": band.stand_min,
        "limit_state_ns": band.limit_state,
        "pause_ns": band.pause,
    }


def _session(config: VenueConfig, link: Link, folder: Folder) -> dict[str, Any]:
    session = config.sessions[link.name]
    return {
        "name": link.name,
        "of": link.of,
        "role": link.role,
        "side": link.side,
        "begin_string": link.begin_string,
        "sender_comp_id": link.sender_comp_id,
        "target_comp_id": link.target_comp_id,
        "username": session.username,
        "has_password": session.password is not None,
        "dictionary": folder.names(session.dictionary),
        "dialect": folder.optional(session.dialect),
        "schedule": windows(session.schedule, config.venue.trade_date),
        **wire_keys(session, link),
        "heartbeat_max_s": session.heartbeat_max // SECOND,
    }


def _tape(tape: Tape | None, folder: Folder, config: VenueConfig) -> dict[str, Any] | None:
    if tape is None:
        return None
    kind, _, place = tape.source.partition(":")
    return {
        "kind": kind,
        "place": folder.name(place) if place else None,
        "venue": tape.venue,
        "symbols": list(tape.symbols) or sorted(config.instruments),
        "start_ns": _of_day_ns(tape.start),
        "speed": tape.speed,
        "seed": tape.seed,
    }


def _of_day_ns(text: str) -> int:
    moment = time.fromisoformat(text)
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * SECOND
