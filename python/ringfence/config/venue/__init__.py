"""The file of a simulated venue: one TOML file, read as strictly as that of a gateway.

load_venue(path) ─► VenueConfig ─► venue_settings(config, path) ─► the native venue
"""

from ringfence.config.venue.files import (
    is_venue_file,
    load_venue,
    loads_venue,
    venue_json_schema,
    with_venue_trade_date,
)
from ringfence.config.venue.model import VenueConfig
from ringfence.config.venue.settings import venue_secret_references, venue_settings

__all__ = [
    "VenueConfig",
    "is_venue_file",
    "load_venue",
    "loads_venue",
    "venue_json_schema",
    "venue_secret_references",
    "venue_settings",
    "with_venue_trade_date",
]
