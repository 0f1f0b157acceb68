"""`ringfence gate demo`: a small broker's morning, and each decision on it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from ringfence.engine import Event
    from ringfence.ops.examples import Decision

__all__ = ["demo"]

# What is shown of an input; fields that it does not carry are left out.
SHOWN = {
    "basket": "basket_id notional_max",
    "cancel_order": "cl_ord_id",
    "locate": "qty symbol account",
    "margin_requirement": "account buying_power",
    "market_trade": "qty symbol px",
    "new_order": "cl_ord_id side order_qty symbol price",
    "phase_change": "symbol phase",
    "price_band": "symbol lower_px upper_px",
    "quote": "symbol bid_px ask_px",
    "restriction": "side symbol account",
    "slice_proposal": "strategy qty price",
    "status_request": "cl_ord_id",
    "venue_report": "exec_type last_qty last_px",
    "venue_session": "venue",
}
# What is said of an event; one that is not here is said with its own name.
SAID = {
    "child_acknowledged": "acknowledged",
    "child_cancel_requested": "cancel sent",
    "child_closed": "ended",
    "child_sent": "sent",
    "fact_taken": "taken",
    "fill_booked": "filled",
    "latch_tripped": "latched",
    "limit_warned": "warned",
    "order_accepted": "accepted",
    "order_cancel_requested": "canceling",
    "order_status_reported": "status told",
}
DENIED = "DENIED"


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    directory: Annotated[
        Path | None,
        typer.Option(
            help="Also write the example's files into this folder, to change and step them.",
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Step the example inputs and show each decision: what was denied, by which rule, and why.

    No journal is written and no venue is reached.
    """
    from ringfence.cli._output import print_json, show
    from ringfence.config import loads
    from ringfence.ops import examples

    if directory is not None:
        for path in examples.copy(examples.TEN_DENIALS, directory):
            sys.stderr.write(f"wrote {path}\n")
    config = loads(examples.text("ten_denials.toml"), "ten_denials.toml")
    decisions = list(examples.decide(config, examples.text("ten_denials.jsonl")))
    summary = examples.summary(decisions)
    if as_json:
        print_json({"decisions": [_object(decision) for decision in decisions], **summary})
        return
    show(_table(decisions), _sentence(summary))


def _object(decision: Decision) -> dict[str, Any]:
    """Return a decision for JSON."""
    return {
        "line": decision.line,
        "ts": decision.ts,
        "input": {"input": decision.input, **decision.fields},
        "events": [{"event": e.name, "to": e.to, **e.fields} for e in decision.events],
    }


def _table(decisions: list[Decision]) -> Table:
    """Return the table of decisions; denials stand out."""
    from ringfence.cli._output import table

    columns = ("line", "input", "decision", "rule", "reason", "limit", "value", "scope")
    rows = map(_row, decisions)
    return table("ten_denials.jsonl", columns, rows, lambda row: "red" if DENIED in row else None)


def _row(decision: Decision) -> tuple[object, ...]:
    """Return the row of one decision."""
    shown = SHOWN.get(decision.input, "").split()
    said = [str(decision.fields[name]) for name in shown if name in decision.fields]
    head = (decision.line, " ".join([decision.input, *said]))
    denial = decision.denial
    if denial is None:
        return (*head, _outcome(decision.events), None, None, None, None, None)
    return (
        *head,
        DENIED,
        denial["rule"] or None,
        denial["reason"],
        denial.get("limit_value"),
        denial.get("value"),
        f"{denial['scope_kind']} {denial['scope']}",
    )


def _outcome(events: tuple[Event, ...]) -> str:
    """Return what became true, in words, each once."""
    words = (SAID.get(event.name, event.name.replace("_", " ")) for event in events)
    return ", ".join(dict.fromkeys(words))


def _sentence(summary: dict[str, Any]) -> str:
    """Return the summary in words; rule 0 is the order book itself."""
    rules = [rule for rule in summary["rules"] if rule]
    return (
        f"{summary['inputs']} inputs: {summary['orders_accepted']} orders accepted, "
        f"{summary['children_sent']} children sent, {summary['fills_booked']} fills booked.\n"
        f"{summary['denials']} denials, by {len(rules)} rules of the gate and by the order book."
    )
