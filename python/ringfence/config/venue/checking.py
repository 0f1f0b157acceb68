"""What must hold in the file of a simulated venue beyond the shape of its tables.

The bounds are those of the venue's own rules, so that a file in order is never refused later.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from ringfence.config.reading import Trouble
from ringfence.config.toml_text import KeyPath
from ringfence.config.venue.model import Throttle, VenueConfig, VenueSession, VenueWindow
from ringfence.config.venue.names import venue_links
from ringfence.config.wire_checking import (
    base_troubles,
    heartbeat_troubles,
    listen_troubles,
    name_troubles,
    window_troubles,
)

__all__ = [
    "INSTRUMENTS_MAX",
    "ORDERS_MAX",
    "PORTS_MAX",
    "THROTTLE_MAX",
    "TICK_STEPS_MAX",
    "venue_troubles",
]

INSTRUMENTS_MAX: Final = 20_000
PORTS_MAX: Final = 1_000
TICK_STEPS_MAX: Final = 64
THROTTLE_MAX: Final = 1_000_000
ORDERS_MAX: Final = 1 << 20
LEVELS_MAX: Final = 1 << 16
SECOND: Final = 10**9
SPAN_MAX: Final = 86_400 * SECOND
WIDTH_FULL: Final = 10_000
LEVERAGE_MAX: Final = 100_000


def venue_troubles(config: VenueConfig) -> list[Trouble]:
    """Return what is wrong with a file whose tables have the right shape, each once."""
    found = [
        *_process(config),
        *_book(config),
        *_ladders(config),
        *_instruments(config),
        *_sessions(config),
        *_windows(config),
        *_limit_band(config),
        *_retail(config),
        *_tape(config),
    ]
    return list(dict.fromkeys(found))


def _process(config: VenueConfig) -> Iterator[Trouble]:
    venue = config.venue
    if not venue.listen:
        yield Trouble(("venue", "listen"), "at least one address", "none")
    yield from listen_troubles(("venue", "listen"), venue.listen)
    if venue.logon_timeout == 0:
        yield Trouble(("venue", "logon_timeout"), "more than zero", "0")
    if not 1 <= venue.market_data_interval <= SPAN_MAX:
        found = f"{venue.market_data_interval} ns"
        yield Trouble(("venue", "market_data_interval"), "above zero, at most 24 h", found)
    for key in ("ord_types", "times_in_force"):
        names: tuple[str, ...] = getattr(venue, key)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            yield Trouble(("venue", key), "each name once", f"{', '.join(twice)} repeated")
        if not names:
            yield Trouble(("venue", key), "at least one name", "none")
    if venue.order_notional_max is not None and Decimal(venue.order_notional_max) == 0:
        yield Trouble(("venue", "order_notional_max"), "an amount above zero", "0")
    if venue.session_band is not None:
        yield from _width(("venue", "session_band"), venue.session_band)


def _width(path: KeyPath, value: int) -> Iterator[Trouble]:
    if not 1 <= value < WIDTH_FULL:
        yield Trouble(path, "a share above zero and below 100 %", f"{value} bps")


def _book(config: VenueConfig) -> Iterator[Trouble]:
    for key, most in (("orders_max", ORDERS_MAX), ("levels_max", LEVELS_MAX)):
        value = getattr(config.book, key)
        if not 1 <= value <= most:
            yield Trouble(("book", key), f"a number from 1 to {most}", f"{value}")


def _ladders(config: VenueConfig) -> Iterator[Trouble]:
    for name, ladder in config.tick_ladders.items():
        path: KeyPath = ("tick_ladders", name, "steps")
        if not 1 <= len(ladder.steps) <= TICK_STEPS_MAX:
            yield Trouble(path, f"1 to {TICK_STEPS_MAX} steps", f"{len(ladder.steps)}")
        elif Decimal(ladder.steps[0].from_px) != 0:
            yield Trouble((*path, 0, "from_px"), "zero, the first", ladder.steps[0].from_px)
        before: Decimal | None = None
        for index, step in enumerate(ladder.steps):
            if Decimal(step.tick) <= 0:
                yield Trouble((*path, index, "tick"), "a price above zero", step.tick)
            here = Decimal(step.from_px)
            if before is not None and here <= before:
                yield Trouble((*path, index, "from_px"), f"a price above {before}", step.from_px)
            before = here


def _instruments(config: VenueConfig) -> Iterator[Trouble]:
    if not 1 <= len(config.instruments) <= INSTRUMENTS_MAX:
        found = f"{len(config.instruments)}"
        yield Trouble(("instruments",), f"1 to {INSTRUMENTS_MAX} instruments", found)
    for name, row in config.instruments.items():
        path: KeyPath = ("instruments", name)
        if row.ladder not in config.tick_ladders:
            expected = "the name of a tick ladder of this file"
            yield Trouble((*path, "ladder"), expected, f'"{row.ladder}"')
        if row.lot_size == 0:
            yield Trouble((*path, "lot_size"), "a quantity above zero", "0")
        if Decimal(row.reference_px) <= 0:
            yield Trouble((*path, "reference_px"), "a price above zero", row.reference_px)
        if not 1 <= row.leverage <= LEVERAGE_MAX:
            yield Trouble((*path, "leverage"), "above zero, at most 1_000 %", f"{row.leverage} bps")


def _sessions(config: VenueConfig) -> Iterator[Trouble]:
    if not 1 <= len(config.sessions) <= PORTS_MAX:
        yield Trouble(("sessions",), f"1 to {PORTS_MAX} sessions", f"{len(config.sessions)}")
    for name, session in config.sessions.items():
        path: KeyPath = ("sessions", name)
        yield from base_troubles(path, session, config.venue.trade_date)
        yield from heartbeat_troubles((*path, "heartbeat_max"), session.heartbeat_max)
        if session.throttle is not None:
            yield from _throttle((*path, "throttle"), session.throttle)
        yield from _kind((*path, "retail"), session)
    yield from name_troubles(venue_links(config))


def _throttle(path: KeyPath, throttle: Throttle) -> Iterator[Trouble]:
    if not throttle.take_max < throttle.disconnect_max <= THROTTLE_MAX:
        expected = f"more than take_max, {throttle.take_max}, and at most {THROTTLE_MAX}"
        yield Trouble((*path, "disconnect_max"), expected, f"{throttle.disconnect_max}")


def _kind(path: KeyPath, session: VenueSession) -> Iterator[Trouble]:
    if session.retail and session.drop_copy:
        yield Trouble(path, "no retail orders of a drop copy", "true")


def _windows(config: VenueConfig) -> Iterator[Trouble]:
    path: KeyPath = ("windows",)
    if not config.windows:
        yield Trouble(path, "at least one window", "none")
    yield from window_troubles(path, config.windows, config.venue.trade_date)
    for index, window in enumerate(config.windows):
        yield from _window((*path, index), window, config)


def _window(path: KeyPath, window: VenueWindow, config: VenueConfig) -> Iterator[Trouble]:
    if (window.phase == "auction") != (window.auction is not None):
        found = f"phase {window.phase}, auction {window.auction or 'absent'}"
        yield Trouble((*path, "auction"), "a kind of auction exactly in the phase auction", found)
    if window.band == "unbounded":
        return
    band: KeyPath = (*path, "band")
    if window.phase not in ("continuous", "post", "overnight"):
        yield Trouble(band, "no band in an auction or a halt", window.band)
    if window.band == "session" and config.venue.session_band is None:
        yield Trouble(band, "venue.session_band for it", "none")
    if window.band.startswith("limit_up_down"):
        yield from _limited(band, config)


def _limited(path: KeyPath, config: VenueConfig) -> Iterator[Trouble]:
    """Yield why a window has no limit band for some instrument."""
    if config.limit_band is None:
        yield Trouble(path, "a table [limit_band] for it", "none")
    elif config.limit_band.width is None:
        for name, row in config.instruments.items():
            if row.tier is None:
                expected = "a tier, or `width` in [limit_band]"
                yield Trouble(("instruments", name, "tier"), expected, "none")


def _limit_band(config: VenueConfig) -> Iterator[Trouble]:
    band = config.limit_band
    if band is None:
        return
    if band.width is not None:
        yield from _width(("limit_band", "width"), band.width)
    for key in ("mean", "limit_state", "pause"):
        value = getattr(band, key)
        if not 1 <= value <= SPAN_MAX:
            yield Trouble(("limit_band", key), "a time above zero, at most 24 h", f"{value} ns")
    if band.stand_min > SPAN_MAX:
        yield Trouble(("limit_band", "stand_min"), "at most 24 h", f"{band.stand_min} ns")
    if band.mean % SECOND:
        yield Trouble(("limit_band", "mean"), "whole seconds", f"{band.mean} ns")


def _retail(config: VenueConfig) -> Iterator[Trouble]:
    if config.retail is None:
        return
    for key in ("improvement_min", "tick"):
        if Decimal(getattr(config.retail, key)) <= 0:
            yield Trouble(("retail", key), "a price above zero", getattr(config.retail, key))


def _tape(config: VenueConfig) -> Iterator[Trouble]:
    if config.tape is None:
        return
    for index, symbol in enumerate(config.tape.symbols):
        if symbol not in config.instruments:
            expected = "the name of an instrument of this file"
            yield Trouble(("tape", "symbols", index), expected, f'"{symbol}"')
    if config.tape.speed < 1:
        yield Trouble(("tape", "speed"), "at least 1", str(config.tape.speed))
