"""`ringfence bench codec`: FIX messages read, judged and written, beside other codecs.

A Rust program times the codec on an order and an execution report, a thousand of each with other
values, and on recorded messages where there are any. Each peer gets the same bytes in an
environment of its own and is timed from Python, because that is where it can be used.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from ringfence.bench import conditions as surroundings
from ringfence.bench import driver, peers
from ringfence.bench.peers import Peer, PeersPlan
from ringfence.bench.report import Report, Result

__all__ = ["CODECS", "QUICKFIX", "CodecPlan", "bench_codec", "orders", "reports"]

EXAMPLE, PACKAGE = "codec_bench", "ringfence-fix"
MESSAGES = 1_000
"""Messages of each kind."""
SENT = "20260102-14:30:00.123"
RECORDED = ("fix/messages/epam_1000_msg.fix.gz", "fix/dictionaries/FIX44.xml")
"""Recorded messages of 86 types and their dictionary, in the folder of data."""

QUICKFIX = Peer("QuickFIX", "quickfix_peer", ("quickfix-py==0.0.3",))
CODECS = (Peer("simplefix", "simplefix_peer", ("simplefix==1.0.17",)), QUICKFIX)


class CodecPlan(msgspec.Struct, frozen=True):
    """How much is measured, and where the peers' environments are."""

    folder: Path
    rounds: int = 50
    """Times that every message is read and written for each case."""
    data: Path | None = None
    """Folder with recorded messages, None for none."""
    offline: bool = False
    """Whether only environments that are there are used."""
    rust: bool = True
    """Whether the Rust program is used where it can be built."""


class Measured(msgspec.Struct, frozen=True):
    """What the Rust program printed."""

    results: list[Result]
    checksum: str
    """Digest of every tag and value that was read, the same in every run."""
    fields: int
    refused: int
    """Messages that their dictionary refuses."""
    garbled: int
    clock_ns: int


def orders() -> Iterator[str]:
    """Yield new orders (FIX 4.4, 35=D) with other identifiers, quantities and prices."""
    for number in range(1, MESSAGES + 1):
        fields = (
            f"35=D|34={number}|49=CLIENT|56=BROKER|52={SENT}|11=ORD{number:08d}|1=ACCT01|55=AAPL|"
            f"54={1 + number % 2}|60={SENT}|38={100 + number % 900}|40=2|"
            f"44={100 + number % 1_000 / 100:.2f}|59=0|"
        )
        yield _framed(fields)


def reports() -> Iterator[str]:
    """Yield execution reports (FIX 4.4, 35=8) of fills."""
    for number in range(1, MESSAGES + 1):
        price = f"{100 + number % 1_000 / 100:.2f}"
        quantity = 100 + number % 900
        fields = (
            f"35=8|34={number}|49=VENUE|56=BROKER|52={SENT}|37=V{number}|11=N1-20260102-{number}-0|"
            f"17=E{number}|150=F|39=2|1=ACCT01|55=AAPL|54={1 + number % 2}|38={quantity}|40=2|"
            f"44={price}|59=0|32={quantity}|31={price}|151=0|14={quantity}|6={price}|60={SENT}|"
        )
        yield _framed(fields)


def _framed(fields: str) -> str:
    body = fields.replace("|", "\x01")
    message = f"8=FIX.4.4\x019={len(body)}\x01{body}"
    return f"{message}10={sum(message.encode()) % 256:03d}\x01"


def bench_codec(plan: CodecPlan, tell: Callable[[str], None]) -> Report:
    """Measure the codec and its peers and return the report; `tell` hears of long pieces of work.

    Raises UsageError when the program fails: also when a message is not written as it was read.
    """
    found = surroundings.conditions() | {"messages": f"{MESSAGES} of each kind", "data": "none"}
    streams = {"NewOrderSingle": list(orders()), "ExecutionReport": list(reports())}
    results: list[Result] = []
    about: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ringfence-codec-") as name:
        folder = Path(name)
        tell("Ringfence")
        why_not = driver.missing() if plan.rust else "not asked for"
        if why_not is None:
            measured = _from_rust(plan, streams, folder)
            results += measured.results
            outcome = msgspec.to_builtins(measured)
            del outcome["results"]
            found |= outcome | {"rustc": driver.rustc()}
            if plan.data is not None:
                found["data"] = RECORDED[0]
        else:
            results.append(Result(f"codec: not measured: {why_not}", "ns/message", 0))
        items = folder / "messages.json"
        items.write_text(json.dumps({"messages": streams}), encoding="utf-8")
        for peer in CODECS:
            tell(f"{peer.name}: {', '.join(peer.requirements)}")
            terms = PeersPlan(plan.folder, offline=plan.offline)
            rows, about[peer.name] = peers.measured(peer, terms, items)
            results += [msgspec.structs.replace(row, unit="ns/message") for row in rows]
    found |= {"load_after": surroundings.conditions()["load"], "peers": about}
    return Report("codec", surroundings.commit(), found, results, [])


def _from_rust(plan: CodecPlan, streams: dict[str, list[str]], folder: Path) -> Measured:
    """Time the codec with the example `codec_bench` of the crate `ringfence-fix`."""
    words = [str(plan.rounds)]
    for name, messages in streams.items():
        file = folder / name
        file.write_bytes("".join(messages).encode())
        words += [name, str(file), "compact"]
    if plan.data is not None:
        packed, dictionary = (plan.data / path for path in RECORDED)
        file = folder / "recorded"
        file.write_bytes(gzip.decompress(packed.read_bytes()))
        words += ["recorded", str(file), str(dictionary)]
    printed = driver.run(driver.build(PACKAGE, EXAMPLE), *words)
    return msgspec.json.decode(printed, type=Measured)
