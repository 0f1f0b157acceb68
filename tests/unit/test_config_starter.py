"""The first configuration: what its limits follow from, and that it is in order as it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence import Kernel
from ringfence.config import (
    EXAMPLE_FACTS,
    LIMITS,
    UNLIMITED,
    InstrumentFacts,
    loads,
    read_facts,
    starter,
)
from ringfence.config.calibration import remarks_on
from ringfence.config.starter_file import INSTRUMENTS_MAX, ORDER_NOTIONAL_CAP
from ringfence.errors import ConfigError, InputError

DATE = "2026-01-05"
HEADER = "symbol,price,average_volume,shares_outstanding\n"

symbols = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=7).filter(
    lambda name: name != "*" and name.isprintable() and len(name.encode()) <= 31
)
facts = st.builds(
    InstrumentFacts,
    symbols,
    st.integers(1, 10**15).map(lambda nanos: Decimal(nanos).scaleb(-6)),
    st.integers(1, 10**10),
    st.integers(1, 10**10),
)


@given(st.lists(facts, min_size=1, max_size=4, unique_by=lambda row: row.symbol))
def test_any_starter_is_in_order(rows: list[InstrumentFacts]) -> None:
    """R31: whatever prices and volumes are, every limit is given and none is ineffective."""
    config = loads(starter(tuple(rows), DATE))
    assert {row.symbol for row in rows} == config.instruments.keys()
    about = {remark.path[0] for remark in remarks_on(config)}
    tiny = any(row.average_volume < 100 for row in rows)
    assert about <= ({"operators", "instruments", "profiles"} if tiny else {"operators"})


@pytest.mark.parametrize(
    ("price", "volume", "order_qty", "order_notional", "collar"),
    [
        ("12.40", 8_500_000, 20_100, 274_164, 1_000),
        ("38.75", 2_300_000, 6_400, 260_400, 500),
        ("181.20", 640_000, 1_300, 242_627, 300),
        ("25", 100_000, 1_000, 27_500, 1_000),
        ("25.01", 100_000, 1_000, 26_261, 500),
        ("50.01", 9_999, 99, 5_100, 300),
        ("700_000".replace("_", ""), 1_000, 1, 721_000, 300),
        ("0.5", 50, 1, 1, 1_000),
    ],
)
def test_limits_follow_from_price_and_volume(
    price: str, volume: int, order_qty: int, order_notional: int, collar: int
) -> None:
    """R16: an order is at most 1 % of the average volume and what the cap buys."""
    rows = (InstrumentFacts("A", Decimal(price), volume, 10**9),)
    limits = loads(starter(rows, DATE)).instruments["A"].overrides
    assert str(order_qty) == limits["order_qty"].value
    assert str(order_notional) == limits["order_notional"].value
    assert str(collar) == limits["price_collar"].value == limits["price_drift"].value
    assert order_qty == 1 or order_qty * Decimal(price) <= ORDER_NOTIONAL_CAP
    assert order_qty == 1 or order_qty * 100 <= volume


def test_the_kernel_takes_the_starter() -> None:
    """R13: the first configuration opens the day as it stands."""
    config = loads(starter(EXAMPLE_FACTS, DATE))
    kernel = Kernel(config)
    assert kernel.seq > len(LIMITS)
    (profile,) = (row for name, row in config.profiles.items() if name == "firm")
    assert list(LIMITS) == list(profile.limits)
    assert UNLIMITED not in {bound.value for bound in profile.limits.values()}


def test_the_error_account_of_the_starter_blocks() -> None:
    """R34: the error account is inside the firm, alone, and bounded by one order."""
    config = loads(starter(EXAMPLE_FACTS, DATE))
    error = config.accounts[config.gateway.error_account]
    assert "firm" == error.above
    limits = config.profiles["error"].limits
    assert limits["gross_notional"] == config.profiles["firm"].limits["order_notional"]


def test_prices_are_read_from_a_file(tmp_path: Path) -> None:
    """R39: prices of the file are exact decimals, quotes and empty lines are no matter."""
    path = tmp_path / "prices.csv"
    path.write_text(HEADER + '"BRK.A",629_999.99,1_200,550000\n\nALDR,12.40,8500000,410_000_000\n')
    assert (
        InstrumentFacts("BRK.A", Decimal("629999.99"), 1_200, 550_000),
        InstrumentFacts("ALDR", Decimal("12.4"), 8_500_000, 410_000_000),
    ) == read_facts(path)


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, None, "found nothing"),
        ("symbol,price\n", 1, None, "found symbol,price"),
        (HEADER, None, None, "at least one instrument"),
        (HEADER + "A,1,1\n", 2, None, "expected 4 columns, found 3"),
        (HEADER + ",1,1,1\n", 2, "symbol", "a name of 1 to 31 bytes"),
        (HEADER + "*,1,1,1\n", 2, "symbol", 'other than "*"'),
        (HEADER + "A,1,1,1\nB,nan,1,1\n", 3, "price", 'found "nan"'),
        (HEADER + "A,1e3,1,1\n", 2, "price", 'found "1e3"'),
        (HEADER + "A,0,1,1\n", 2, "price", "expected more than zero"),
        (HEADER + "A,-1,1,1\n", 2, "price", "expected more than zero"),
        (HEADER + "A,1,0,1\n", 2, "average_volume", "expected more than zero"),
        (HEADER + "A,1,1.5,1\n", 2, "average_volume", 'found "1.5"'),
        (HEADER + "A,1,1,10000000001\n", 2, "shares_outstanding", "at most 10000000000"),
        (HEADER + "A,1,1,1\nA,1,1,1\n", 3, "symbol", "found A again"),
        (HEADER + 'A,"1,1,1\n', 2, None, "expected CSV"),
    ],
    ids=range(15),
)
def test_a_price_that_cannot_be_read_is_refused(
    text: str, line: int | None, field: str | None, message: str, tmp_path: Path
) -> None:
    """R39: NaN, floats with exponents, gaps and repetitions are one error with line and field."""
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_facts(path)
    assert (line, field) == (refused.value.line, refused.value.field)
    assert message in str(refused.value)
    assert str(refused.value).startswith(f"{path}:")


def test_a_file_of_prices_is_bounded(tmp_path: Path) -> None:
    """Rule 7 of STYLE.md: the largest number of instruments is read, one more is refused."""
    path = tmp_path / "prices.csv"
    rows = [f"S{number},1,1,1" for number in range(INSTRUMENTS_MAX)]
    path.write_text(HEADER + "\n".join(rows))
    assert INSTRUMENTS_MAX == len(read_facts(path))
    path.write_text(HEADER + "\n".join([*rows, "MORE,1,1,1"]))
    with pytest.raises(InputError, match=f"at most {INSTRUMENTS_MAX}"):
        read_facts(path)
    with pytest.raises(ConfigError, match="a file that can be read"):
        read_facts(tmp_path / "absent.csv")
