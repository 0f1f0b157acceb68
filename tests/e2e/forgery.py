"""A record of a journal exchanged for another, with every checksum and hash made to fit.

What no fault of a disk can do, and no kernel writes: the journal is believed, and is wrong. The
bytes are those of version 1, `crates/node/src/journal/v1.rs`; nothing is shared with it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

HEADER_BYTES, HEAD_BYTES, CHECKSUM_BYTES = 80, 21, 4
SEED = slice(72, 76)
CHAINED = 76  # bytes of the header in front of its checksum
MARK_HEAD_BYTES = HEAD_BYTES + 4  # of an end, in front of its chain hash
RECORD = 0x0F
BATCH_DOMAIN = b"ringfence journal v1 batch\0"
SEGMENT_DOMAIN = b"ringfence journal v1 segment\0"


def frames(segment: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, kind and body, without its checksum, of each frame of a segment."""
    offset = HEADER_BYTES
    while segment[offset : offset + 4].strip(b"\0"):
        (length,) = struct.unpack_from("<I", segment, offset)
        body = segment[offset : offset + length - CHECKSUM_BYTES]
        seq, kind = struct.unpack_from("<4xQ8xB", body)
        yield seq, kind, body
        offset += length


def payload(file: Path, seq: int) -> bytes:
    """Return what record `seq` holds."""
    (found,) = [
        body[HEAD_BYTES:]
        for number, kind, body in frames(file.read_bytes())
        if (number, kind) == (seq, RECORD)
    ]
    return found


def forge(file: Path, seq: int, replacement: bytes) -> None:
    """Write another payload into record `seq` of a segment and make everything after it fit."""
    before = file.read_bytes()
    (seed,) = struct.unpack("<I", before[SEED])
    chain = hashlib.sha256(SEGMENT_DOMAIN + before[:CHAINED]).digest()
    after, batch = before[:HEADER_BYTES], b""
    for number, kind, original in frames(before):
        body = original
        if (number, kind) == (seq, RECORD):
            length = HEAD_BYTES + len(replacement) + CHECKSUM_BYTES
            body = struct.pack("<I", length) + body[4:HEAD_BYTES] + replacement
        elif kind != RECORD:
            head = body[:MARK_HEAD_BYTES]
            chain = hashlib.sha256(BATCH_DOMAIN + chain + batch + head).digest()
            body = head + chain
        frame = body + struct.pack("<I", zlib.crc32(body, seed))
        batch = batch + frame if kind == RECORD else b""
        after += frame
    file.write_bytes(after)
