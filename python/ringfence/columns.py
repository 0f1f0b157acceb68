"""Inputs and events as columns: Arrow, NumPy or plain sequences in, all three out.

pyarrow and NumPy are needed only where they are used. Nothing passes through a float: a column of
floats is refused. The layout that the kernel reads stays inside the package.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from ringfence import _core
from ringfence.errors import InputError, UsageError

if TYPE_CHECKING:
    import numpy

__all__ = ["Columns", "EventColumns", "arrow_schema", "laid_out"]

Columns: TypeAlias = Mapping[str, Any] | Any
"""Columns by name, each an Arrow or NumPy array or a sequence; or a table of Arrow."""

_Validity: TypeAlias = tuple[bytes, int] | None
_Laid: TypeAlias = (
    tuple[int, _Validity, bytes, bytes] | tuple[int, _Validity, bytes, int, int] | list[Any]
)
DECIMAL_PRECISION, DECIMAL_SCALE = 38, 9
FRAME = {
    "row": "uint32",
    "seq": "uint64",
    "ts": "time",
    "place": "uint32",
    "to": "string",
}


class EventColumns:
    """What became true in a batch: one table for each kind of event, rows in order of time.

    Every table begins with the columns `row` (of the input in its batch, from 0), `seq` (number of
    the record), `ts` (nanoseconds UTC), `place` (position within the record, from 0) and `to`;
    then come the fields that `ringfence schema events` lists for the event. `seq` and `place`
    together order the events of all tables.
    """

    def __init__(self, core: _core.EventColumns, input_name: str) -> None:
        self._core = core
        self._input = input_name
        self.counts: Mapping[str, int] = core.counts()
        """How many events there are of each kind that occurred."""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def lists(self, event: str) -> dict[str, list[Any]]:
        """Return the events of one kind as lists of the values that `Event.fields` holds.

        Decimals are `str`, an absent field is None. A kind that did not occur has no columns.
        """
        return self._core.lists(event)

    def numpy(self, event: str) -> dict[str, numpy.ndarray]:
        """Return the events of one kind as NumPy arrays.

        Whole numbers are integers and truth values booleans where every row has one. All else is
        an array of objects: `Decimal`, `str`, and None for an absent field.

        Raises UsageError when NumPy is not installed.
        """
        arrays, kinds = _imported("numpy", "numpy"), _kinds(event)
        return {
            name: arrays.array(*_numpy_values(values, kinds[name]))
            for name, values in self.lists(event).items()
        }

    def arrow(self, event: str | None = None) -> Any:
        """Return the events of one kind, or all of them in order, as a `pyarrow.Table`.

        Decimals are exact, times are timestamps in UTC. Without `event` the columns are those of
        `ringfence journal export --format parquet`: the frame, then the fields of all events.

        Raises UsageError when pyarrow is not installed.
        """
        arrow = _imported("pyarrow", "analytics")
        if event is not None:
            return self._arrow_table(arrow, event)
        whole = arrow_schema(arrow)
        tables = [whole.empty_table()]
        for name, count in self.counts.items():
            table = self._arrow_table(arrow, name)
            for column, text in (("event", name), ("input", self._input)):
                same = arrow.repeat(arrow.scalar(text), count)
                table = table.append_column(whole.field(column), same)
            tables.append(table.drop_columns(["row"]))
        joined = arrow.concat_tables(tables, promote_options="default").cast(whole)
        return joined.sort_by([("seq", "ascending"), ("place", "ascending")])

    def _arrow_table(self, arrow: ModuleType, event: str) -> Any:
        kinds = _kinds(event)
        arrays, fields = [], []
        for name, validity, offsets, data in self._core.texts(event):
            buffers = [validity, offsets, data]
            wrapped = [None if part is None else arrow.py_buffer(part) for part in buffers]
            length = len(offsets) // 8 - 1
            texts = arrow.Array.from_buffers(arrow.large_string(), length, wrapped)
            kind = _arrow_type(arrow, kinds[name])
            if arrow.types.is_timestamp(kind):
                texts = texts.cast(arrow.int64())
            arrays.append(texts.cast(kind))
            fields.append(arrow.field(name, kind, nullable=name not in FRAME))
        return arrow.Table.from_arrays(arrays, schema=arrow.schema(fields))


def arrow_schema(arrow: ModuleType) -> Any:
    """Return the columns of all events: the frame, then every field in the schema's order."""
    frame = {
        "seq": FRAME["seq"],
        "ts": FRAME["ts"],
        "input": "string",
        "place": FRAME["place"],
        "event": "string",
        "to": FRAME["to"],
    }
    columns = {
        name: arrow.field(name, _arrow_type(arrow, kind), nullable=False)
        for name, kind in frame.items()
    }
    for row in _core.schema("events"):
        for field in row["fields"]:
            column = arrow.field(field["name"], _arrow_type(arrow, _column_kind(field["kind"])))
            if columns.setdefault(field["name"], column) != column:
                message = f"{field['name']} has two types among the events"
                raise AssertionError(message)
    return arrow.schema(list(columns.values()))


@cache
def _kinds(event: str) -> Mapping[str, str]:
    """Return the kind of each column of one kind of event; UsageError when there is none."""
    for row in _core.schema("events"):
        if row["name"] == event:
            return FRAME | {field["name"]: _column_kind(field["kind"]) for field in row["fields"]}
    message = f"expected an event of `ringfence schema events`, found {event}"
    raise UsageError(message)


def _column_kind(kind: str) -> str:
    """Return the kind of a column from the kind of the field in `ringfence schema events`."""
    if kind.startswith("decimal"):
        return "decimal"
    if kind == "boolean":
        return "bool"
    if kind.startswith(("whole quantity", "number of", "0 to")):
        return "uint64"
    if kind in {"basis points", "nanoseconds UTC"} or kind.startswith("signed"):
        return "int64"
    return "string"


def _arrow_type(arrow: ModuleType, kind: str) -> Any:
    if kind == "decimal":
        return arrow.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE)
    return arrow.timestamp("ns", tz="UTC") if kind == "time" else arrow.type_for_alias(kind)


def _numpy_values(values: list[Any], kind: str) -> tuple[list[Any], str]:
    """Return the values of a column and the type of their array."""
    if kind == "decimal":
        return [None if value is None else Decimal(value) for value in values], "object"
    if kind == "string" or None in values:
        return values, "object"
    return values, "int64" if kind == "time" else kind


def _imported(name: str, extra: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        message = f"{name} is not installed: install ringfence[{extra}]"
        raise UsageError(message) from error


def laid_out(columns: Columns) -> list[tuple[str, _Laid]]:
    """Return columns as the kernel reads them.

    Raises InputError for what is no column, UsageError for a table of Arrow without pyarrow.
    """
    if _is_arrow(columns):
        arrow = _imported("pyarrow", "analytics")
        try:
            table = arrow.table(columns)
        except (arrow.ArrowException, TypeError, ValueError) as error:
            raise InputError(f"expected a table of Arrow: {error}") from error
        named: Iterable[tuple[Any, Any]] = zip(table.column_names, table.columns, strict=True)
    elif isinstance(columns, Mapping):
        named = columns.items()
    else:
        found = type(columns).__name__
        raise InputError(f"expected columns by name or a table of Arrow, found {found}")
    laid: dict[str, _Laid] = {}
    for name, values in named:
        if not isinstance(name, str):
            raise InputError(f"expected names of columns as str, found {name!r:.60}")
        if name in laid:
            raise _refused(name, "it is there twice")
        laid[name] = _column(name, values)
    return list(laid.items())


def _is_arrow(values: object) -> bool:
    return hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__")


def _refused(name: str, why: str, row: int | None = None) -> InputError:
    place = "" if row is None else f", row {row}"
    return InputError(f'column "{name}"{place}: {why}', field=name, row=row)


def _column(name: str, values: Any) -> _Laid:
    if _is_arrow(values):
        arrow = _imported("pyarrow", "analytics")
        try:
            return _arrow_column(arrow, name, values)
        except arrow.ArrowException as error:
            raise _refused(name, str(error)) from error
    if hasattr(values, "__array__"):
        return _numpy_column(name, values)
    if isinstance(values, str | bytes) or not isinstance(values, Sequence | memoryview):
        raise _refused(name, f"expected an array or a sequence, found {type(values).__name__}")
    return list(values)


def _numpy_column(name: str, values: Any) -> _Laid:
    array = values.__array__()
    if array.ndim != 1:
        raise _refused(name, f"expected one dimension, found {array.ndim}")
    if array.dtype.kind in "mM":
        found = f"found {array.dtype}: pass whole nanoseconds UTC, or Arrow with a time zone"
        raise _refused(name, f"expected integers, {found}", row=0)
    is_masked = hasattr(values, "filled")
    if array.dtype.kind == "i" and not is_masked:
        return len(array), None, array.astype("<i8").tobytes(), 8, 0
    plain: list[Any] = values.tolist() if is_masked else array.tolist()  # what is masked is None
    return plain


def _arrow_column(arrow: ModuleType, name: str, values: Any) -> _Laid:
    """Return a column of Arrow; a type without a layout goes value by value."""
    if not isinstance(values, arrow.ChunkedArray):
        is_stream = hasattr(values, "__arrow_c_stream__")
        values = arrow.chunked_array(values if is_stream else [arrow.array(values)])
    types, kind = arrow.types, values.type
    if types.is_dictionary(kind):
        return _arrow_column(arrow, name, values.cast(kind.value_type))
    if types.is_timestamp(kind) and kind.tz is not None and name in _times():
        values = values.cast(arrow.timestamp("ns", tz="UTC")).cast(arrow.int64())
    elif types.is_signed_integer(kind) or (types.is_unsigned_integer(kind) and kind.bit_width < 64):
        values = values.cast(arrow.int64())
    elif types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _texts(_whole(values.cast(arrow.large_string())))
    elif not types.is_decimal128(kind) or kind.scale < 0:
        plain: list[Any] = values.to_pylist()
        return plain
    return _integers(_whole(values))


def _whole(values: Any) -> Any:
    """Return the only chunk of a column."""
    joined = values.combine_chunks()
    return joined.chunk(0) if hasattr(joined, "chunk") else joined


def _integers(array: Any) -> _Laid:
    validity, data = array.buffers()
    width, scale = array.type.bit_width // 8, getattr(array.type, "scale", 0)
    found = _bytes(data, array.offset * width, len(array) * width)
    return len(array), _validity(array, validity), found, width, scale


def _texts(array: Any) -> _Laid:
    validity, offsets, data = array.buffers()
    ends = _bytes(offsets, array.offset * 8, (len(array) + 1) * 8) or bytes(8)
    (first,), (last,) = struct.unpack("<q", ends[:8]), struct.unpack("<q", ends[-8:])
    return len(array), _validity(array, validity), _bytes(data, first, last - first), ends


def _validity(array: Any, bits: Any) -> _Validity:
    """Return the validity bits and how many of them stand before the first row."""
    if bits is None:
        return None
    first, skipped = divmod(array.offset, 8)
    return _bytes(bits, first, (skipped + len(array) + 7) // 8), skipped


def _bytes(buffer: Any, start: int, size: int) -> bytes:
    """Return a part of a buffer of Arrow, which may be absent when nothing is in it."""
    part: bytes = b"" if buffer is None else buffer.slice(start, size).to_pybytes()
    return part


@cache
def _times() -> frozenset[str]:
    """Return the names of the fields that are times."""
    inputs = (field for row in _core.schema("inputs") for field in row["fields"])
    return frozenset({"ts"} | {f["name"] for f in inputs if f["kind"] == "nanoseconds UTC"})
