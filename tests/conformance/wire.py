"""FIX messages as bytes, with arithmetic of its own: shares no code with the engine it judges."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from tests.conformance.script import SOH

MESSAGE_BYTES_MAX = 1 << 20
_TIME = re.compile(rb"<TIME(?:([+-])(\d+))?>")

Field = tuple[bytes, bytes]


class WireError(Exception):
    """Bytes that are no message of FIX."""


def fields_of(message: bytes) -> list[Field]:
    """Return tag and value of each field in order.

    Raises:
        WireError: a field is not `tag=value`, or the message does not end with a separator.
    """
    if not message.endswith(SOH):
        raise WireError("expected a separator at the end of the message")
    found = []
    for text in message[:-1].split(SOH):
        tag, equals, value = text.partition(b"=")
        if not equals or not tag:
            raise WireError(f"expected tag=value, found {text[:40]!r}")
        found.append((tag, value))
    return found


def checksum(message: bytes) -> bytes:
    """Return the CheckSum (FIX 10): the sum of all bytes modulo 256, in three digits."""
    return b"%03d" % (sum(message) % 256)


def outgoing(message: bytes, now: datetime) -> bytes:
    """Return a message of a script as it is sent.

    `<TIME>`, `<TIME+n>` and `<TIME-n>` become UTC times to the second; BodyLength (9) and CheckSum
    (10) are added only where they are absent.
    """

    def time(match: re.Match[bytes]) -> bytes:
        seconds = int(match[2] or 0) * (-1 if match[1] == b"-" else 1)
        return f"{now + timedelta(seconds=seconds):%Y%m%d-%H:%M:%S}".encode()

    pieces = _TIME.sub(time, message).split(SOH)
    if pieces[-1] == b"":
        pieces.pop()
    has_sum = any(piece.startswith(b"10=") for piece in pieces)
    if not any(piece.startswith(b"9=") for piece in pieces):
        behind = [piece for piece in pieces[1:] if not piece.startswith(b"10=")]
        pieces.insert(1, b"9=%d" % sum(len(piece) + 1 for piece in behind))
    text = b"".join(piece + SOH for piece in pieces)
    return text if has_sum else text + b"10=" + checksum(text) + SOH


def first_message(stream: bytes) -> bytes | None:
    """Return the message at the front of a stream, or None where it is not whole yet.

    Raises:
        WireError: the stream does not begin with a message, or its length or sum is wrong.
    """
    start = re.match(rb"8=[^\x01]+\x019=(\d{1,7})\x01", stream)
    if start is None:
        is_other = re.match(rb"8=[^\x01]*\x01(?!9=)[^\x01]+\x01", stream) is not None
        if is_other or len(stream) > 64 or not b"8=FIX".startswith(stream[:5]):
            raise WireError(f"expected 8=... and 9=..., found {stream[:64]!r}")
        return None
    body_end = start.end() + int(start[1])
    if body_end > MESSAGE_BYTES_MAX:
        raise WireError(f"expected at most {MESSAGE_BYTES_MAX} bytes, found 9={start[1].decode()}")
    trailer = stream[body_end : body_end + 7]
    if len(trailer) < 7:
        # A length that leads beyond the message would otherwise be waited for.
        early = re.search(rb"\x0110=\d{3}\x01", stream)
        if early is not None:
            raise WireError(f"expected 10= where 9={start[1].decode()} ends, found it before")
        return None
    summed = stream[:body_end]
    if not re.fullmatch(rb"10=\d{3}\x01", trailer) or not summed.endswith(SOH):
        raise WireError(f"expected 10= where 9={start[1].decode()} ends, found {trailer!r}")
    if trailer[3:6] != checksum(summed):
        raise WireError(f"expected 10={checksum(summed).decode()}, found {trailer[:6].decode()}")
    return summed + trailer
