"""The checks about what breaks: the connection, the node, the prices, the instrument."""

from __future__ import annotations

import time
from typing import Final

from ringfence.ops.certification.orders import Denied, Order
from ringfence.ops.certification.trail import Event
from ringfence.ops.certification.trial import (
    VENUE_LINK,
    Failed,
    NotApplicable,
    NotExercised,
    Seen,
    Trial,
)
from ringfence.ops.certification.venue_side import Deed

__all__ = [
    "STALE_MAX_S",
    "cancel_on_disconnect",
    "intraday_resumption",
    "market_data_loss",
    "non_updated_data",
    "recovery",
    "suspended_instrument",
]

STALE_MAX_S: Final = 300.0
"""Longest age of a price whose end is waited for, seconds."""
NANOS_PER_SECOND: Final = 10**9
STALE: Final = ("NO_REFERENCE", "UNPRICEABLE")
SUSPENDED: Final = ("NOT_ENTITLED", "ORDER_TYPE_IN_PHASE", "PHASE_UNKNOWN", "VENUE_HALTED")
DOUBT_S: Final = 3.0
RESEND_REQUEST: Final = "2"


def cancel_on_disconnect(trial: Trial, seen: Seen) -> None:
    """Demand the truth about open orders after a disconnection, as it was declared."""
    declared = trial.plan.wanted.cancels_on_disconnect
    if declared is None:
        raise NotExercised("declare what the venue does: --cancel-on-disconnect yes or no")
    orders = [trial.enter(seen), trial.enter(seen)]
    since = trial.cut(seen)
    trial.up(since)
    for order in orders:
        trial.asked(seen, order, since)
    _as_declared(trial, seen, orders, since)
    trial.cancel(seen, *(order for order in orders if trial.desk.end_of(order) is None))


def _as_declared(trial: Trial, seen: Seen, orders: list[Order], since: int) -> None:
    """Wait until nothing of the orders is in doubt, and compare with what was declared."""
    declared = trial.plan.wanted.cancels_on_disconnect
    for order in orders:
        end = _truth(trial, order, since)
        is_canceled = end["event"] == "child_closed"
        state = end["how"] if is_canceled else "open"
        seen.say(f"{order.wire_id} is {state}", **{f"state_of_{order.wire_id}": state})
        if declared is not None and is_canceled != declared:
            expected = "canceled" if declared else "open"
            raise Failed(f"{order.wire_id} is {state}, declared was {expected}")


def _truth(trial: Trial, order: Order, since: int) -> Event:
    """Wait for the event by which an order is not in doubt any more."""
    resolved = {"event": "child_resolved", "child_id": order.child_id}

    def sure() -> Event | None:
        return trial.desk.end_of(order) or trial.gateway.trail.first(since, **resolved)

    return trial.wait(sure, f"the truth about {order.wire_id}")


def recovery(trial: Trial, seen: Seen) -> None:
    """Demand that orders in doubt are resolved after a broken connection and not sent twice."""
    _doubted(trial, seen, lost="answers")
    _doubted(trial, seen, lost="orders")


def _doubted(trial: Trial, seen: Seen, *, lost: str) -> None:
    """Break the connection with an order that is not answered, and wait for the truth."""
    reference = trial.reference()
    since = trial.mark()
    for relay in trial.relays:
        relay.lose_answers() if lost == "answers" else relay.lose_orders()
    entered = trial.desk.enter_at(trial.desk.resting_price(reference), fact=reference)
    order = trial.sent(seen, entered)
    trail = trial.gateway.trail
    doubt = {"event": "child_in_doubt", "child_id": order.child_id}
    trail.until(lambda: trail.first(since, **doubt), DOUBT_S)
    at = trial.cut(seen)
    trial.event(f"{order.wire_id} to be in doubt", since, **doubt)
    seen.say(f"{order.wire_id} is in doubt: {lost} were lost on their way")
    trial.up(at)
    trial.asked(seen, order, at)
    end = _truth(trial, order, at)
    how = end.get("how", "open")
    again = sum(event["msg_type"] == RESEND_REQUEST for event in trail.sent(VENUE_LINK, at))
    seen.say(f"{order.wire_id} is {how}", **{f"after_lost_{lost}": how})
    seen.say(f"resend requests (35=2): {again}", **{f"resends_after_lost_{lost}": again})
    trial.once(seen, order)
    if trial.desk.end_of(order) is None:
        trial.cancel(seen, order)


def intraday_resumption(trial: Trial, seen: Seen) -> None:
    """Demand that a node which was killed goes on: same orders, same numbers, same quantities."""
    order = trial.enter(seen)
    trail = trial.gateway.trail
    trial.gateway.kill()
    since, last = trial.mark(), max(event["seq"] for event in trail.sent(VENUE_LINK))
    seen.say("the node was killed", last_seq_before=last)
    trial.gateway.start()
    trial.up(since)
    first = next(trail.sent(VENUE_LINK, since))["seq"]
    seen.say(f"numbers go on: {last} was the last one, {first} the next", first_seq_after=first)
    begins = 1 if trial.plan.fix.reset_on_logon or trial.plan.fix.reset_on_disconnect else last + 1
    if first != begins:
        raise Failed(f"expected {begins} as the next number, found {first}")
    trial.asked(seen, order, since)
    _as_declared(trial, seen, [order], since)
    trial.once(seen, order)
    report = trial.gateway.send(
        {"input": "status_request", "session": trial.plan.session, "cl_ord_id": order.cl_ord_id}
    )[0]
    seen.say(f"order_qty {report['order_qty']}, filled {report['cum_qty']}")
    if report["order_qty"] != order.qty:
        raise Failed(f"order_qty is {report['order_qty']}, was {order.qty}")
    if trial.desk.end_of(order) is None:
        trial.cancel(seen, order)


def market_data_loss(trial: Trial, seen: Seen) -> None:
    """Demand that nothing new goes out without prices, and cancels do."""
    _without_prices(trial, seen, Deed.LOSE_PRICES)


def non_updated_data(trial: Trial, seen: Seen) -> None:
    """Demand the same of prices that come and do not change."""
    _without_prices(trial, seen, Deed.FREEZE_PRICES)


def _without_prices(trial: Trial, seen: Seen, deed: Deed) -> None:
    if not trial.plan.fix.market_data:
        raise NotApplicable("market_data = false: the venue's prices are not taken")
    age_s = trial.plan.rules.age_max / NANOS_PER_SECOND
    if age_s > STALE_MAX_S:
        raise NotExercised(f"age_max is {age_s:.0f} s, at most {STALE_MAX_S:.0f} s are waited for")
    since = trial.mark()
    order = trial.enter(seen)
    trail, symbol = trial.gateway.trail, trial.symbol
    if not trail.until(lambda: trail.prices(symbol, since) or None, trial.plan.wanted.wait_s):
        raise NotExercised(f"the venue sent no price of {symbol}")
    seen.say(f"the venue sends prices of {symbol}")
    with trial.disturbed(seen, deed, Deed.HEAL):
        _stale(trial, seen, age_s)
        if trial.plan.takes_market_orders:
            trial.denied(seen, trial.desk.enter_at(None), *STALE)
        trial.denied(seen, trial.desk.enter_at(order.price), *STALE)
        trial.cancel(seen, order)
        after = trial.mark()
    again = trial.enter(seen)
    trial.wait(lambda: trail.prices(symbol, after) or None, f"a price of {symbol} again")
    trial.cancel(seen, again)


def _stale(trial: Trial, seen: Seen, age_s: float) -> None:
    """Wait until the newest price is older than is taken; prices that go on are a failure."""
    trail, symbol, began = trial.gateway.trail, trial.symbol, trial.mark()

    def is_stale() -> bool | None:
        now = time.time_ns()
        newest = _newest(trial)
        return True if now - newest > trial.plan.rules.age_max else None

    limit = age_s + trial.plan.wanted.wait_s
    trial.wait(is_stale, f"the end of the prices of {symbol}", limit)
    count = trail.received(VENUE_LINK, began)
    seen.say(f"no new price for {age_s:.0f} s, {count} messages of the venue", messages=count)


def _newest(trial: Trial) -> int:
    """Return the time of the newest price, whoever told it."""
    for record in reversed(trial.gateway.trail.records):
        if record["input"] in {"quote", "market_trade"} and record["symbol"] == trial.symbol:
            return int(record["ts"])
    return 0


def suspended_instrument(trial: Trial, seen: Seen) -> None:
    """Demand that an order for a suspended instrument is refused, and taken afterwards."""
    reference = trial.reference()
    since = trial.mark()
    with trial.disturbed(seen, Deed.HALT, Deed.REOPEN):
        if trial.plan.fix.market_data:
            _halt(trial, since, active=True)
            seen.say("the venue told that it is suspended (35=f)")
        price = trial.desk.resting_price(reference)
        _refused(trial, seen, trial.desk.enter_at(price, fact=reference))
        reopened = trial.mark()
    if trial.plan.fix.market_data:
        _halt(trial, reopened, active=False)
        seen.say("the venue told that it trades again (35=f)")
    trial.cancel(seen, trial.enter(seen))


def _halt(trial: Trial, since: int, *, active: bool) -> None:
    """Wait until the venue told that its halt began, or that it is over (FIX 326)."""
    told = {"input": "trading_halt", "symbol": trial.symbol, "active": active}

    def changed() -> bool | None:
        records = trial.gateway.trail.records[since:]
        return any(told.items() <= record.items() for record in records) or None

    trial.wait(changed, f"{trial.symbol} to be {'halted' if active else 'open again'}")


def _refused(trial: Trial, seen: Seen, found: Order | Denied) -> None:
    """Demand a refusal: the node's, because it knows, or the venue's."""
    if isinstance(found, Denied):
        trial.denied(seen, found, *SUSPENDED)
        return
    trail = trial.gateway.trail

    def answered() -> dict[str, object] | None:
        end = trial.desk.end_of(found)
        return end or trail.first(event="child_acknowledged", child_id=found.child_id)

    answer = trial.wait(answered, f"an answer to {found.wire_id}")
    if answer.get("how") != "rejected":
        raise Failed(f"{found.wire_id} was taken while {trial.symbol} is suspended")
    seen.say(f"the venue refused {found.wire_id}: {answer.get('text')}", text=answer.get("text"))
