"""Files of simulated venues: used whole, or refused with every problem listed."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from msgspec import structs

from ringfence.config.files import TEXT_NAME, problems
from ringfence.config.reading import read_as
from ringfence.config.schema import schema_of
from ringfence.config.toml_text import parse, read_text
from ringfence.config.venue.checking import venue_troubles
from ringfence.config.venue.model import VenueConfig
from ringfence.errors import ConfigError

__all__ = [
    "is_venue_file",
    "load_venue",
    "loads_venue",
    "venue_json_schema",
    "with_venue_trade_date",
]


def is_venue_file(path: str | PathLike[str]) -> bool:
    """Return whether a file is that of a simulated venue: it has `venue` and no `gateway`.

    Raises ConfigError for what is no TOML file.
    """
    raw = parse(read_text(Path(path)), Path(path))
    return "venue" in raw and "gateway" not in raw


def load_venue(path: str | PathLike[str]) -> VenueConfig:
    """Return the venue of a file; raises ConfigError with every problem."""
    return loads_venue(read_text(Path(path)), path)


def loads_venue(text: str, path: str | PathLike[str] = TEXT_NAME) -> VenueConfig:
    """Return the venue of TOML `text`; `path` is what messages call it.

    Raises ConfigError as `load_venue` does.
    """
    raw = parse(text, Path(path))
    venue = raw.get("venue")
    currency = venue.get("currency", "USD") if isinstance(venue, dict) else None
    config, troubles = read_as(VenueConfig, raw, currency)
    if config is not None:
        troubles = venue_troubles(config)
    if config is None or troubles:
        raise ConfigError(Path(path), problems(text, troubles))
    return config


def with_venue_trade_date(config: VenueConfig, trade_date: str | None) -> VenueConfig:
    """Return a venue for another trading day; None keeps that of the file."""
    if trade_date is None:
        return config
    venue = structs.replace(config.venue, trade_date=trade_date)
    return structs.replace(config, venue=venue)


def venue_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the file of a simulated venue."""
    return schema_of(VenueConfig)
