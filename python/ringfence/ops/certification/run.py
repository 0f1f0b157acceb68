"""A certification from its start to the certificate: every check, whatever each comes to."""

from __future__ import annotations

import contextlib
import string
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from ringfence import _core
from ringfence.config import settings
from ringfence.engine import Kernel, verify
from ringfence.errors import RingfenceError, UsageError
from ringfence.ops.certification import checks, checks_of_lines
from ringfence.ops.certification.certificate import CHECKS, FORMAT, adapter
from ringfence.ops.certification.gateway import Gateway
from ringfence.ops.certification.orders import Desk
from ringfence.ops.certification.plan import Plan
from ringfence.ops.certification.relay import Relay
from ringfence.ops.certification.trial import (
    Failed,
    NotApplicable,
    NotExercised,
    Seen,
    Trial,
)
from ringfence.ops.certification.venue_side import Unavailable, VenueSide

__all__ = ["Row", "certify"]

START_S: Final = 60.0
PRICE_S: Final = 30.0
SOCKET: Final = "c"
DIGITS: Final = string.digits + string.ascii_uppercase

Row = dict[str, Any]
"""One check as it stands in the certificate."""
Told = Callable[[str, Row | None], None]
"""Is told the name of a check when it begins, and its row when it has ended."""
Check = Callable[[Trial, Seen], None]

RUN: Final[Mapping[str, Check]] = {
    "submission": checks.submission,
    "rejection": checks.rejection,
    "change": checks.change,
    "cancel": checks.cancel,
    "cancel_on_disconnect": checks_of_lines.cancel_on_disconnect,
    "market_data_loss": checks_of_lines.market_data_loss,
    "non_updated_data": checks_of_lines.non_updated_data,
    "throttles": checks.throttles,
    "recovery": checks_of_lines.recovery,
    "intraday_resumption": checks_of_lines.intraday_resumption,
    "suspended_instrument": checks_of_lines.suspended_instrument,
}
CLOSING: Final = "closing"


def certify(
    plan: Plan, side: VenueSide, secrets: Mapping[str, str], places: tuple[Path, Path], told: Told
) -> dict[str, Any]:
    """Certify an adapter and return its certificate.

    `places` are the folder of the journal and a folder with a short name for a socket. Raises
    UsageError where there is no price, RingfenceError where the node does not get to the venue.
    """
    begin = _now()
    parts = adapter(plan.config, plan.venue, plan.file)
    with _trial(plan, side, secrets, places) as trial:
        rows = [_row(name, check, trial, told) for name, check in RUN.items()]
        rows.append(_row(CLOSING, _closing, trial, told))
        day = places[0] / plan.config.gateway.trade_date
    found = _core.journal_stats(day)
    return {
        "format": FORMAT,
        "venue": plan.venue,
        "begin": begin,
        "end": _now(),
        "ringfence": version("ringfence"),
        "build": plan.config.gateway.build,
        "node": plan.config.gateway.node,
        "address": plan.addresses[0],
        "adapter": parts,
        "account": plan.account,
        "symbol": plan.symbol,
        "cancel_on_disconnect": plan.wanted.cancels_on_disconnect,
        "checks": rows,
        "journal": {key: found[key] for key in ("trade_date", "records", "chain_tip")},
    }


@contextlib.contextmanager
def _trial(
    plan: Plan, side: VenueSide, secrets: Mapping[str, str], places: tuple[Path, Path]
) -> Iterator[Trial]:
    """Yield a trial whose node may send orders; it has ended when the block has."""
    journal, folder = places
    with contextlib.ExitStack() as open_now:
        relays = tuple(open_now.enter_context(Relay(address)) for address in plan.addresses)
        aimed = plan.aimed(tuple(relay.address for relay in relays), journal, _node_name())
        gateway = Gateway(settings(aimed, plan.file), secrets, folder / SOCKET)
        open_now.callback(gateway.end)
        desk = Desk(plan, gateway)
        trial = Trial(plan, gateway, desk, relays, side, side.units(_comp_id(plan)))
        if plan.wanted.resets_numbers:
            _start(trial, resets_numbers=True)
            gateway.kill()
        _start(trial)
        if gateway.trail.until(desk.reference, PRICE_S) is None:
            raise UsageError(
                f"{plan.venue}: no price of {plan.symbol} in {PRICE_S:.0f} s; "
                "name another --symbol, or give its --price"
            )
        yield trial


def _start(trial: Trial, *, resets_numbers: bool = False) -> None:
    """Start the node and wait until orders may go to the venue."""
    plan, gateway, since = trial.plan, trial.gateway, trial.mark()
    gateway.start(resets_numbers=resets_numbers)
    try:
        trial.wait(lambda: trial.session(since, connected=True), "its session", START_S)
    except Failed as failure:
        heard = "; ".join(gateway.alerts[-3:]) or "nothing was heard of it"
        message = f"{plan.venue} at {plan.addresses[0]}: {failure}: {heard}"
        raise RingfenceError(message) from None


def _row(name: str, check: Check, trial: Trial, told: Told) -> Row:
    """Run a check and return what it came to; nothing of it is left open."""
    told(name, None)
    seen = Seen()
    state, reason = "passed", ""
    try:
        check(trial, seen)
    except Failed as failure:
        state, reason = "failed", str(failure)
    except (NotExercised, Unavailable) as failure:
        state, reason = "not_exercised", str(failure)
    except NotApplicable as why:
        state, reason = "not_applicable", str(why)
    except RingfenceError as failure:
        state, reason = "failed", str(failure)
    if name != CLOSING:
        try:
            trial.settle()
        except (Failed, RingfenceError) as failure:
            state, reason = "failed", reason or f"was left behind: {failure}"
    row = {
        "name": name,
        "state": state,
        "expected": CHECKS[name],
        "reason": reason,
        "seen": seen.lines,
        "evidence": seen.evidence,
    }
    told(name, row)
    return row


def _closing(trial: Trial, seen: Seen) -> None:
    """Demand that nothing is open after the drain, and that positions are what was reported."""
    code = trial.gateway.drain()
    seen.say(f"the node drained, exit code {code}")
    if code != 0:
        raise Failed(f"the node ended with exit code {code}")
    trail = trial.gateway.trail
    kernel = verify(trail.day)
    still_open = kernel.orders(open_only=True)
    in_doubt = sum(row["buckets"]["in_doubt"] for row in kernel.orders())
    differing = [row for row in kernel.zero_sum() if row["difference"]]
    seen.say(
        f"{len(trail)} records decided again: {len(still_open)} orders open, {in_doubt} in doubt, "
        f"{len(differing)} differences between accounts and venue",
        open=len(still_open), in_doubt=in_doubt, differences=len(differing),
    )  # fmt: skip
    if still_open or in_doubt or differing:
        raise Failed("expected nothing open, nothing in doubt and no difference")
    _positions(trial, seen, kernel)


def _positions(trial: Trial, seen: Seen, kernel: Kernel) -> None:
    """Compare the positions with the fills that the venue reported, and with its own books."""
    opened = sum(
        row.qty for row in trial.plan.config.opening_positions if row.symbol == trial.symbol
    )
    held = sum(
        row["qty"]
        for row in kernel.positions()
        if not row["aggregate"] and row["symbol"] == trial.symbol
    )
    reported = sum(
        int(event["last_qty"]) for event in trial.gateway.trail.events(event="fill_booked")
    )
    seen.say(f"position {held}, of which {opened} opened the day; {reported} were filled")
    if held - opened != reported:
        raise Failed(f"position is {held - opened}, {reported} were reported as bought")
    before, after = trial.held, trial.side.units(_comp_id(trial.plan))
    if before is not None and after is not None:
        bought = after.get(trial.symbol, 0) - before.get(trial.symbol, 0)
        seen.say(f"the venue's own books say {bought}", at_venue=bought)
        if bought != reported:
            raise Failed(f"the venue's books say {bought}, the node {reported}")


def _comp_id(plan: Plan) -> str:
    return plan.fix.sender_comp_id or plan.config.gateway.node


def _node_name() -> str:
    """Return a name that no certification had before: a venue takes a ClOrdID once."""
    left, digits = int(time.time()), ""
    while left:
        left, digit = divmod(left, len(DIGITS))
        digits = DIGITS[digit] + digits
    return f"C{digits}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
