"""simplefix: a parser and a writer of FIX messages in Python, without a dictionary."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

__all__ = ["measure"]

Timed = Callable[[str, Callable[[Any], bool], Sequence[Any]], None]


def measure(items: dict[str, Any], timed: Timed) -> dict[str, Any]:
    """Time reading and writing of each kind of message."""
    simplefix = import_module("simplefix")
    parser = simplefix.FixParser()

    def read(raw: bytes) -> bool:
        parser.append_buffer(raw)
        message = parser.get_message()
        return message is not None and message.get(11) is not None

    def write(pairs: list[tuple[str, str]]) -> bool:
        message = simplefix.FixMessage()
        for tag, value in pairs:
            message.append_pair(tag, value)
        return len(message.encode()) > 0

    for kind, messages in items["messages"].items():
        timed(f"{kind}: read", read, [text.encode() for text in messages])
        timed(f"{kind}: written", write, [_pairs(text) for text in messages])
    return {
        "version": importlib.metadata.version("simplefix"),
        "leaves_out": "checksum and length are not verified, no dictionary, no types of fields",
    }


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the fields of a message without those that the writer adds."""
    fields = [field.split("=", 1) for field in text.split("\x01") if field]
    return [(tag, value) for tag, value in fields if tag not in {"9", "10"}]
