"""A look before the start: every file, key, port and folder that a process needs."""

from __future__ import annotations

import datetime
import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.x509.oid import NameOID
from ringfence.ops.preflight import findings, free_ports

TODAY = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def certified(folder: Path, name: str, days: tuple[int, int] = (-1, 30)) -> tuple[str, str]:
    """Write a certificate that signs itself and its key, and return their names."""
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(TODAY + DAY * days[0])
        .not_valid_after(TODAY + DAY * days[1])
        .sign(key, hashes.SHA256())
    )
    files = (folder / f"{name}.pem", folder / f"{name}.key")
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    files[1].chmod(0o600)
    return str(files[0]), str(files[1])


def found(**settings: Any) -> list[str]:
    """Return the findings on settings."""
    return findings(settings, {}, {})


def test_what_is_in_order_has_no_findings(tmp_path: Path) -> None:
    """R89: a start that will work is not held up."""
    certificate, key = certified(tmp_path, "node1")
    dictionary = tmp_path / "FIX44.xml"
    dictionary.write_text('<fix major="4" minor="4"/>', encoding="utf-8")
    dialect = tmp_path / "client.txt"
    dialect.write_text("", encoding="utf-8")
    session = {
        "name": "CLIENT",
        "dictionary": [str(dictionary)],
        "dialect": str(dialect),
        "tls": {"ca": certificate, "certificate": certificate, "key": key, "server_name": "x"},
    }
    assert [] == findings(
        {
            "journal": str(tmp_path / "new" / "journal"),
            "listen": ["127.0.0.1:0", "[::1]:0"],
            "tls": {"certificate": certificate, "key": key, "client_ca": certificate},
            "control": str(tmp_path / "run" / "c.sock"),
            "inputs": str(dialect),
            "faults": None,
            "sessions": [session],
        },
        {"CLIENT": "env:PASSWORD"},
        {"PASSWORD": "s3cret"},
    )
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "run").exists()


def test_a_port_that_is_taken_is_named() -> None:
    """R89: who else listens there is found before the day begins."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        (finding,) = free_ports([address])
    assert finding == f"listen: cannot listen at {address}: Address already in use"


def test_an_address_of_another_machine_is_named() -> None:
    """R89: an address that is not of this machine is refused by the system, and told."""
    (finding,) = found(listen=["192.0.2.1:7001"])
    assert finding.startswith("listen: cannot listen at 192.0.2.1:7001: ")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """R89: a journal below a file, and a socket that is a file, are found."""
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    journal, control = str(file / "journal"), str(file)
    assert [
        f"journal: expected a folder {journal}, found a file {file}",
        f"control: expected a socket or nothing at {control}, found another file",
    ] == found(journal=journal, control=control)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    """R89: each file that a process reads is looked for, and named with its purpose."""
    none = str(tmp_path / "none")
    session = {"name": "LIT1", "dictionary": [none], "dialect": none, "tls": {"ca": none}}
    starts = [
        "tls.certificate: cannot read",
        "tls.key: cannot read",
        "inputs: cannot read",
        "session LIT1: dictionary: cannot read",
        "session LIT1: dialect: cannot read",
        "session LIT1: tls.ca: cannot read",
    ]
    lines = found(tls={"certificate": none, "key": none}, inputs=none, sessions=[session])
    assert [f"{start} {none}: No such file or directory" for start in starts] == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<fix>", "is no XML"),
        ("<xif/>", "expected a data dictionary <fix>"),
        ('<!DOCTYPE fix [<!ENTITY a "b">]><fix>&a;</fix>', "without entities"),
    ],
)
def test_what_is_no_dictionary_is_named(text: str, expected: str, tmp_path: Path) -> None:
    """R87: a dictionary that cannot be read stops the start, not the first message."""
    path = tmp_path / "FIX.xml"
    path.write_text(text, encoding="utf-8")
    (finding,) = found(sessions=[{"name": "LIT1", "dictionary": [str(path)]}])
    assert finding.startswith("session LIT1: dictionary: ")
    assert expected in finding


def test_certificates_that_do_not_hold_are_named(tmp_path: Path) -> None:
    """R89: certificates that are over, or not yet valid, and keys of others are found."""
    certificate, key = certified(tmp_path, "node1")
    old, old_key = certified(tmp_path, "old", (-30, -1))
    early, early_key = certified(tmp_path, "early", (1, 30))
    (finding,) = found(tls={"certificate": certificate, "key": old_key})
    assert finding == f"tls.key: {old_key} is not the key of the certificate"
    for name, own in ((old, old_key), (early, early_key)):
        (finding,) = found(tls={"certificate": name, "key": own})
        assert finding.startswith(f"tls.certificate: {name} holds a certificate of CN=")
    (finding,) = found(tls={"certificate": certificate, "key": key, "client_ca": old})
    assert finding.startswith(f"tls.client_ca: {old} holds a certificate of CN=old")


def test_keys_that_are_none_or_open_to_others_are_named(tmp_path: Path) -> None:
    """R28: a private key is its owner's alone, and has no password that nobody could type."""
    certificate, key = certified(tmp_path, "node1")
    Path(key).chmod(0o644)
    assert [f"tls.key: expected {key} for its owner alone, found mode 0644"] == found(
        tls={"certificate": certificate, "key": key}
    )
    assert [
        f"tls.certificate: expected certificates (PEM) in {key}",
        f"tls.key: expected a private key (PEM) without a password in {certificate}",
    ] == found(tls={"certificate": key, "key": certificate})


def test_secrets_that_are_not_to_be_had_are_named() -> None:
    """R28: a password that is missing is found before the first logon is refused."""
    assert ["password of LIT1: expected the variable PASSWORD, found none"] == findings(
        {}, {"LIT1": "env:PASSWORD"}, {}
    )
