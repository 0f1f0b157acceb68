"""The configuration: one TOML file, read once, frozen, and turned into the kernel's definitions.

    load(path) ─► Config ─► compile(config) ─► gateway_definition, limit_definition, …, day_open

A configuration is used whole or not at all: an unknown key, a wrong unit, a float where an exact
number is meant, a name that does not exist or a limit that nobody gave is a `ConfigError`. It
holds no secret, no market data and nothing of the day but its date: prices, phases and buying
power are inputs. `settings` is what the native node is told, passwords left out. `examine` lists
every problem and every oddity; `explain` says which limits apply to an account and where each is
written; `digest` is what nodes attest to. `ringfence.config.venue` reads the file of a simulated
venue in the same way.
"""

from ringfence.config.canonical import canonical_json, digest
from ringfence.config.definitions import Definition, compile
from ringfence.config.explaining import ExplainedLevel, ExplainedLimit, explain
from ringfence.config.files import Findings, Oddity, examine, load, loads, with_trade_date
from ringfence.config.limits import LIMITS, Bound, LimitSpec
from ringfence.config.model import (
    Account,
    Config,
    Gateway,
    Instrument,
    InstrumentProfile,
    OpeningPosition,
    Operator,
    PhaseRules,
    Profile,
    Session,
    Strategy,
    TickLadder,
    TickStep,
    Venue,
)
from ringfence.config.node_settings import secret_references, settings
from ringfence.config.schema import json_schema
from ringfence.config.starter_file import EXAMPLE_FACTS, InstrumentFacts, read_facts, starter
from ringfence.config.units import UNLIMITED, Unit
from ringfence.config.wire import (
    ClientTls,
    FixDropCopy,
    FixSession,
    FixVenue,
    Node,
    Reconnect,
    ServerTls,
    Window,
)

__all__ = [
    "EXAMPLE_FACTS",
    "LIMITS",
    "UNLIMITED",
    "Account",
    "Bound",
    "ClientTls",
    "Config",
    "Definition",
    "ExplainedLevel",
    "ExplainedLimit",
    "Findings",
    "FixDropCopy",
    "FixSession",
    "FixVenue",
    "Gateway",
    "Instrument",
    "InstrumentFacts",
    "InstrumentProfile",
    "LimitSpec",
    "Node",
    "Oddity",
    "OpeningPosition",
    "Operator",
    "PhaseRules",
    "Profile",
    "Reconnect",
    "ServerTls",
    "Session",
    "Strategy",
    "TickLadder",
    "TickStep",
    "Unit",
    "Venue",
    "Window",
    "canonical_json",
    "compile",
    "digest",
    "examine",
    "explain",
    "json_schema",
    "load",
    "loads",
    "read_facts",
    "secret_references",
    "settings",
    "starter",
    "with_trade_date",
]
