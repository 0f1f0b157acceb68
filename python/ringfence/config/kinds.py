"""Kinds of values that stand in a configuration file, and the base of every table.

`x-kind` names how a value is read; `scalars` and `wire_scalars` have one function for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from ringfence.config.limits import Bound

__all__ = [
    "AccountBounds",
    "Address",
    "CompId",
    "Count",
    "Currency",
    "DateText",
    "Dictionary",
    "Duration",
    "Entitled",
    "FileName",
    "HostName",
    "InstrumentBounds",
    "Money",
    "Name",
    "NodeName",
    "Period",
    "Price",
    "PublicKey",
    "Quantity",
    "SecretReference",
    "Share",
    "SignedQuantity",
    "Table",
    "TapeSource",
    "TimeOfDay",
    "TimeZone",
    "UserName",
    "doc",
]


def _kind(name: str) -> Meta:
    """Return the mark of a value that `reading` reads in a way of its own."""
    return Meta(extra_json_schema={"x-kind": name})


def doc(text: str) -> Meta:
    """Return the description of a key, for the JSON Schema and the reference."""
    return Meta(description=text)


Name = Annotated[str, _kind("name")]
Entitled = Annotated[str, _kind("entitled")]
Money = Annotated[str, _kind("money")]
NodeName = Annotated[str, _kind("node_name")]
Currency = Annotated[str, _kind("currency")]
DateText = Annotated[str, _kind("date")]
PublicKey = Annotated[str, _kind("public_key")]
Price = Annotated[str, _kind("price")]
Quantity = Annotated[int, _kind("quantity")]
SignedQuantity = Annotated[int, _kind("signed_quantity")]
Count = Annotated[int, _kind("count")]
Share = Annotated[int, _kind("share")]
Duration = Annotated[int, _kind("duration")]
Period = Annotated[int, _kind("period")]
AccountBounds = Annotated[Mapping[str, Bound], _kind("account_limits")]
InstrumentBounds = Annotated[Mapping[str, Bound], _kind("instrument_limits")]

Address = Annotated[str, _kind("address")]
CompId = Annotated[str, _kind("comp_id")]
Dictionary = Annotated[tuple[str, ...], _kind("dictionary")]
FileName = Annotated[str, _kind("file_name")]
HostName = Annotated[str, _kind("host_name")]
SecretReference = Annotated[str, _kind("secret_reference")]
TapeSource = Annotated[str, _kind("tape_source")]
TimeOfDay = Annotated[str, _kind("time_of_day")]
TimeZone = Annotated[str, _kind("time_zone")]
UserName = Annotated[str, _kind("user_name")]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""
