"""Says whether a message is the expected one: as a judge, not byte by byte."""

from __future__ import annotations

from collections import Counter
from itertools import starmap

from tests.conformance.wire import Field, WireError, fields_of

# Length and sum are judged by arithmetic; times differ from run to run; 58 is the engine's wording.
NOT_COMPARED = frozenset({b"9", b"10", b"52", b"58", b"60", b"122"})
TEST_REQ_ID = b"112"
# Stands for whatever id the server gives its TestRequest.
ANY_TEST_REQ_ID = b"TEST"


def difference(expected: bytes, found: bytes) -> str | None:
    """Return the first difference of a message from the expected one, or None.

    8, 9 and 35 stand first and 10 last; then the same fields with the same values, each as often,
    but for those that are not compared. Length and CheckSum are judged where a message is read.
    """
    try:
        wanted, given = fields_of(expected), fields_of(found)
    except WireError as error:
        return str(error)
    order = [tag for tag, _ in given]
    if order[:3] != [b"8", b"9", b"35"] or order[-1] != b"10":
        return f"expected 8, 9, 35 first and 10 last, found {b' '.join(order).decode()}"
    if is_any_test_request(wanted):
        wanted = _with_id(wanted, given)
    missing, extra = Counter(_compared(wanted)), Counter(_compared(given))
    missing, extra = missing - extra, extra - missing
    if not missing and not extra:
        return None
    return f"expected {_shown(missing)}, found {_shown(extra)}"


def is_any_test_request(fields: list[Field]) -> bool:
    """Return whether fields are a TestRequest whose id may be any."""
    return (b"35", b"1") in fields and (TEST_REQ_ID, ANY_TEST_REQ_ID) in fields


def given_id(expected: bytes, found: bytes) -> bytes | None:
    """Return the id that a server gave where the script left it open."""
    if not is_any_test_request(fields_of(expected)):
        return None
    return dict(fields_of(found)).get(TEST_REQ_ID)


def _with_id(wanted: list[Field], given: list[Field]) -> list[Field]:
    value = dict(given).get(TEST_REQ_ID, b"")
    if not value:
        return wanted
    return [(tag, value if tag == TEST_REQ_ID else text) for tag, text in wanted]


def _compared(fields: list[Field]) -> list[Field]:
    return [field for field in fields if field[0] not in NOT_COMPARED]


def _shown(fields: Counter[Field]) -> str:
    shown = sorted(fields.elements(), key=lambda field: (field[0] != b"35", len(field[0]), field))
    texts = starmap("{}={}".format, [(tag.decode(), value.decode()) for tag, value in shown])
    return " ".join(texts) or "nothing more"
