"""`Kernel.step_columns`: columns mean what single steps mean, or nothing happens at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence import EventColumns, InputError, Kernel, UsageError

from tests.world import START, World

arrow: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
numpy: Any = pytest.importorskip("numpy", reason="numpy is not installed")

PRICES = ("10.00", "9.99", None, "0.000000001", "10.25")
SLICED = slice(3, 8)
ROWS_MAX = 262_144


def quotes(**changed: Any) -> dict[str, Any]:
    """Return columns of five quotes, changed as given; None leaves a column out."""
    columns = {
        "ts": [START + row for row in range(5)],
        "symbol": ["BAC", "IBM", "SONY", "BAC", "IBM"],
        "bid_px": list(PRICES),
        "ask_px": ["10.05", "10.06", None, "10.07", "10.30"],
    }
    found = {**columns, **changed}
    return {name: column for name, column in found.items() if column is not None}


def told(events: EventColumns) -> list[dict[str, Any]]:
    """Return the events in order as rows of the form that `step_lines` writes."""
    rows = []
    for event in events.counts:
        columns = events.lists(event)
        for values in zip(*columns.values(), strict=True):
            row = dict(zip(columns, values, strict=True)) | {"event": event}
            rows.append({name: value for name, value in row.items() if value is not None})
    rows.sort(key=lambda row: (row["seq"], row["place"]))
    return [{k: v for k, v in row.items() if k not in {"row", "place"}} for row in rows]


def stepped(name: str, columns: dict[str, list[Any]]) -> tuple[list[dict[str, Any]], str]:
    """Return what lines of the same rows say and become."""
    world = World()
    lines = []
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True)) | {"input": name}
        lines.append(json.dumps(row, default=str))
    events = world.kernel.step_lines("\n".join(lines).encode())
    return [json.loads(line) for line in events.splitlines()], world.kernel.state_hash()


def decimals(values: Any) -> list[Decimal | None]:
    """Return prices as decimals."""
    return [None if value is None else Decimal(value) for value in values]


def sliced(array: Any) -> Any:
    """Return the array as a slice out of a larger one that starts within a byte of its bits."""
    filling = arrow.nulls(SLICED.start, array.type)
    return arrow.concat_arrays([filling, array, filling])[SLICED]


# The prices of the quotes in every form in which they may come.
FORMS: dict[str, Callable[[], Any]] = {
    "text": lambda: list(PRICES),
    "tuple of text": lambda: PRICES,
    "decimals": lambda: decimals(PRICES),
    "array of objects": lambda: numpy.array(decimals(PRICES), dtype=object),
    "Arrow text": lambda: arrow.array(PRICES),
    "Arrow text, sliced": lambda: sliced(arrow.array(PRICES)),
    "Arrow text, chunks": lambda: arrow.chunked_array([PRICES[:2], PRICES[2:]], arrow.string()),
    "Arrow text, large": lambda: arrow.array(PRICES, arrow.large_string()),
    "Arrow text, view": lambda: arrow.array(PRICES, arrow.string_view()),
    "Arrow dictionary": lambda: arrow.array(PRICES).dictionary_encode(),
    "Arrow decimals": lambda: arrow.array(decimals(PRICES), arrow.decimal128(38, 9)),
    "Arrow decimals, sliced": lambda: sliced(arrow.array(decimals(PRICES))),
    "Arrow decimals, fine": lambda: arrow.array(decimals(PRICES), arrow.decimal128(38, 20)),
    "Arrow decimals, wide": lambda: arrow.array(decimals(PRICES), arrow.decimal256(60, 9)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_column_is_the_same_input(form: str) -> None:
    """R39, I6: prices stay exact, whatever brings them, and nulls are absent fields."""
    expected = stepped("quote", quotes())
    world = World()
    events = world.kernel.step_columns("quote", quotes(bid_px=FORMS[form]()))
    assert expected == (told(events), world.kernel.state_hash())


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint32", "uint64"])
@pytest.mark.parametrize("made", ["numpy", "backwards", "masked", "arrow", "objects", ">"])
def test_an_integer_is_whole_units(kind: str, made: str) -> None:
    """What to avoid 6 of STYLE.md: an integer price is whole currency units, as in `step`."""
    values = numpy.array([10, 11, 12, 10, 11], dtype=kind)
    forms: dict[str, Callable[[], Any]] = {
        "numpy": lambda: values,
        "backwards": lambda: numpy.array(values[::-1])[::-1],
        "masked": lambda: numpy.ma.array(values),
        "arrow": lambda: arrow.array(values),
        "objects": lambda: list(values),
        ">": lambda: values.astype(values.dtype.newbyteorder(">")),
    }
    expected = stepped("quote", quotes(bid_px=[10, 11, 12, 10, 11], ask_px=["13"] * 5))
    world = World()
    events = world.kernel.step_columns("quote", quotes(bid_px=forms[made](), ask_px=["13"] * 5))
    assert expected == (told(events), world.kernel.state_hash())


def test_what_is_masked_is_absent() -> None:
    """Rule 12 of STYLE.md: the number under a mask is nobody's price."""
    masked = numpy.ma.array([10, 11, 12, 10, 11], mask=[0, 1, 0, 1, 0])
    expected = stepped("quote", quotes(bid_px=[10, None, 12, None, 11]))
    world = World()
    events = world.kernel.step_columns("quote", quotes(bid_px=masked))
    assert expected == (told(events), world.kernel.state_hash())


@pytest.mark.parametrize("unit", ["ns", "us"])
def test_times_may_be_timestamps_with_a_zone(unit: str) -> None:
    """R39: an instant is nanoseconds UTC; without a zone it is no instant."""
    whole = [START + 1_000 * row for row in range(5)]
    times = arrow.array(whole, arrow.timestamp("ns")).cast(arrow.timestamp(unit))
    expected = stepped("quote", quotes(ts=whole))
    world = World()
    zoned = times.cast(arrow.timestamp(unit, "America/New_York"))
    events = world.kernel.step_columns("quote", quotes(ts=zoned))
    assert expected == (told(events), world.kernel.state_hash())
    with pytest.raises(InputError, match=r'^column "ts", row 0: '):
        world.kernel.step_columns("quote", quotes(ts=times))


@pytest.mark.parametrize("made", ["table", "batch", "foreign"])
def test_a_table_of_arrow_is_columns_by_name(made: str) -> None:
    """R39: any object that exports Arrow's stream or array is taken."""

    class Foreign:
        def __init__(self, table: Any) -> None:
            self.__arrow_c_stream__ = table.__arrow_c_stream__

    batch = arrow.RecordBatch.from_pydict(quotes(bid_px=decimals(PRICES)))
    table = arrow.Table.from_batches([batch[:2], batch[2:]])
    world = World()
    given_columns = {"table": table, "batch": batch, "foreign": Foreign(table)}[made]
    events = world.kernel.step_columns("quote", given_columns)
    assert stepped("quote", quotes()) == (told(events), world.kernel.state_hash())


# What is wrong -> the changed columns, the column and the row that are named.
BAD: dict[str, tuple[dict[str, Any], str, int | None]] = {
    "a column without a field": ({"venue": ["XNYS"] * 5}, "venue", None),
    "no times": ({"ts": None}, "ts", None),
    "no symbols": ({"symbol": None}, "symbol", None),
    "short": ({"bid_px": ["10"] * 4}, "bid_px", None),
    "long": ({"bid_px": ["10"] * 6}, "bid_px", None),
    "null where a value must be": ({"symbol": ["BAC"] * 4 + [None]}, "symbol", 4),
    "null in Arrow": ({"symbol": arrow.array(["BAC", None] + ["BAC"] * 3)}, "symbol", 1),
    "null time": ({"ts": [START, None, START, START, START]}, "ts", 1),
    "time that falls": ({"ts": [START + 1, START + 1, START, START, START]}, "ts", 2),
    "time before the kernel's": ({"ts": [START - 1] * 5}, "ts", 0),
    "negative time": ({"ts": [START, -1, START, START, START]}, "ts", 1),
    "time as text": ({"ts": [str(START)] * 5}, "ts", 0),
    "time without a zone": ({"ts": numpy.array([START] * 5, "datetime64[ns]")}, "ts", 0),
    "float": ({"bid_px": ["10", "10", 10.0, "10", "10"]}, "bid_px", 2),
    "floats": ({"bid_px": numpy.array([10.0] * 5)}, "bid_px", 0),
    "small floats": ({"bid_px": [numpy.float32(10)] * 5}, "bid_px", 0),
    "Arrow floats": ({"bid_px": arrow.array([None, 10.0, 1.0, 1.0, 1.0])}, "bid_px", 1),
    "NaN": ({"bid_px": numpy.array([numpy.nan] * 5)}, "bid_px", 0),
    "NaN as text": ({"bid_px": ["10", "NaN", "10", "10", "10"]}, "bid_px", 1),
    "NaN as a decimal": ({"bid_px": ["10", "10", "10", Decimal("NaN"), "10"]}, "bid_px", 3),
    "infinity": ({"bid_px": arrow.array(["10"] * 4 + ["inf"])}, "bid_px", 4),
    "too fine": ({"bid_px": decimals(["10"] * 4 + ["1.0000000001"])}, "bid_px", 4),
    "too fine in Arrow": (
        {"bid_px": arrow.array(decimals(["10"] * 4 + ["1.0000000001"]))},
        "bid_px",
        4,
    ),
    "truth for a price": ({"bid_px": numpy.array([True] * 5)}, "bid_px", 0),
    "number for a name": ({"symbol": numpy.arange(5)}, "symbol", 0),
    "bytes": ({"symbol": numpy.array([b"BAC"] * 5)}, "symbol", 0),
    "date": ({"bid_px": [datetime(2013, 8, 1, tzinfo=UTC)] * 5}, "bid_px", 0),
    "list of Arrow": ({"bid_px": arrow.array([["10"]] * 5)}, "bid_px", 0),
    "two dimensions": ({"bid_px": numpy.ones((5, 1), dtype=int)}, "bid_px", None),
    "text as a column": ({"symbol": "BACBA"}, "symbol", None),
    "one value": ({"bid_px": 10}, "bid_px", None),
    "set": ({"bid_px": {"10"}}, "bid_px", None),
    "time beyond nanoseconds": (
        {"ts": arrow.array([2**55] * 5, arrow.timestamp("us", "UTC"))},
        "ts",
        None,
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_column_is_one_error_and_changes_nothing(kind: str) -> None:
    """R13, R39: column and row are named, and no row of the batch was applied."""
    changed, column, row = BAD[kind]
    world = World()
    before = world.kernel.seq, world.kernel.state_hash()
    with pytest.raises(InputError) as refused:
        world.kernel.step_columns("quote", quotes(**changed))
    assert (column, row) == (refused.value.field, refused.value.row)
    place = "" if row is None else f", row {row}"
    assert str(refused.value).startswith(f'column "{column}"{place}: ')
    assert before == (world.kernel.seq, world.kernel.state_hash())


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("quotes", quotes(), "unknown input"),
        ("quote", [quotes()], "found list"),
        ("quote", {1: ["10"] * 5}, "names of columns as str, found 1"),
        ("quote", arrow.array([1]), "table of Arrow"),
        (
            "quote",
            arrow.Table.from_arrays([arrow.array([1])] * 2, names=["ts", "ts"]),
            'column "ts": it is there twice',
        ),
        ("tick", {"ts": [START] * (ROWS_MAX + 1)}, "at most 262144 rows"),
    ],
)
def test_a_bad_batch_is_one_error(name: str, columns: Any, said: str) -> None:
    """R13, rule 7 of STYLE.md: what is no batch of columns, or too large a one, is refused."""
    with pytest.raises(InputError, match=said):
        Kernel().step_columns(name, columns)


def test_an_empty_batch_is_nothing() -> None:
    """R39: a table without rows is no error, whatever the types of its columns."""
    empty = arrow.table({name: arrow.array([], arrow.string()) for name in quotes()})
    world = World()
    before = world.kernel.seq
    lists: dict[str, list[Any]] = {name: [] for name in quotes()}
    batches = (("quote", lists), ("quote", empty), ("tick", {"ts": numpy.array([])}))
    for name, columns in batches:
        events = world.kernel.step_columns(name, columns)
        assert (0, {}, 0) == (len(events), events.counts, events.arrow().num_rows)
    assert before == world.kernel.seq


def test_without_arrow_and_numpy_sequences_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """R39: both libraries are needed only where they are asked for, and the error says which."""
    expected = stepped("quote", quotes())
    table = arrow.table(quotes())
    for module in ("pyarrow", "numpy"):
        monkeypatch.setitem(sys.modules, module, None)
    world = World()
    events = world.kernel.step_columns("quote", quotes())
    assert expected == (told(events), world.kernel.state_hash())
    for call in (events.arrow, lambda: world.kernel.step_columns("quote", table)):
        with pytest.raises(UsageError, match=r"ringfence\[analytics\]"):
            call()
    with pytest.raises(UsageError, match=r"ringfence\[numpy\]"):
        events.numpy("order_accepted")


def orders(count: int, **changed: list[Any]) -> dict[str, list[Any]]:
    """Return columns of `count` orders of alice, changed as given."""
    terms = World(start=False).terms()
    columns: dict[str, list[Any]] = {"ts": [START] * count}
    columns |= {name: [value] * count for name, value in terms.items()}
    columns["cl_ord_id"] = [f'"\\{row}' for row in range(count)]
    return columns | changed


def test_events_come_back_in_every_form() -> None:
    """R39: lists, arrays of NumPy and tables of Arrow hold the same exact values."""
    world = World()
    first = world.kernel.seq + 1
    events = world.kernel.step_columns("new_order", orders(3, order_qty=[100, 0, 300]))
    assert {"child_sent": 2, "denied": 1, "order_accepted": 2} == dict(events.counts)
    assert 5 == len(events)
    lists, arrays = events.lists("child_sent"), events.numpy("child_sent")
    assert ([0, 2], [first, first + 2]) == (lists["row"], lists["seq"])
    assert ["uint64", "object"] == [str(arrays[name].dtype) for name in ("qty", "price")]
    assert [Decimal(10)] * 2 == arrays["price"].tolist() == decimals(lists["price"])
    table = events.arrow("child_sent")
    assert (list(lists), lists["qty"]) == (table.column_names, table["qty"].to_pylist())
    assert ['"\\0', '"\\2'] == events.arrow("order_accepted")["cl_ord_id"].to_pylist()
    assert (arrow.decimal128(38, 9), arrow.uint64()) == (
        table.schema.field("price").type,
        table.schema.field("qty").type,
    )
    denied = events.numpy("denied")
    assert ["object", "int64"] == [str(denied[name].dtype) for name in ("child_id", "ts")]
    assert {} == events.lists("fill_booked") == events.numpy("fill_booked")
    assert 0 == events.arrow("fill_booked").num_rows
    for form in (events.numpy, events.arrow):
        with pytest.raises(UsageError, match="no_such_event"):
            form("no_such_event")


QUANTITIES = st.one_of(st.none(), st.integers(-1, 2**70))
CENTS = st.one_of(st.none(), st.integers(-(2**62), 2**62))


@given(rows=st.lists(st.tuples(QUANTITIES, CENTS), min_size=1, max_size=8))
def test_columns_and_steps_agree_on_every_number(rows: list[tuple[int | None, int | None]]) -> None:
    """R39: what a single step refuses a batch refuses at that row; what it takes is the same."""
    prices = [None if cents is None else Decimal(cents).scaleb(-2) for _, cents in rows]
    columns = orders(len(rows), order_qty=[qty for qty, _ in rows], price=prices)
    single, batch = World(), World()
    refused_row = None
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        try:
            single.kernel.step("new_order", **dict(zip(columns, values, strict=True)))
        except InputError:
            refused_row = row
            break
    in_arrow = columns | {"price": arrow.array(prices, arrow.decimal128(38, 2))}
    if refused_row is None:
        batch.kernel.step_columns("new_order", in_arrow)
        assert single.kernel.state_hash() == batch.kernel.state_hash()
    else:
        before = batch.kernel.seq
        for form in (columns, in_arrow):
            with pytest.raises(InputError) as refused:
                batch.kernel.step_columns("new_order", form)
            assert (refused_row, before) == (refused.value.row, batch.kernel.seq)
