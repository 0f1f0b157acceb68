"""The digest of a configuration: the same for the same meaning, another for any other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence.config import Config, canonical_json, digest, loads
from ringfence.config import compile as compile_config
from ringfence.config.reading import read
from ringfence.config.toml_text import KeyPath

from tests.unit.config_sample import RAW, SAMPLE, changed, leaves, sample, with_value

CURRENCY = ("gateway", "base_currency")  # cannot change alone: every amount of money names it


def shuffled(value: Any, order: random.Random) -> Any:
    """Return a value with the keys of every table in another order."""
    if isinstance(value, dict):
        keys = order.sample(sorted(value), len(value))
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


def others(value: Any) -> Iterator[Any]:
    """Yield values of the same kind that mean something else."""
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case _:
            yield from (f"{value}x", "stop", "allow", "mid", "last", "overnight", "7 %", "7 s")
            yield from ("7 shares", "7 USD", "7 count", "7", "2026-01-06", "3" * 64, "GBP")


def config_of(raw: dict[str, Any]) -> Config | None:
    """Return the configuration of plain values, None if they have the wrong shape."""
    return read(raw)[0]


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(order: random.Random) -> None:
    """R80: two nodes with the same meaning in another order attest to the same digest."""
    config = config_of(shuffled(RAW, order))
    assert config is not None
    assert digest(sample()) == digest(config)
    assert compile_config(sample()) == compile_config(config)


@pytest.mark.parametrize("path", [path for path, _ in leaves(RAW) if path != CURRENCY], ids=str)
def test_any_other_value_is_another_digest(path: KeyPath) -> None:
    """R80, R82: no value of the file can drift without the digest showing it."""
    value = dict(leaves(RAW))[path]
    mutants = (config_of(with_value(RAW, path, other)) for other in others(value))
    mutant = next(config for config in mutants if config is not None and config != sample())
    assert digest(sample()) != digest(mutant)


def test_another_currency_is_another_digest() -> None:
    """R80: the same numbers in another currency are another configuration."""
    assert digest(sample()) != digest(loads(SAMPLE.replace("USD", "GBP")))


@pytest.mark.parametrize("table", [key for key in RAW if key not in ("gateway", "profiles")])
def test_any_name_that_is_added_or_taken_away_is_another_digest(table: str) -> None:
    """R80: a row more or less in any table changes the digest."""
    fewer = RAW[table][1:] if isinstance(RAW[table], list) else dict(list(RAW[table].items())[1:])
    config = config_of({**RAW, table: fewer})
    assert config is not None
    assert digest(sample()) != digest(config)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2_000_000 USD"', '"2000000.00 USD"'),
        ('loss_window = "60 s"', 'loss_window = "1 min"'),
        ('"10 %"', '"1_000 bps"'),
        ("repeat_count = 50", 'repeat_count = "50 count"  # a comment'),
        ("tradable = true", "tradable = true\noverrides = {}"),
        ('above = "firm"', 'above = "firm"\ntradable = false'),
        ('shares_outstanding = "550_000 shares"', "shares_outstanding = 550_000"),
        ('value = "500 shares", warn = "50 %"', 'warn = "50 %", value = "500 units"'),
        ('"2026-01-05"', "2026-01-05"),
    ],
    ids=range(9),
)
def test_spelling_does_not_matter(old: str, new: str) -> None:
    """R80: comments, spelling of amounts and written-out defaults are no difference in meaning."""
    text = changed(old, new)
    if "overrides" in new:
        text = text.replace('[accounts.client.overrides]\nloss = "10_000 USD"\n', "")
        expected = SAMPLE.replace('[accounts.client.overrides]\nloss = "10_000 USD"\n', "")
        assert digest(loads(expected)) == digest(loads(text))
    else:
        assert digest(sample()) == digest(loads(text))


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    """R80: the canonical form is the standard's: its own examples of order and of escapes."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    rows = {key: index for index, key in enumerate(keys)}
    assert (
        '{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\U0001f600":4,"\ufb33":2}'
    ).encode() == canonical_json(rows)
    assert '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode() == canonical_json(
        "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    )
    assert b'{"a":[null,true,false,-1,{}]}' == canonical_json({"a": (None, True, False, -1, {})})


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, -(2**53), {1: 2}, {"a": b""}, {1}])
def test_what_is_not_exact_has_no_canonical_form(value: object) -> None:
    """R39: a float, or an integer that a reader may round, is never hashed."""
    with pytest.raises(ValueError, match="expected"):
        canonical_json(value)


def test_the_digest_is_stable() -> None:
    """R80: the digest of the sample does not change from release to release."""
    known = "558f95059ba7e06f04598b44adb1ee007824ca60e86b329ce2fe986c05644561"
    assert known == digest(sample())
