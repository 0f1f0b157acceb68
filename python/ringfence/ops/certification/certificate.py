"""The certificate of an adapter: what was tested, with what build, and whether it still holds.

A certificate is canonical JSON (RFC 8785) and holds no secret. It is a record and no signature:
the journal whose hash stands in it is what proves it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec

from ringfence.config import Config, canonical_json
from ringfence.config.wire_names import links
from ringfence.errors import UsageError

__all__ = ["BYTES_MAX", "CHECKS", "FORMAT", "GOOD", "State", "adapter", "refusals", "written"]

FORMAT: Final = 1
"""Version of the record; another one is refused."""
BYTES_MAX: Final = 1_048_576
"""Longest certificate that is read, in bytes."""
State = str
"""How a check ended: `passed`, `failed`, `not_exercised` or `not_applicable`."""
GOOD: Final = frozenset({"passed", "not_applicable"})
"""States with which an adapter may be deployed."""
CHECKS: Final[Mapping[str, str]] = {
    "submission": "the order is at the venue once, and acknowledged",
    "rejection": "an order that the venue refuses ends with the venue's reason",
    "change": "less quantity, then more at another price, each confirmed",
    "cancel": "the cancel is confirmed and nothing stays open",
    "cancel_on_disconnect": "the node asks about every open order and ends with the truth",
    "market_data_loss": "without prices new orders are denied, cancels pass",
    "non_updated_data": "with prices that stand still new orders are denied, cancels pass",
    "throttles": "more than the venue takes is denied and never leaves",
    "recovery": "an order in doubt is resolved by the venue's answer and not sent twice",
    "intraday_resumption": "after a kill the journal is gone on with, the numbers too",
    "suspended_instrument": "an order for it is refused, and taken after the resumption",
    "closing": "nothing is open, and positions are what the venue reported",
}
"""Every check by its name, in order, with what is expected of it."""

# Where the venue is and where a secret is kept is no behaviour of the adapter.
_PLACES: Final = ("address", "backups", "drill_every", "password", "certificate")
_TLS_FILES: Final = ("ca", "certificate", "key")


def adapter(config: Config, venue: str, file: Path) -> dict[str, str]:
    """Return the digests (SHA-256) of a venue's adapter: of each part, and of all as `digest`.

    Parts are its settings without places and secrets, and the content of its dictionary and of
    its dialect. Of TLS it counts whether there is any and whether we show a certificate: those
    are renewed. Raises UsageError for a file that cannot be read.
    """
    row = config.venues[venue]
    if row.fix is None:
        raise UsageError(f"venues.{venue}: expected a table fix, found none")
    meaning: dict[str, Any] = msgspec.to_builtins(row)
    fix = meaning["fix"]
    for table in (fix, fix["drop_copy"] or {}):
        for key in _PLACES:
            table.pop(key, None)
    if fix["tls"] is not None:
        shown = {key: fix["tls"][key] is not None for key in _TLS_FILES}
        fix["tls"] = {**shown, "server_name": fix["tls"]["server_name"]}
    dictionary, dialect = fix.pop("dictionary"), fix.pop("dialect")
    names = [link for link in links(config) if link.of == venue and link.side == "initiator"]
    meaning["comp_ids"] = [[link.sender_comp_id, link.target_comp_id] for link in names]
    parts = {
        "settings": _sha256(canonical_json(meaning)),
        "dictionary": _files(file, dictionary),
        "dialect": _files(file, () if dialect is None else (dialect,)),
    }
    return {**parts, "digest": _sha256(canonical_json(parts))}


def written(certificate: Mapping[str, Any]) -> bytes:
    """Return a certificate as it stands in its file."""
    return canonical_json(dict(certificate)) + b"\n"


def refusals(config: Config, file: Path) -> list[str]:
    """Return why the venues of the configuration in `file` must not be traded with, a line each.

    With `certification = "waived"` there is no reason.
    """
    if config.node is not None and config.node.certification == "waived":
        return []
    connected = sorted(name for name, row in config.venues.items() if row.fix is not None)
    found = ((name, next(_against(config, name, file), None)) for name in connected)
    return [f"venue {name}: {why}" for name, why in found if why is not None]


def _against(config: Config, venue: str, file: Path) -> Iterator[str]:
    """Yield what stands against a venue's certificate, the first thing first."""
    fix = config.venues[venue].fix
    if fix is None or fix.certificate is None:
        yield (
            "expected `certificate`, the file that `ringfence venue certify` writes, found none; "
            'node.certification = "waived" is for simulated venues'
        )
        return
    path = file.absolute().parent / fix.certificate
    try:
        found = _read(path)
    except UsageError as refusal:
        yield str(refusal)
        return
    yield from _differing(config, venue, file, path, found)
    states = {row["name"]: row["state"] for row in found["checks"]}
    for name in CHECKS:
        state = states.get(name, "missing")
        if state not in GOOD:
            yield f"{path}: check {name} is {state}, expected passed"


def _differing(
    config: Config, venue: str, file: Path, path: Path, found: Mapping[str, Any]
) -> Iterator[str]:
    """Yield in what the certificate is not about this venue, adapter and build."""
    if found["venue"] != venue:
        yield f"{path}: a certificate of venue {found['venue']}"
    for key, mine in (("ringfence", version("ringfence")), ("build", config.gateway.build)):
        if found[key] != mine:
            yield f"{path}: certified with {key} {found[key]}, this is {mine}: certify again"
    try:
        own = adapter(config, venue, file)
    except UsageError as refusal:
        yield str(refusal)
        return
    for part, digest in own.items():
        if found["adapter"].get(part) != digest:
            was = str(found["adapter"].get(part))
            yield f"{path}: the adapter's {part} was {was:.12}…, is {digest:.12}…: certify again"


def _read(path: Path) -> dict[str, Any]:
    """Return a certificate; raises UsageError for a file that is none."""
    try:
        with path.open("rb") as opened:
            text = opened.read(BYTES_MAX + 1)
    except OSError as failure:
        raise UsageError(f"cannot read the certificate {path}: {failure.strerror}") from None
    try:
        found = msgspec.json.decode(text, type=_Certificate) if len(text) <= BYTES_MAX else None
    except msgspec.DecodeError as refusal:
        raise UsageError(f"{path}: no certificate: {refusal}") from None
    if found is None or found.format != FORMAT:
        raise UsageError(f"{path}: expected a certificate of format {FORMAT}")
    plain: dict[str, Any] = json.loads(text)
    return plain


class _Check(msgspec.Struct, frozen=True):
    """What is needed of a check."""

    name: str
    state: str


class _Certificate(msgspec.Struct, frozen=True):
    """What is needed of a certificate."""

    format: int
    venue: str
    ringfence: str
    build: str
    adapter: dict[str, str]
    checks: list[_Check]


def _files(config_file: Path, names: tuple[str, ...] | list[str]) -> str:
    """Return the digest of the content of files, in order."""
    folder = config_file.absolute().parent
    digests = []
    for name in names:
        try:
            digests.append(_sha256((folder / name).read_bytes()))
        except OSError as failure:
            raise UsageError(f"cannot read {folder / name}: {failure.strerror}") from None
    return _sha256(canonical_json(digests))


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
