"""Amounts as people write them: exact, with their unit, refused otherwise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ringfence.config.units import (
    LIMIT_MAX,
    QTY_MAX,
    UNLIMITED,
    Unit,
    parse_duration,
    parse_limit,
    parse_period,
    parse_price,
    parse_quantity,
    parse_share,
    show_limit,
    show_share,
)

WRITTEN = {
    Unit.UNITS: {"shares": 1, "contracts": 1, "units": 1},
    Unit.BPS: {"%": 100, "bps": 1},
    Unit.COUNT: {"count": 1},
    Unit.NS: {
        "ns": 1,
        "us": 1_000,
        "ms": 1_000_000,
        "s": 1_000_000_000,
        "min": 60_000_000_000,
        "h": 3_600_000_000_000,
    },
    Unit.MONEY: {"USD": 1},
}


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2_000_000 USD", Unit.MONEY, "2000000"),
        ("0.10 USD", Unit.MONEY, "0.1"),
        ("007.5000000000000 USD", Unit.MONEY, "7.5"),
        ("10 %", Unit.BPS, "1000"),
        ("0.25%", Unit.BPS, "25"),
        ("25 bps", Unit.BPS, "25"),
        ("500 shares", Unit.UNITS, "500"),
        ("3 contracts", Unit.UNITS, "3"),
        ("30 s", Unit.NS, "30000000000"),
        ("250 ms", Unit.NS, "250000000"),
        ("1.5 us", Unit.NS, "1500"),
        ("20 count", Unit.COUNT, "20"),
        ("20", Unit.COUNT, "20"),
        pytest.param(20, Unit.COUNT, "20", id="plain integer"),
        (UNLIMITED, Unit.MONEY, UNLIMITED),
    ],
)
def test_an_amount_is_read_exactly(text: object, unit: Unit, value: str) -> None:
    """R39: an amount with its unit becomes the exact number that the kernel compares."""
    assert value == parse_limit(text, unit, "USD")


@pytest.mark.parametrize(
    ("raw", "unit"),
    [
        ("2_000_000 EUR", Unit.MONEY),
        ("2_000_000", Unit.MONEY),
        pytest.param(2_000_000, Unit.MONEY, id="integer of money"),
        ("2,000,000 USD", Unit.MONEY),
        ("2e6 USD", Unit.MONEY),
        ("1.0000000001 USD", Unit.MONEY),
        ("NaN USD", Unit.MONEY),
        ("inf USD", Unit.MONEY),
        ("-1 USD", Unit.MONEY),
        ("1000000000000000001 USD", Unit.MONEY),
        ("10", Unit.BPS),
        ("0.001 %", Unit.BPS),
        ("10 percent", Unit.BPS),
        ("500", Unit.UNITS),
        pytest.param(500, Unit.UNITS, id="integer of units"),
        ("500 lots", Unit.UNITS),
        ("0.5 shares", Unit.UNITS),
        ("30", Unit.NS),
        ("30 seconds", Unit.NS),
        ("0.1 ns", Unit.NS),
        ("1__0 count", Unit.COUNT),
        ("_1 count", Unit.COUNT),
        ("1_ count", Unit.COUNT),
        ("\u0661 count", Unit.COUNT),
        pytest.param("9" * 5_000, Unit.COUNT, id="long text"),
        pytest.param(1 << 20_000, Unit.COUNT, id="long integer"),
        (-1, Unit.COUNT),
        (True, Unit.COUNT),
        (1.5, Unit.COUNT),
        ("unlimited", Unit.COUNT),
        ("Unlimited", Unit.MONEY),
        (" 1 count", Unit.COUNT),
        ("1 count\n", Unit.COUNT),
        ("", Unit.COUNT),
        (None, Unit.COUNT),
    ],
)
def test_another_unit_or_no_exact_number_is_refused(raw: object, unit: Unit) -> None:
    """R39: NaN, infinity, floats, signs, exponents and foreign units are refused, with a hint."""
    with pytest.raises(ValueError, match=r"such as .* or \"UNLIMITED\""):
        parse_limit(raw, unit, "USD")


@given(st.sampled_from(Unit), st.data())
def test_spelling_does_not_change_an_amount(unit: Unit, data: st.DataObject) -> None:
    """R39: any number of digits, underscores and spaces means the same exact number."""
    name, factor = data.draw(st.sampled_from(sorted(WRITTEN[unit].items())))
    places = data.draw(st.integers(0, 9))
    digits = data.draw(st.integers(0, 10**12))
    whole, rest = divmod(digits, 10**places)
    grouped = f"{whole:_}" if data.draw(st.booleans()) else str(whole)
    text = grouped + (f".{rest:0{places}}" if places else "") + " " * data.draw(st.integers(0, 3))
    exact = Decimal(digits).scaleb(-places) * factor
    if unit is not Unit.MONEY and exact != int(exact):
        with pytest.raises(ValueError, match="in whole"):
            parse_limit(text + name, unit, "USD")
    elif exact > LIMIT_MAX:
        with pytest.raises(ValueError, match="at most"):
            parse_limit(text + name, unit, "USD")
    else:
        assert exact == Decimal(parse_limit(text + name, unit, "USD"))


@given(st.sampled_from(Unit), st.integers(0, LIMIT_MAX))
@example(Unit.NS, 0)
@example(Unit.BPS, 5)
def test_what_is_shown_is_read_back(unit: Unit, number: int) -> None:
    """R40: the value that is shown beside a use is the value that is written in the file."""
    shown = show_limit(str(number), unit, "USD")
    assert str(number) == parse_limit(shown, unit, "USD")
    assert UNLIMITED == show_limit(UNLIMITED, unit, "USD")


@given(st.integers(0, 10**27))
def test_money_with_fractions_is_shown_and_read_back(nanos: int) -> None:
    """R39: money keeps all its nine fraction digits."""
    exact = Decimal(nanos).scaleb(-9)
    value = parse_limit(f"{exact:f} USD", Unit.MONEY, "USD")
    assert exact == Decimal(value)
    assert value == parse_limit(show_limit(value, Unit.MONEY, "USD"), Unit.MONEY, "USD")


def read_or_refused(raw: object, unit: Unit) -> Decimal | str:
    """Return the number that is read, or what was expected instead."""
    try:
        value = parse_limit(raw, unit, "USD")
    except ValueError as refusal:
        return str(refusal)
    return value if value == UNLIMITED else Decimal(value)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary()))
def test_anything_else_is_refused_and_never_breaks(raw: object) -> None:
    """R39: whatever stands there, reading gives a number or says what was expected."""
    for unit in Unit:
        answer = read_or_refused(raw, unit)
        if isinstance(answer, Decimal):
            assert 0 <= answer <= LIMIT_MAX
        else:
            assert answer == UNLIMITED or "such as" in answer


@pytest.mark.parametrize(
    ("raw", "price"),
    [("42.50", "42.5"), (42, "42"), ("-37.63", "-37.63"), ("-0.0", "0"), ("1_000.10", "1000.1")],
)
def test_a_price_is_read_exactly(raw: object, price: str) -> None:
    """R39: a price is signed and exact, and never passes through a float."""
    assert price == parse_price(raw)


@pytest.mark.parametrize(
    "raw", [42.5, "42.5 USD", "4.25e1", "nan", "-inf", "1000000001", "0.0000000001", True, None]
)
def test_a_price_that_is_not_exact_is_refused(raw: object) -> None:
    """R39: floats, exponents and what 1e-9 cannot hold are no prices."""
    with pytest.raises(ValueError, match="a price as text"):
        parse_price(raw)


def test_amounts_outside_limits_are_bounded() -> None:
    """R39: quantities, shares and times have a largest value, and it is accepted."""
    assert QTY_MAX == parse_quantity(QTY_MAX) == parse_quantity("10_000_000_000 shares")
    assert 1_000_000 == parse_share("10_000 %")
    assert 604_800_000_000_000 == parse_duration("168 h")
    for parse, raw in (
        (parse_quantity, QTY_MAX + 1),
        (parse_share, "1_000_001 bps"),
        (parse_duration, "604_800_001 ms"),
    ):
        with pytest.raises(ValueError, match="at most"):
            parse(raw)


@given(st.integers(0, 1_000_000))
def test_a_share_is_shown_and_read_back(bps: int) -> None:
    """R37: warn and restrict are shown as they are written."""
    assert bps == parse_share(show_share(bps))


def test_a_period_is_in_days_and_never_too_short() -> None:
    """R111: years count their longest, so that nothing which is kept for years goes early."""
    assert 1_826 == parse_period("1826 d") == parse_period("1_826 d")
    assert 1_830 == parse_period("5 y")
    assert 36_600 == parse_period("100 y")
    for raw in ("0 d", "101 y", "5", 5, "1.5 y", "5 years", "30 s", "-5 y", None):
        with pytest.raises(ValueError, match="a number of days or years"):
            parse_period(raw)
