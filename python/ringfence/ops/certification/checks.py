"""The checks about orders: what RTS 7 Art. 9 lists first, and the venue's throttle."""

from __future__ import annotations

import time
from typing import Final

from ringfence.ops.certification.orders import Denied, Order
from ringfence.ops.certification.trial import VENUE_LINK, Failed, NotExercised, Seen, Trial
from ringfence.ops.certification.venue_side import Deed

__all__ = ["ORDERS_MAX", "cancel", "change", "rejection", "submission", "throttles"]

ORDERS_MAX: Final = 2_000
"""Most orders that a certification sends in a second."""
WINDOW_S: Final = 1.1
"""A little more than the second in which a venue counts."""
BEYOND_THE_RATE: Final = "VENUE_RATE"


def submission(trial: Trial, seen: Seen) -> None:
    """Demand that an order is at the venue once, and acknowledged."""
    order = trial.enter(seen)
    trial.once(seen, order)
    trial.cancel(seen, order)


def rejection(trial: Trial, seen: Seen) -> None:
    """Demand that an order which the venue refuses ends with the venue's reason."""
    trial.do(seen, Deed.REJECT)
    order = trial.sent(seen, trial.desk.enter())
    end = trial.ended(order)
    text = str(end.get("text", ""))
    seen.say(f"{order.wire_id} ended: {end['how']}, {text or 'no reason'}", how=end["how"])
    if end["how"] != "rejected" or not text:
        raise Failed("expected a rejection with a reason")
    seen.evidence["text"] = text


def change(trial: Trial, seen: Seen) -> None:
    """Demand that less quantity, and then more at another price, is confirmed each."""
    order = trial.enter(seen)
    lot = trial.plan.instrument.lot_size
    _changed(trial, seen, order, order.qty - lot, same_price=True)
    _changed(trial, seen, order, order.qty + 2 * lot, same_price=False)
    trial.cancel(seen, order)


def _changed(trial: Trial, seen: Seen, order: Order, qty: int, *, same_price: bool) -> None:
    since = trial.mark()
    price = order.price if same_price else trial.desk.next_price(order.price)
    events = trial.desk.change(order, qty, price)
    for denied in (event for event in events if event["event"] == "denied"):
        raise Failed(f"the node denied a change: {denied['reason']} (rule {denied['rule']})")
    trail = trial.gateway.trail

    def answered() -> dict[str, object] | None:
        done = trail.first(since, event="child_replaced", child_id=order.child_id)
        refused = trail.first(since, event="child_request_refused", child_id=order.child_id)
        return done or refused or trial.desk.end_of(order)

    answer = trial.wait(answered, f"an answer to the change of {order.wire_id}")
    if answer["event"] != "child_replaced":
        raise Failed(f"a change was not confirmed: {answer.get('text') or answer['event']}")
    asked = trail.first(since, event="child_replace_requested", child_id=order.child_id)
    name = "" if asked is None else str(asked["cl_ord_id"])
    seen.say(f"changed to {qty} at {price}, as {name}", **{f"changed_to_{qty}": name})


def cancel(trial: Trial, seen: Seen) -> None:
    """Demand that a cancel is confirmed, and that a second one is refused."""
    order = trial.enter(seen)
    trial.cancel(seen, order)
    end = trial.desk.end_of(order)
    if end is None or end["how"] != "canceled":
        raise Failed(f"{order.wire_id}: expected canceled")
    again = trial.desk.cancel(order)
    reasons = [event["reason"] for event in again if event["event"] == "denied"]
    seen.say(f"a second cancel was denied: {', '.join(reasons) or 'no'}")
    if not reasons:
        raise Failed("a cancel of a closed order was not denied")


def throttles(trial: Trial, seen: Seen) -> None:
    """Demand that what is beyond the venue's rate is denied and never leaves."""
    most = trial.plan.message_max
    if most > ORDERS_MAX:
        raise NotExercised(f"message_max is {most}, at most {ORDERS_MAX} orders are sent at once")
    time.sleep(WINDOW_S)  # what was sent before is out of the second that is counted
    since = trial.mark()
    reference = trial.reference()
    found = trial.desk.enter_many(most + 1, trial.desk.resting_price(reference), reference)
    sent = [one for one in found if isinstance(one, Order)]
    denied = [one for one in found if isinstance(one, Denied)]
    for order in sent:
        trial.acknowledged(order)
    left = sum(event["msg_type"] == "D" for event in trial.gateway.trail.sent(VENUE_LINK, since))
    reasons = sorted({one.reason for one in denied})
    seen.say(
        f"{len(found)} orders in one second, the venue takes {most}: {len(sent)} went out and "
        f"were acknowledged, {len(denied)} were denied: {', '.join(reasons)}",
        entered=len(found), sent=len(sent), denied=len(denied), reasons=reasons,
    )  # fmt: skip
    _withdraw(trial, seen, sent)
    if reasons != [BEYOND_THE_RATE]:
        raise Failed(
            f"expected denials for {BEYOND_THE_RATE} alone, found {', '.join(reasons) or 'none'}"
        )
    if left != len(sent) or len(sent) > most:
        raise Failed(f"{left} orders left, {len(sent)} were sent, the venue takes {most}")


def _withdraw(trial: Trial, seen: Seen, orders: list[Order]) -> None:
    """Cancel many orders no faster than the venue takes messages."""
    step = max(trial.plan.message_max // 2, 1)
    for at in range(0, len(orders), step):
        time.sleep(WINDOW_S)
        trial.cancel(seen, *orders[at : at + step])
    seen.say(f"{len(orders)} orders were canceled")
