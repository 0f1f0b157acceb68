"""Keys of operators, and signatures over their commands (Ed25519).

A private key is a file that only its owner can read; it is never replaced, printed or logged. A
key that others can read, and a command that is already signed, are refused.
"""

from __future__ import annotations

import json
import os
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ringfence import _core
from ringfence.errors import InputError, UsageError

__all__ = ["COMMAND_BYTES_MAX", "Command", "generate", "load", "public_hex", "read_command", "sign"]

Command = dict[str, Any]
"""An input as one JSON object: `input` names it, `ts` may be there, the rest are its fields."""

OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR
FRAME = {"ts", "input"}
PLACEHOLDER = "0" * 128
COMMAND_BYTES_MAX = 65_536
"""Longest command that is read, in bytes."""


def generate(path: Path) -> str:
    """Make a new key in a new file and return its public half, 64 hexadecimal digits.

    The file is PEM (PKCS 8), readable by its owner alone. Raises UsageError if it exists.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        message = f"{path}: a file is there already, and a key never replaces one"
        raise UsageError(message) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return public_hex(key)


def load(path: Path) -> Ed25519PrivateKey:
    """Return the private key of a file; raises UsageError if others than its owner can read it."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & ~(OWNER_ONLY | stat.S_IXUSR):
        message = f"{path}: expected a key that only its owner can read, found mode {mode:04o}"
        raise UsageError(message)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"{path}: expected an Ed25519 private key in PEM without a password"
        raise InputError(message) from error
    if not isinstance(key, Ed25519PrivateKey):
        message = f"{path}: expected an Ed25519 key, found {type(key).__name__}"
        raise InputError(message)
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key as `operator_definition` takes it."""
    return key.public_key().public_bytes_raw().hex()


def read_command(text: bytes) -> Command:
    """Return the command that `text` holds; numbers keep every digit.

    Raises InputError for what is too long or no JSON object, or has a name twice.
    """
    if len(text) > COMMAND_BYTES_MAX:
        message = f"expected a command of at most {COMMAND_BYTES_MAX} bytes, found more"
        raise InputError(message)
    try:
        command = json.loads(text, parse_float=Decimal, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        message = f"expected one JSON object: {error}"
        raise InputError(message) from error
    if not isinstance(command, dict) or not isinstance(command.get("input"), str):
        message = 'expected a JSON object with the name of its input in "input"'
        raise InputError(message)
    return command


def _once_each(pairs: list[tuple[str, Any]]) -> Command:
    """Return the pairs as an object; a name that stands twice is an error."""
    command = dict(pairs)
    if len(command) != len(pairs):
        message = "a name stands twice"
        raise ValueError(message)
    return command


def sign(command: Command, key: Ed25519PrivateKey, *, second: bool) -> Command:
    """Return the command with the signature of its first, or of its second, person.

    The persons sign the same text: the name of the input and all fields but the signatures.
    Raises UsageError for an input that takes no such signature, has it already or does not name
    the person, and InputError for one that the kernel would not read.
    """
    name = str(command["input"])
    fields = {field: value for field, value in command.items() if field not in FRAME}
    person, slot = ("second_operator", "second_signature") if second else ("operator", "signature")
    if slot not in _field_names(name):
        message = f"{name}: takes no {slot}"
        raise UsageError(message)
    if fields.get(slot) is not None:
        message = f"{name}: has its {slot} already"
        raise UsageError(message)
    if fields.get(person) is None:
        message = f"{name}: expected the name of the person in {person}, found none"
        raise UsageError(message)
    try:
        text = _core.signing_text(name, {"signature": PLACEHOLDER, **fields, slot: PLACEHOLDER})
    except _core.InputError as error:
        raise InputError(f"{name}: {error.args[0]}") from error
    return {**command, slot: key.sign(text.encode()).hex()}


def _field_names(name: str) -> set[str]:
    """Return the names of the fields of an input, none for an unknown one."""
    rows = [row for row in _core.schema("inputs") if row["name"] == name]
    return {field["name"] for row in rows for field in row["fields"]}
