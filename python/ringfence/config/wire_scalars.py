"""Values of the tables about files, connections and times of day: how each is read.

Like `scalars`: each function takes what stands in the file, returns its meaning and raises
ValueError with what was expected. A password has no place here, only where it is kept.
"""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = [
    "ADDRESS",
    "COMPACT",
    "COMP_ID",
    "DICTIONARY_FILES_MAX",
    "FILE_NAME",
    "FILE_NAME_CHARS_MAX",
    "HOST_NAME",
    "READERS",
    "SECRET_REFERENCE",
    "TAPE_SOURCE",
    "TIME_OF_DAY",
    "USER_NAME",
]

COMPACT: Final = "compact"
"""The dictionary that comes with the program."""
DICTIONARY_FILES_MAX: Final = 2
"""Most files of one dictionary: that of the session and that of the application."""
FILE_NAME_CHARS_MAX: Final = 1_024
PORT_MAX: Final = 65_535

ADDRESS: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253}):([0-9]{1,5})")
"""A host, or an IPv6 address in brackets, and a port."""
COMP_ID: Final = re.compile(r"[!-<>-~]{1,31}")
"""Name of a side of a session (FIX 49, 56): printable ASCII without blanks and "="."""
HOST_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,253}")
FILE_NAME: Final = re.compile(rf"[^\x00-\x1f\x7f]{{1,{FILE_NAME_CHARS_MAX}}}")
SECRET_REFERENCE: Final = re.compile(
    r"env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:[^\x00-\x1f\x7f]{1,1024}"
)
TAPE_SOURCE: Final = re.compile(
    r"reconstruction|(?:recorded|lobster|itch):[^\x00-\x1f\x7f]{1,1024}"
)
TIME_OF_DAY: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
USER_NAME: Final = re.compile(r"[ -~]{1,31}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")


def _read_text(raw: object, pattern: re.Pattern[str], expected: str) -> str:
    if not isinstance(raw, str) or not pattern.fullmatch(raw):
        raise ValueError(expected)
    return raw


def _read_address(raw: object) -> str:
    expected = 'a host and a port such as "127.0.0.1:7001" or "[::1]:7001"'
    text = _read_text(raw, ADDRESS, expected)
    if not 1 <= int(text.rpartition(":")[2]) <= PORT_MAX:
        raise ValueError(f"{expected}, the port from 1 to {PORT_MAX}")
    return text


def _read_comp_id(raw: object) -> str:
    expected = 'a comp id of 1 to 31 printable ASCII characters without blanks and "="'
    return _read_text(raw, COMP_ID, expected)


def _read_dictionary(raw: object) -> tuple[str, ...]:
    expected = f'"{COMPACT}", or a list of 1 to {DICTIONARY_FILES_MAX} XML files'
    if raw == COMPACT:
        return ()
    if not isinstance(raw, list) or not 1 <= len(raw) <= DICTIONARY_FILES_MAX:
        raise ValueError(expected)
    return tuple(_read_text(item, FILE_NAME, expected) for item in raw)


def _read_file_name(raw: object) -> str:
    return _read_text(raw, FILE_NAME, f"a file name of 1 to {FILE_NAME_CHARS_MAX} characters")


def _read_host_name(raw: object) -> str:
    return _read_text(raw, HOST_NAME, 'the name of a host such as "fix.venue.example"')


def _read_secret_reference(raw: object) -> str:
    expected = '"env:NAME" or "file:PATH", because a secret never stands in a configuration'
    return _read_text(raw, SECRET_REFERENCE, expected)


def _read_tape_source(raw: object) -> str:
    expected = 'a tape: "reconstruction", "recorded:DIR", "lobster:FILE" or "itch:FILE"'
    return _read_text(raw, TAPE_SOURCE, expected)


def _read_time_of_day(raw: object) -> str:
    if isinstance(raw, datetime.time) and raw.tzinfo is None and raw.microsecond == 0:
        return raw.isoformat()
    text = _read_text(raw, TIME_OF_DAY, 'a time of day such as "09:30" or "20:00:00"')
    return datetime.time.fromisoformat(text).isoformat()


def _read_time_zone(raw: object) -> str:
    expected = 'a time zone of the IANA database such as "America/New_York"'
    text = _read_text(raw, _ZONE, expected)
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError) as unknown:
        raise ValueError(expected) from unknown
    return text


def _read_user_name(raw: object) -> str:
    return _read_text(raw, USER_NAME, "a user name of 1 to 31 printable ASCII characters")


READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "address": _read_address,
    "comp_id": _read_comp_id,
    "dictionary": _read_dictionary,
    "file_name": _read_file_name,
    "host_name": _read_host_name,
    "secret_reference": _read_secret_reference,
    "tape_source": _read_tape_source,
    "time_of_day": _read_time_of_day,
    "time_zone": _read_time_zone,
    "user_name": _read_user_name,
}
"""How each of these kinds is read, by the kind's name in `kinds`."""
