"""TOML text: bounded, without floats, with the line of every key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence.config.toml_text import (
    TEXT_BYTES_MAX,
    FloatText,
    KeyPath,
    key_lines,
    parse,
    read_text,
    show_key,
)
from ringfence.errors import ConfigError

from tests.unit.config_sample import SAMPLE

TRICKY = """\
# [not.a.table]
"quoted.key" = 'lit # eral'
dotted . "x y".z = 1

[ a . "b]" ]  # a comment = here
text = \"\"\"
[inside.a.string]
key = 1 \\\"\"\" still
\"\"\"\"
array = [
  "]", # ]
  { p = 1 },
]
[[rows]]
n = 1
[rows.below]
m = 2
[[rows]]
n = 3
'single' = '''
[x]
'''
last = 1979-05-27"""


def paths(value: Any, above: KeyPath = ()) -> list[KeyPath]:
    """Return the paths of all values in tables and arrays."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[KeyPath] = []
    for key, below in rows:
        found.append((*above, key))
        if isinstance(below, dict | list):
            found += paths(below, (*above, key))
    return found


@pytest.mark.parametrize("text", [TRICKY, SAMPLE], ids=["tricky", "sample"])
def test_every_key_has_the_line_that_names_it(text: str) -> None:
    """Rule 21 of STYLE.md: a message says where, so the line of a key is never a guess."""
    lines, written = key_lines(text), text.splitlines()
    everything = paths(tomllib.loads(text))
    assert lines.keys() <= set(everything)
    for path in everything:
        around = [path[:length] for length in range(1, len(path)) if path[:length] in lines]
        below = any(key[: len(path)] == path for key in lines)
        if path in lines:
            last = next(part for part in reversed(path) if isinstance(part, str))
            assert last in written[lines[path] - 1]
        else:  # a table that headers below it imply, or a value inside another one
            assert below or set("[{") & set(written[lines[around[-1]] - 1])


def test_lines_of_repeated_tables_are_told_apart() -> None:
    """Rule 21 of STYLE.md: the second row of an array is not reported as the first."""
    lines = key_lines(TRICKY)
    assert 15 == lines["rows", 0, "n"]
    assert 17 == lines["rows", 0, "below", "m"]
    assert 19 == lines["rows", 1, "n"]
    assert 20 == lines["rows", 1, "single"]
    assert 23 == lines["rows", 1, "last"]
    assert ("inside", "a", "string") not in lines


@given(st.text(alphabet="ab\"'[]{}=#.,\n\\ 1-", max_size=60))
def test_any_text_is_toml_or_an_error_and_lines_never_break(text: str) -> None:
    """Rule 18 of STYLE.md: text from outside is parsed or refused with a reason."""
    try:
        tables = parse(text, "any.toml")
    except ConfigError:
        return
    assert {path[0] for path in key_lines(text)} <= set(tables)


@pytest.mark.parametrize("number", ["0.1", "1e3", "inf", "-nan", "+inf", "6.626e-34", "1_0.5"])
def test_a_float_stays_text(number: str) -> None:
    """R39: a TOML float never becomes a float, so nothing can be rounded before it is refused."""
    assert {"a": FloatText(number)} == parse(f"a = {number}", "f.toml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("[a]\n[a]\n", 2),
        ("a = 'open", None),
        ("a = " + "9" * 5_000, None),
        ("a = " + "[" * 5_000, None),
        ("\ufeffa = 1", 1),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(text: str, line: int | None) -> None:
    """R39: malformed and oversized values are one clear error."""
    with pytest.raises(ConfigError) as refused:
        parse(text, "bad.toml")
    assert (line, "TOML") == (refused.value.line, refused.value.expected)
    assert str(refused.value).startswith("bad.toml:" if line is None else f"bad.toml:{line}:")


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """Rule 7 of STYLE.md: the largest file is read, one byte more is refused."""
    path = tmp_path / "long.toml"
    with path.open("wb") as file:
        file.truncate(TEXT_BYTES_MAX)
    assert TEXT_BYTES_MAX == len(read_text(path))
    with path.open("ab") as file:
        file.write(b"#")
    with pytest.raises(ConfigError, match=f"at most {TEXT_BYTES_MAX} bytes"):
        read_text(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """Rule 18 of STYLE.md: bytes, folders and missing files are refused with a reason."""
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigError, match=r"bytes\.toml:2: expected UTF-8 text; found byte 0xff"):
        read_text(path)
    with pytest.raises(ConfigError, match="a file that can be read"):
        read_text(tmp_path)
    with pytest.raises(ConfigError, match="a file that can be read"):
        read_text(tmp_path / "absent.toml")


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_a_key_is_shown_as_toml_would_read_it(keys: list[str]) -> None:
    """Rule 21 of STYLE.md: the key of a message can be copied into the file."""
    shown = show_key(tuple(keys))
    assert shown.isprintable()
    value: Any = tomllib.loads(f"{shown} = 1")
    for key in keys:
        value = value[key]
    assert 1 == value
