"""The one tree of errors, and what its messages say."""

from __future__ import annotations

import re

import pytest
from ringfence import errors
from ringfence.errors import ConfigError, ConfigProblem, InputError, RingfenceError


def test_the_tree_is_drawn_as_it_is() -> None:
    """Rule 20 of STYLE.md: one exception tree, and the drawing of it in the module is complete."""
    drawn = re.findall(
        r"^ +(?:[├└]── )?(\w+(?:Error|Halted))\b", errors.__doc__ or "", re.MULTILINE
    )
    raised = [name for name in errors.__all__ if name != "ConfigProblem"]
    assert sorted(raised) == sorted(drawn)
    assert all(issubclass(getattr(errors, name), RingfenceError) for name in raised)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InputError("bad"), "bad"),
        (InputError("bad", 3), "line 3: bad"),
        (InputError("bad", 3, "qty", "in.jsonl"), "in.jsonl:3: bad"),
        (InputError("bad", path="in.jsonl"), "in.jsonl: bad"),
    ],
    ids=["alone", "line", "file and line", "file"],
)
def test_an_input_error_says_where(error: InputError, message: str) -> None:
    """Rule 21 of STYLE.md: a message says whose it is: the file, the line."""
    assert message == str(error)


def test_a_config_error_counts_what_it_does_not_show() -> None:
    """Rule 21 of STYLE.md: one line for the first problem, and how many more there are."""
    problem = ConfigProblem("a.b", "text", "the integer 1", 4)
    other = ConfigProblem("", "TOML", "nothing")
    assert "c.toml:4: a.b: expected text; found the integer 1" == str(
        ConfigError("c.toml", (problem,))
    )
    several = ConfigError("c.toml", (other, problem))
    assert str(several).startswith("c.toml: expected TOML; found nothing (and 1 more;")
    assert (other, problem) == several.problems
