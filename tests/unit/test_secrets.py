"""Secrets by reference: from the environment or a file of one's own, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from ringfence.errors import UsageError
from ringfence.ops.secrets import SECRET_BYTES_MAX, resolve

KEPT = "s3cr-et of ours"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with the secret that only its owner can read."""
    path = tmp_path / "secret"
    path.write_text(f"{KEPT}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_secret_is_read_from_where_it_is_kept(file: Path) -> None:
    """R28: the configuration names the place, the process reads it when it starts."""
    found = resolve({"A": "env:PASSWORD", "B": f"file:{file}"}, {"PASSWORD": KEPT})
    assert {"A": KEPT, "B": KEPT} == found


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    """R28: a secret that others can read is none."""
    file.chmod(mode)
    with pytest.raises(UsageError, match=f"for its owner alone, found mode {mode:04o}"):
        resolve({"A": f"file:{file}"}, {})


def test_what_is_not_there_is_named(file: Path) -> None:
    """R13: the message names session and place, and what is missing there."""
    with pytest.raises(UsageError, match="password of A: expected the variable PASSWORD"):
        resolve({"A": "env:PASSWORD"}, {})
    with pytest.raises(UsageError, match=r"password of A: cannot read .*: No such file"):
        resolve({"A": f"file:{file}.old"}, {})


@pytest.mark.parametrize(
    "secret", ["", "x" * (SECRET_BYTES_MAX + 1), "two\nlines", "with\x01separator", "\u202e"]
)
def test_what_cannot_stand_in_a_field_is_refused_and_not_shown(secret: str, file: Path) -> None:
    """R39: a secret with the separator of FIX in it would end its field; no message quotes it."""
    file.write_text(secret, encoding="utf-8")
    for reference in ("env:PASSWORD", f"file:{file}"):
        with pytest.raises(UsageError, match="1 to 31 printable bytes") as refused:
            resolve({"A": reference}, {"PASSWORD": secret})
        assert not secret or secret not in str(refused.value)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    """R39: bytes that are no text are refused, and not shown."""
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        resolve({"A": f"file:{file}"}, {})
