"""The configuration: one TOML file, read once, frozen, and turned into the kernel's definitions.

    load(path) ─► Config ─► compile(config) ─► gateway_definition, limit_definition, …, day_open

A configuration is used whole or not at all: an unknown key, a wrong unit, a float where an exact
number is meant, a name that does not exist or a limit that nobody gave is a `ConfigError`. It
holds no secret, no market data and nothing of the day but its date: prices, phases and buying
power are inputs. `examine` lists every problem and every oddity; `explain` says which limits apply
to an account and where each is written; `digest` is what nodes attest to.
"""

from ringfence.config.canonical import canonical_json, digest
from ringfence.config.definitions import Definition, compile
from ringfence.config.explaining import ExplainedLevel, ExplainedLimit, explain
from ringfence.config.files import Findings, Oddity, examine, load, loads
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
from ringfence.config.schema import json_schema
from ringfence.config.starter_file import EXAMPLE_FACTS, InstrumentFacts, read_facts, starter
from ringfence.config.units import UNLIMITED, Unit

__all__ = [
    "EXAMPLE_FACTS",
    "LIMITS",
    "UNLIMITED",
    "Account",
    "Bound",
    "Config",
    "Definition",
    "ExplainedLevel",
    "ExplainedLimit",
    "Findings",
    "Gateway",
    "Instrument",
    "InstrumentFacts",
    "InstrumentProfile",
    "LimitSpec",
    "Oddity",
    "OpeningPosition",
    "Operator",
    "PhaseRules",
    "Profile",
    "Session",
    "Strategy",
    "TickLadder",
    "TickStep",
    "Unit",
    "Venue",
    "canonical_json",
    "compile",
    "digest",
    "examine",
    "explain",
    "json_schema",
    "load",
    "loads",
    "read_facts",
    "starter",
]
