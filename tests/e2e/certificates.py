"""Certificates for one test, in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOURS = 2


@dataclass(frozen=True, slots=True)
class Identity:
    """Files of a certificate and of its key, which its owner alone can read."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; its own stands in `file`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        made = _builder(name, name, self._key.public_key())
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._write(self.file, made)

    def identity(self, name: str) -> Identity:
        """Return an identity for a host name."""
        key = ec.generate_private_key(ec.SECP256R1())
        found = Identity(
            self._folder / f"{self._name}-{name}.crt", self._folder / f"{self._name}-{name}.key"
        )
        made = _builder(name, self._name, key.public_key())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        self._write(found.certificate, made.add_extension(names, critical=False))
        found.key.touch(mode=0o600)
        found.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return found

    def _write(self, path: Path, made: x509.CertificateBuilder) -> None:
        signed = made.sign(self._key, hashes.SHA256())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _builder(name: str, issuer: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=HOURS))
        .not_valid_after(now + timedelta(hours=HOURS))
    )
