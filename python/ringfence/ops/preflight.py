"""Everything that can be known before a process starts: files, keys, ports, folders, secrets.

Nothing is written, opened for good or begun. The answer is a list of findings, empty if all is
well; each says what was expected, what was found and whose it is.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ringfence.errors import RingfenceError
from ringfence.ops.secrets import OTHERS, resolve

__all__ = ["findings", "free_ports"]

DICTIONARY_BYTES_MAX = 16_777_216


def findings(
    settings: Mapping[str, Any], references: Mapping[str, str], environment: Mapping[str, str]
) -> list[str]:
    """Return what stands against starting with these settings, in the order of a start."""
    found = [*_folder("journal", settings.get("journal"))]
    found += _listener("listen", settings.get("listen", ()))
    found += _tls("tls", settings.get("tls"))
    found += _socket_folder(settings.get("control"))
    for key in ("inputs", "faults"):
        found += _readable(key, settings.get(key))
    for session in settings.get("sessions", ()):
        found += _session(session)
    for name, reference in references.items():
        found += _secret(name, reference, environment)
    return found


def free_ports(addresses: Iterable[str]) -> list[str]:
    """Return what stands against listening at each of the addresses."""
    return list(_listener("listen", addresses))


def _secret(name: str, reference: str, environment: Mapping[str, str]) -> Iterator[str]:
    try:
        resolve({name: reference}, environment)
    except RingfenceError as refusal:
        yield str(refusal)


def _session(session: Mapping[str, Any]) -> Iterator[str]:
    name = f"session {session['name']}"
    for file in session.get("dictionary", ()):
        yield from _dictionary(f"{name}: dictionary", Path(file))
    yield from _readable(f"{name}: dialect", session.get("dialect"))
    yield from _tls(f"{name}: tls", session.get("tls"))


def _folder(key: str, name: str | None) -> Iterator[str]:
    """Yield why a folder cannot be written to, or made."""
    if name is None:
        return
    path = Path(name)
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir():
        yield f"{key}: expected a folder {path}, found a file {existing}"
    elif not os.access(existing, os.W_OK | os.X_OK):
        yield f"{key}: cannot write to {existing}"


def _socket_folder(name: str | None) -> Iterator[str]:
    if name is not None:
        yield from _folder("control", str(Path(name).parent))
        if Path(name).exists() and not Path(name).is_socket():
            yield f"control: expected a socket or nothing at {name}, found another file"


def _listener(key: str, addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
        except OSError as failure:
            yield f"{key}: cannot listen at {address}: {failure.strerror or failure}"


def _readable(key: str, name: str | None) -> Iterator[str]:
    if name is None:
        return
    try:
        with Path(name).open("rb") as file:
            file.read(1)
    except OSError as failure:
        yield f"{key}: cannot read {name}: {failure.strerror}"


def _dictionary(key: str, path: Path) -> Iterator[str]:
    """Yield why a file is no data dictionary; entities are never expanded, so they are refused."""
    try:
        text = path.read_bytes()
        if len(text) > DICTIONARY_BYTES_MAX or b"<!ENTITY" in text:
            yield f"{key}: expected at most {DICTIONARY_BYTES_MAX} bytes without entities in {path}"
            return
        root = Xml.fromstring(text)  # noqa: S314  entities were refused above
    except OSError as failure:
        yield f"{key}: cannot read {path}: {failure.strerror}"
    except Xml.ParseError as refusal:
        yield f"{key}: {path} is no XML: {refusal}"
    else:
        if root.tag != "fix":
            yield f"{key}: expected a data dictionary <fix> in {path}, found <{root.tag}>"


def _tls(key: str, tls: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what is wrong with certificates and keys: unreadable, expired, not a pair."""
    if tls is None:
        return
    for name in ("ca", "client_ca"):
        if tls.get(name) is not None:
            yield from _certificates(f"{key}.{name}", Path(tls[name]))[1]
    if tls.get("certificate") is None:
        return
    chain, wrong = _certificates(f"{key}.certificate", Path(tls["certificate"]))
    yield from wrong
    yield from _key(f"{key}.key", Path(tls["key"]), chain)


def _certificates(key: str, path: Path) -> tuple[list[x509.Certificate], list[str]]:
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as failure:
        return [], [f"{key}: cannot read {path}: {failure.strerror}"]
    except ValueError:
        return [], [f"{key}: expected certificates (PEM) in {path}"]
    now = datetime.now(UTC)
    wrong = [
        f"{key}: {path} holds a certificate of {row.subject.rfc4514_string()} that is valid from "
        f"{row.not_valid_before_utc:%Y-%m-%d} to {row.not_valid_after_utc:%Y-%m-%d}"
        for row in chain
        if not row.not_valid_before_utc <= now <= row.not_valid_after_utc
    ]
    return chain, wrong


def _key(key: str, path: Path, chain: list[x509.Certificate]) -> Iterator[str]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as failure:
        yield f"{key}: cannot read {path}: {failure.strerror}"
        return
    except (ValueError, TypeError):
        yield f"{key}: expected a private key (PEM) without a password in {path}"
        return
    if mode & OTHERS:
        yield f"{key}: expected {path} for its owner alone, found mode {mode:04o}"
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if chain and private.public_key().public_bytes(*form) != chain[0].public_key().public_bytes(
        *form
    ):
        yield f"{key}: {path} is not the key of the certificate"
