"""Keys of operators stay with their owner, and signatures are those that the kernel accepts."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from ringfence import _core
from ringfence.errors import InputError, UsageError
from ringfence.ops import keys

REARM: dict[str, Any] = {
    "ts": 5,
    "input": "rearm",
    "scope_kind": "strategy",
    "scope": "TWAP",
    "cause": "a loop, found and stopped",
    "operator": "olga",
    "nonce": 1,
}


@pytest.fixture
def key() -> Ed25519PrivateKey:
    """Return a new key that nobody keeps."""
    return Ed25519PrivateKey.generate()


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """R28: the private half can be read by its owner alone, and is the one that was announced."""
    path = tmp_path / "olga.pem"
    public = keys.generate(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert public == keys.public_hex(keys.load(path))
    assert public not in path.read_text()


def test_a_key_never_replaces_a_file(tmp_path: Path) -> None:
    """R28: an existing key cannot be lost to a new one."""
    path = tmp_path / "olga.pem"
    keys.generate(path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="never replaces"):
        keys.generate(path)
    assert before == path.read_bytes()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """R28: a key that others may know does not sign."""
    path = tmp_path / "olga.pem"
    keys.generate(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="mode 0640"):
        keys.load(path)


def test_only_an_ed25519_key_is_read(tmp_path: Path) -> None:
    """R28: another kind of key, or no key, is one error without a quote of the file."""
    path = tmp_path / "other.pem"
    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for content in (other, b"secret words"):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(InputError, match="Ed25519") as caught:
            keys.load(path)
        assert "secret" not in str(caught.value)


def test_a_signature_covers_everything_but_signatures(key: Ed25519PrivateKey) -> None:
    """R99: both persons sign the same text, in either order of their keys."""
    second = Ed25519PrivateKey.generate()
    command = {
        "ts": 5,
        "input": "limit_change",
        "limits": "client",
        "limit": "order_qty",
        "value": "2000",
        "cause": "a block trade",
        "operator": "olga",
        "nonce": 1,
        "second_operator": "omar",
    }
    once = keys.sign(command, key, second=False)
    twice = keys.sign(once, second, second=True)
    fields = {name: value for name, value in twice.items() if name not in {"ts", "input"}}
    text = _core.signing_text("limit_change", fields).encode()
    for person, slot in ((key, "signature"), (second, "second_signature")):
        _public(person).verify(bytes.fromhex(twice[slot]), text)
    assert 5 == twice["ts"]


def _public(key: Ed25519PrivateKey) -> Ed25519PublicKey:
    return key.public_key()


@pytest.mark.parametrize(
    ("change", "second", "message"),
    [
        ({"signature": "00" * 64}, False, "rearm: has its signature already"),
        ({"operator": None}, False, "name of the person in operator"),
        ({}, True, "rearm: takes no second_signature"),
        ({"input": "tick"}, False, "tick: takes no signature"),
        ({"input": "no_such_input"}, False, "no_such_input: takes no signature"),
    ],
)
def test_what_cannot_be_signed_is_refused(
    change: dict[str, Any], second: bool, message: str, key: Ed25519PrivateKey
) -> None:
    """R28, R95: a signature is made once, by a named person, where one counts."""
    with pytest.raises(UsageError, match=message):
        keys.sign({**REARM, **change}, key, second=second)


def test_a_command_that_the_kernel_would_not_read_is_not_signed(key: Ed25519PrivateKey) -> None:
    """R13: an unknown field is an error before a person puts a name to it."""
    with pytest.raises(InputError, match="unknown field"):
        keys.sign({**REARM, "comment": "urgent"}, key, second=False)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'"rearm"',
        b"{",
        b"{}",
        b'{"input": 1}',
        b'{"input": "rearm", "input": "rearm"}',
        b'{"input": "\xff"}',
        b"[" * 50_000,
        b'{"input": "rearm"}' + b" " * 65_536,
    ],
)
def test_a_command_is_one_flat_object(text: bytes) -> None:
    """R13: what is too long, no JSON object with a name, or has a name twice, is one error."""
    with pytest.raises(InputError):
        keys.read_command(text)
