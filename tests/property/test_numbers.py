"""Numbers at the door: decimal text stays what it says, and nothing that is no number comes in."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence import InputError
from ringfence.engine import Scalar

from tests.world import World

QTY_MAX = 10**10
PX_MAX = 10**9
prices = st.decimals(-PX_MAX, PX_MAX, places=9, allow_nan=False, allow_infinity=False)
quantities = st.integers(1, QTY_MAX)
not_decimal = st.sampled_from(
    (
        "NaN", "nan", "inf", "-inf", "Infinity", "1e3", "1E3", "10e-1", "0x10", "1_000", "1,5", "",
        " 10", "10 ", "+10", "--1", "-", ".", ".5", "5.", "1.2.3", "10\u200b",
        "\uff11\uff10", "\u06f1\u06f0",
        "1.0000000001", "1000000000.000000001", "-1000000000.000000001", "1" * 40, "0." + "0" * 40,
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def broker() -> World:
    """Return a broker whose bank shares trade at every price that can be written."""
    fine: dict[str, Scalar] = {"ladder": "fine", "negative_prices": True}
    steps: dict[str, Scalar] = {"ladder": "fine", "from_px": -PX_MAX, "tick": "0.000000001"}
    world = World(instruments={"BAC": fine}, more=(("tick_definition", steps),))
    world.step("margin_requirement", account="alice", requirement=0, buying_power="1")
    return world


def passive(price: Decimal) -> dict[str, Any]:
    """Return the terms of an order at a price that is never through the market."""
    return {"price": format(price, "f"), "side": "buy" if price <= 10 else "sell"}


@given(price=prices, qty=quantities)
def test_decimal_text_comes_out_as_it_came_in(broker: World, price: Decimal, qty: int) -> None:
    """R39, rule 10 of STYLE.md: no digit of a price or a quantity is lost on the way."""
    accepted, sent = broker.order(order_qty=qty, **passive(price))
    assert ["order_accepted", "child_sent"] == [accepted.name, sent.name]
    assert (price, qty) == (Decimal(accepted["price"]), accepted["order_qty"])
    assert (price, qty) == (Decimal(sent["price"]), sent["qty"])
    assert ("0" if price == 0 else format(price.normalize(), "f")) == sent["price"]


@given(price=prices)
def test_a_price_is_the_same_as_text_integer_and_decimal(broker: World, price: Decimal) -> None:
    """R39: the three ways to write a number in Python mean the same."""
    written: list[Scalar] = [format(price, "f"), price]
    if price == price.to_integral_value():
        written.append(int(price))
    terms = passive(price)
    shown = {broker.order(**(terms | {"price": value}))[1]["price"] for value in written}
    assert 1 == len(shown)


@given(value=st.floats() | st.booleans())
def test_a_price_is_never_a_float(broker: World, value: Any) -> None:
    """R39, rule 6 of STYLE.md: binary floating point is refused, whatever it holds."""
    before = broker.kernel.state_hash()
    with pytest.raises(InputError):
        broker.order(price=value)
    assert before == broker.kernel.state_hash()


@given(text=not_decimal, field=st.sampled_from(("price", "stop_px")))
def test_text_that_is_no_plain_decimal_is_refused(broker: World, text: str, field: str) -> None:
    """R39: NaN, infinity, exponents, other digits and more than nine places never come in."""
    before = broker.kernel.state_hash()
    terms = {"ord_type": "stop_limit", "price": "10", "stop_px": "10"}
    with pytest.raises(InputError):
        broker.order(**(terms | {field: text}))
    assert before == broker.kernel.state_hash()


@given(
    qty=st.integers(max_value=-1)
    | st.integers(min_value=QTY_MAX + 1)
    | st.floats()
    | st.decimals(1, 5, places=1).filter(lambda number: number != number.to_integral_value())
    | st.sampled_from(("ten", "1e3", "NaN", "-0.5", True))
)
def test_a_quantity_is_a_whole_number_in_range(broker: World, qty: Any) -> None:
    """R8, R39: units are whole, positive and at most ten billion for one order."""
    before = broker.kernel.state_hash()
    with pytest.raises(InputError):
        broker.order(order_qty=qty)
    assert before == broker.kernel.state_hash()


@pytest.mark.parametrize("qty", [1, QTY_MAX])
def test_the_ends_of_the_range_of_quantities_are_in_it(broker: World, qty: int) -> None:
    """R39: what is just inside passes."""
    assert qty == broker.order(order_qty=qty)[1]["qty"]


@pytest.mark.parametrize("price", [str(PX_MAX), str(-PX_MAX), "0.000000001", "-0.000000001", "0"])
def test_the_ends_of_the_range_of_prices_are_in_it(broker: World, price: str) -> None:
    """R39: what is just inside passes, below zero too where the instrument knows such prices."""
    assert price == broker.order(**passive(Decimal(price)))[1]["price"]


@given(
    text=st.sampled_from(("1e1", "1E1", "NaN", "Infinity", "-Infinity", "10.0000000001", "0x1"))
    | st.floats(allow_nan=False, allow_infinity=False).map(repr).filter(lambda text: "e" in text)
)
def test_a_bad_number_in_a_batch_leaves_nothing_applied(broker: World, text: str) -> None:
    """R39: a line that cannot be read stops the batch before its first line is decided."""
    before = broker.kernel.state_hash()
    good = {"ts": broker.now, "input": "new_order"} | broker.terms()
    bad = json.dumps(good | {"cl_ord_id": "bad", "price": "PLACE"}).replace('"PLACE"', text)
    lines = f"{json.dumps(good)}\n{bad}\n".encode()
    with pytest.raises(InputError) as refused:
        broker.kernel.step_lines(lines)
    assert 2 == refused.value.line
    assert before == broker.kernel.state_hash()


@given(price=prices.filter(lambda price: price == round(price, 4)))
def test_a_json_number_is_read_digit_by_digit(broker: World, price: Decimal) -> None:
    """R39: a number of a batch is text to us, so 0.1 is a tenth and nothing beside it."""
    plain = format(price, "f")
    terms = broker.terms() | passive(price) | {"price": "PLACE"}
    line = json.dumps({"ts": broker.now, "input": "new_order"} | terms).replace('"PLACE"', plain)
    accepted, _ = map(json.loads, broker.kernel.step_lines(line.encode()).splitlines())
    assert price == Decimal(accepted["price"])


@given(times=st.floats() | st.booleans())
def test_time_is_an_integer(broker: World, times: Any) -> None:
    """R39: nanoseconds are counted; a float cannot count them."""
    with pytest.raises((InputError, TypeError)):
        broker.kernel.step("tick", ts=times)
