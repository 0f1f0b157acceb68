"""Tables of the wrong shape: each is refused with its key, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence import Kernel
from ringfence.config import loads
from ringfence.config.calibration import remarks_on
from ringfence.config.checking import troubles_of
from ringfence.config.reading import read
from ringfence.config.toml_text import FloatText, KeyPath, show_key
from ringfence.errors import ConfigError

from tests.unit.config_sample import RAW, SAMPLE, changed, found_in, leaves, with_value

PLAN = "phase_plans.us.continuous"
# (what is replaced, what stands there instead, key, expected, found)
SHAPES = [
    ('node = "node1"', 'nod = "node1"', "gateway.nod", "one of node", "an unknown key"),
    ('node = "node1"\n', "", "gateway.node", "a name of 1 to 12 bytes", "nothing"),
    ('"node1"', '"node-of-thirteen"', "gateway.node", "a name of 1 to 12 bytes", '"node-of-'),
    ('"b1"', '""', "gateway.build", "a name of 1 to 31 bytes", '""'),
    ('"b1"', '"a\\u0001b"', "gateway.build", "all of them printable", '"a\\U00000001b"'),
    ('"b1"', '"a\\u202eb"', "gateway.build", "all of them printable", '"a\\U0000202eb"'),
    ('= "USD"', '= "usd"', "gateway.base_currency", 'a currency such as "USD"', '"usd"'),
    ("rearm_max = 3", "rearm_max = -3", "gateway.rearm_max", "a number", "the integer -3"),
    ("rearm_max = 3", "rearm_max = 3.0", "gateway.rearm_max", "a number", "the float 3.0"),
    ("rearm_max = 3", 'rearm_max = "UNLIMITED"', "gateway.rearm_max", "a number", "UNLIMITED"),
    ("2026-01-05", "2026-02-30", "gateway.trade_date", "a date YYYY-MM-DD", '"2026-02-30"'),
    ('"1_000 shares"', "1000.0", "profiles.firm.order_qty", '"500 shares"', "the float 1000.0"),
    ('"1_000 shares"', "nan", "profiles.firm.order_qty", '"500 shares"', "the float nan"),
    ('"1_000 shares"', "1000", "profiles.firm.order_qty", '"500 shares"', "the integer 1000"),
    ('"100_000 USD"', '"100_000 EUR"', "profiles.firm.order_notional", "USD", '"100_000 EUR"'),
    ('"100_000 USD"', "inf", "profiles.firm.order_notional", "USD", "the float inf"),
    ('"100_000 USD"', "100_000", "profiles.firm.order_notional", "USD", "the integer 100000"),
    ('"5 %"', '"5"', "profiles.firm.order_average_volume_share", '"10 %"', '"5"'),
    ('"5 %"', "0.05", "profiles.firm.order_average_volume_share", '"10 %"', "the float 0.05"),
    (
        'duplicate_window = "1 s"',
        'duplicate_window = "1"',
        "profiles.firm.duplicate_window",
        '"30 s"',
        '"1"',
    ),
    (
        'duplicate_window = "1 s"',
        'duplicate_window = "0 s"',
        "profiles.firm.duplicate_window",
        "above zero",
        '"0 s"',
    ),
    (
        "cancel_reserve_count = 10",
        'cancel_reserve_count = "UNLIMITED"',
        "profiles.firm.cancel_reserve_count",
        "written out",
        '"UNLIMITED"',
    ),
    (
        "order_qty = {",
        "order_quantity = {",
        "profiles.client.order_quantity",
        "order_qty",
        "an unknown key",
    ),
    ('warn = "50 %"', 'wan = "50 %"', "profiles.client.order_qty.wan", "warn", "an unknown key"),
    ('warn = "50 %"', "warn = 0.5", "profiles.client.order_qty.warn", '"10 %"', "the float 0.5"),
    ('value = "500 shares", ', "", "profiles.client.order_qty.value", '"500 shares"', "nothing"),
    (
        'order_qty = "800',
        'open_order_count = 3\norder_qty = "800',
        "instrument_profiles.stock.open_order_count",
        "one of inherits, warn, restrict, order_qty",
        "an unknown key",
    ),
    ("tradable = true", 'tradable = "yes"', "accounts.client.tradable", "true or false", '"yes"'),
    ("tradable = true", "tradable = 1", "accounts.client.tradable", "true or false", "integer 1"),
    (
        '"deny_incoming"',
        '"deny"',
        "accounts.client.self_match_policy",
        "allow, deny_incoming",
        '"deny"',
    ),
    ("[accounts.error]", '[accounts."*"]', 'accounts."*"', 'other than "*"', '"*"'),
    ("[accounts.error]", '[accounts.""]', 'accounts.""', "a name of 1 to 31 bytes", '""'),
    ("us.continuous]", "us.lunch]", "phase_plans.us.lunch", "pre_open", '"lunch"'),
    (
        '"limit", "market"]',
        '"limit", "iceberg"]',
        f"{PLAN}.ord_types[1]",
        "stop_limit",
        '"iceberg"',
    ),
    ('["mid", "last"]', '"mid"', f"{PLAN}.sources", "an array", '"mid"'),
    ('age_max = "5 s"\n', "", f"{PLAN}.age_max", '"30 s"', "nothing"),
    ('age_max = "5 s"', 'age_max = "30 days"', f"{PLAN}.age_max", '"30 s"', '"30 days"'),
    ('collar = "5 %"\ndrift', "collar = 5\ndrift", f"{PLAN}.collar", '"10 %"', "the integer 5"),
    ('tick = "0.01"', "tick = 0.01", "tick_ladders.us.steps[1].tick", '"42.50"', "float 0.01"),
    ("lot_size = 1", "lot_size = 1.0", "instruments.ALDR.lot_size", '"500 shares"', "float 1.0"),
    ("lot_size = 1", "lot_sise = 1", "instruments.ALDR.lot_sise", "lot_size", "an unknown key"),
    (
        "[operators.ann]",
        "[operators]\nann = 5\n[operators.ann2]",
        "operators.ann",
        "a table",
        "the integer 5",
    ),
    ("qty = -100", "qty = -100.0", "opening_positions[0].qty", '"500 shares"', "float -100.0"),
    ('"12.40"', "12.40", "opening_positions[0].average_px", '"42.50"', "the float 12.40"),
    ('symbols = ["*"]', 'symbols = "*"', "sessions.CLIENT.symbols", "an array", '"*"'),
    ('EUR = "1.085"', "EUR = 1.085", "opening_rates.EUR", '"42.50"', "the float 1.085"),
    ('EUR = "1.085"', 'eur = "1.085"', "opening_rates.eur", 'a currency such as "USD"', '"eur"'),
    ("[gateway]", "[gateways]", "gateway", "a table", "nothing"),
    ("[gateway]", "secret = 1\n[gateway]", "secret", "one of gateway", "an unknown key"),
]


@pytest.mark.parametrize(("old", "new", "key", "expected", "found"), SHAPES, ids=range(len(SHAPES)))
def test_a_table_of_the_wrong_shape_is_refused(
    old: str, new: str, key: str, expected: str, found: str
) -> None:
    """R39, R13: unknown keys, wrong units and types, floats, NaN and gaps are one clear error."""
    with pytest.raises(ConfigError) as refused:
        loads(changed(old, new), "sample.toml")
    problem = next(row for row in refused.value.problems if row.key == key)
    assert expected in problem.expected
    assert found in problem.found


def test_a_message_names_file_line_key_expected_and_found() -> None:
    """Rule 21 of STYLE.md: a message says what was expected, what was found, and where."""
    with pytest.raises(ConfigError) as refused:
        loads(changed('"5 %"', "0.05"), "sample.toml")
    line = 1 + SAMPLE[: SAMPLE.index('"5 %"')].count("\n")
    assert str(refused.value) == (
        f"sample.toml:{line}: profiles.firm.order_average_volume_share: expected a share such as "
        '"10 %" or "25 bps", or "UNLIMITED"; found the float 0.05'
    )
    assert line == refused.value.line
    assert 1 == len(refused.value.problems)


def test_every_problem_is_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    """R13: one run lists all that is wrong, not only the first."""
    text = SAMPLE
    for old, new in (
        ('tick = "0.01"', "tick = 0.01"),
        ("lot_size = 1", "lot_sise = 1"),
        ('node = "node1"', "nod = 1"),
        ('"100_000 USD"', '"100_000 EUR"'),
        ("direct = true", "direct = 1"),
    ):
        text = text.replace(old, new, 1)
    findings = found_in(text, tmp_path)
    keys = [problem.key for problem in findings.problems]
    assert keys == [
        "gateway.node",
        "gateway.nod",
        "profiles.firm.order_notional",
        "tick_ladders.us.steps[1].tick",
        "instruments.ALDR.lot_size",
        "instruments.ALDR.lot_sise",
        "strategies.DMA.direct",
    ]
    assert findings.config is None
    lines = [problem.line for problem in findings.problems]
    assert lines == sorted(line for line in lines if line is not None)


def test_a_missing_currency_is_one_problem() -> None:
    """Rule 21 of STYLE.md: the cause is reported, not each amount that depends on it."""
    with pytest.raises(ConfigError) as refused:
        loads(changed('base_currency = "USD"\n', ""))
    assert ["gateway.base_currency"] == [row.key for row in refused.value.problems]


@pytest.mark.parametrize(
    "secret",
    [
        '"-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIKoT"',
        '"5f0c9ab1d3e47788"',
        "[1, 2]",
        "123456789",
    ],
)
def test_a_refused_key_is_not_quoted(secret: str) -> None:
    """Rule 21 of STYLE.md: what may be the private half of a key never reaches a message."""
    key = "1" * 64
    with pytest.raises(ConfigError) as refused:
        loads(changed(f'"{key}"', secret))
    message = str(refused.value)
    assert "operators.ann.public_key: expected an Ed25519 public key" in message
    assert not any(part in message for part in ("MC4", "5f0c", "PRIVATE", "123456789"))


def test_a_private_key_is_not_quoted_anywhere() -> None:
    """Rule 21 of STYLE.md: a private key that was pasted elsewhere stays out of messages too."""
    with pytest.raises(ConfigError) as refused:
        loads(changed('"b1"', '"-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIKoT"'))
    assert "MC4" not in str(refused.value)
    assert "must never stand here" in refused.value.found


def test_what_is_found_is_printable_and_short() -> None:
    """Rule 18 of STYLE.md: text from outside cannot drive a terminal through a message."""
    with pytest.raises(ConfigError) as refused:
        loads(changed('"b1"', '"\\u001b[2J' + "x" * 500 + '"'))
    assert refused.value.found.isprintable()
    assert len(refused.value.found) < 90


PATHS = sorted(
    {path[:length] for path, _ in leaves(RAW) for length in range(1, len(path) + 1)}, key=str
)
SCALARS = (
    st.booleans()
    | st.integers()
    | st.text(max_size=40)
    | st.sampled_from(["UNLIMITED", "*", "0 %", "9 USD", "9 shares", "firm", "client", "ALDR"])
    | st.builds(FloatText, st.sampled_from(["0.5", "nan", "inf", "1e3"]))
    | st.dates()
    | st.datetimes()
)
JUNK = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below),
    max_leaves=5,
)


@given(st.sampled_from(PATHS), JUNK)
def test_anything_anywhere_is_used_whole_or_refused(path: KeyPath, junk: object) -> None:
    """R13, R39: whatever stands wherever, it is a problem with a key, or the kernel takes it."""
    config, troubles = read(with_value(RAW, path, junk))
    if config is None:
        assert troubles
    elif not (troubles := troubles_of(config)):
        remarks_on(config)
        Kernel(config)
    assert all(show_key(trouble.path).isprintable() for trouble in troubles)
    assert all(trouble.expected and trouble.found.isprintable() for trouble in troubles)
