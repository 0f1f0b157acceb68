"""Tables that do not fit together: each is refused with its key, and none is missed."""

from __future__ import annotations

import pytest
from ringfence.config import LIMITS, loads
from ringfence.errors import ConfigError

from tests.unit.config_sample import SAMPLE, changed

PLAN = "phase_plans.us.continuous"
STEPS = "tick_ladders.us.steps"
# (what is replaced, what stands there instead, key, expected, found)
MEANINGS = [
    ('inherits = "firm"', 'inherits = "house"', "profiles.client.inherits", "a profile", '"house"'),
    (
        "[profiles.firm]",
        '[profiles.firm]\ninherits = "client"',
        "profiles.firm.inherits",
        "does not inherit from this one",
        "firm -> client -> firm",
    ),
    ('profile = "client"', 'profile = "clint"', "accounts.client.profile", "a profile", "clint"),
    ('above = "desk"', 'above = "dsk"', "accounts.client.above", "an account", '"dsk"'),
    (
        '[accounts.desk]\nabove = "firm"',
        '[accounts.desk]\nabove = "client"',
        "accounts.desk.above",
        "an account that is not below this one",
        '"client"',
    ),
    ('[accounts.desk]\nabove = "firm"', "[accounts.desk]", "accounts", "exactly one", "firm, desk"),
    ("[accounts.firm]\n", '[accounts.firm]\nabove = "desk"\n', "accounts", "exactly one", "none"),
    (
        'error_account = "error"',
        'error_account = "err"',
        "gateway.error_account",
        "an account",
        '"err"',
    ),
    (
        'error_account = "error"',
        'error_account = "firm"',
        "gateway.error_account",
        "an account below the firm",
        "the firm",
    ),
    (
        'error_account = "error"',
        'error_account = "desk"',
        "gateway.error_account",
        "an account with none below it",
        '"desk"',
    ),
    (
        'accounts = ["client"]',
        'accounts = ["client", "error"]',
        "sessions.CLIENT.accounts",
        "no entitlement to the error account",
        '"error"',
    ),
    (
        'gross_notional = "2_000_000 USD"',
        'gross_notional = "UNLIMITED"',
        "profiles.firm.gross_notional",
        "a bound for the error account",
        "UNLIMITED",
    ),
    ('self_match_group = "client"\n', "", "accounts.client", "together", "only self_match_policy"),
    (
        'self_match_policy = "deny_incoming"\n',
        "",
        "accounts.client",
        "together",
        "only self_match_group",
    ),
    (
        'restrict = "80 %"',
        'restrict = "60 %"',
        "profiles.firm.order_notional",
        "warn at most restrict",
        "warn 70 %, restrict 60 %",
    ),
    (
        'restrict = "80 %"',
        'restrict = "101 %"',
        "profiles.client.order_qty",
        "restrict at most 100 %",
        "warn 50 %, restrict 101 %",
    ),
    (
        'warn = "50 %"',
        'warn = "81 %"',
        "profiles.client.order_qty",
        "warn at most restrict",
        "warn 81 %, restrict 80 %",
    ),
    (
        'price_collar = "10 %"\n',
        "",
        "accounts.firm",
        "the limit price_collar (bps)",
        "nor for the 3 accounts below",
    ),
    ('price_drift = "5 %"\n', "", "instruments.ALDR", "the limit price_drift (bps)", "none"),
    (
        'profile = "stock"',
        'profile = "stocks"',
        "instruments.ALDR.profile",
        "an instrument profile",
        '"stocks"',
    ),
    ('ladder = "us"', 'ladder = "eu"', "instruments.ALDR.ladder", "a tick ladder", '"eu"'),
    ('plan = "us"', 'plan = "eu"', "instruments.ALDR.plan", "a phase plan", '"eu"'),
    ("lot_size = 1", "lot_size = 0", "instruments.ALDR.lot_size", "above zero", "0"),
    (
        "lot_size = 1",
        "lot_size = 1\nmultiplier = 10_001",
        "instruments.ALDR.multiplier",
        "a number from 1 to 10000",
        "10001",
    ),
    (
        "average_volume = 1_000_000",
        "average_volume = 0",
        "instruments.ALDR.average_volume",
        "above zero",
        "0",
    ),
    ('tick = "0.01"', 'tick = "0"', "tick_ladders.us.steps[1].tick", "above zero", "0"),
    (
        'from_px = "1"',
        'from_px = "-1"',
        "tick_ladders.us.steps[1].from_px",
        "a price above 0",
        "-1",
    ),
    (
        'from_px = "1"',
        'from_px = "0"',
        f"{STEPS}[1].from_px",
        "a price above 0",
        "0",
    ),
    ('["mid", "last"]', '["mid", "mid"]', f"{PLAN}.sources", "each name once", "mid repeated"),
    ('venues = ["SIM"]', 'venues = ["SIN"]', "sessions.CLIENT.venues[0]", "a venue", '"SIN"'),
    (
        'symbols = ["*"]',
        'symbols = ["*", "ALDR"]',
        "sessions.CLIENT.symbols",
        '"*" alone',
        "*, ALDR",
    ),
    (
        'phases = ["continuous"]',
        "phases = []",
        "sessions.CLIENT.phases",
        "at least one name",
        "none",
    ),
    (
        "2" * 64,
        "1" * 64,
        "operators.ben.public_key",
        "a key of this person alone",
        "the key of ann",
    ),
    (
        'account = "client"',
        'account = "desk"',
        "opening_positions[0].account",
        "a tradable account",
        '"desk"',
    ),
    (
        'symbol = "ALDR"',
        'symbol = "ALDER"',
        "opening_positions[0].symbol",
        "an instrument",
        '"ALDER"',
    ),
    (
        '[opening_rates]\nEUR = "1.085"\n',
        "",
        "opening_positions[1].symbol",
        "an opening rate of EUR",
        "none",
    ),
    ('EUR = "1.085"', 'EUR = "0"', "opening_rates.EUR", "a rate above zero", "0"),
    ('EUR = "1.085"', 'EUR = "10001"', "opening_rates.EUR", "at most 10000", "10001"),
    (
        'EUR = "1.085"',
        'EUR = "1"\nJPY = "1"',
        "opening_rates.JPY",
        "a currency of an instrument",
        "JPY",
    ),
    (
        'EUR = "1.085"',
        'EUR = "1"\nUSD = "1"',
        "opening_rates.USD",
        "other than the base currency",
        "USD",
    ),
    ('"12.40"', '"-12.40"', "opening_positions[0].average_px", "a price above zero", "-12.4"),
]


@pytest.mark.parametrize(
    ("old", "new", "key", "expected", "found"), MEANINGS, ids=range(len(MEANINGS))
)
def test_tables_that_do_not_fit_together_are_refused(
    old: str, new: str, key: str, expected: str, found: str
) -> None:
    """R13: names that do not exist, cycles, gaps and contradictions are one clear error."""
    with pytest.raises(ConfigError) as refused:
        loads(changed(old, new))
    problem = next(row for row in refused.value.problems if row.key == key)
    assert expected in problem.expected
    assert found in problem.found


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_that_nobody_gives_is_refused(limit: str) -> None:
    """R13: a limit has no default; each of them is missed, and named, when it is left out."""
    lines = [line for line in SAMPLE.splitlines() if not line.startswith(f"{limit} = ")]
    with pytest.raises(ConfigError) as refused:
        loads("\n".join(lines))
    named = {row.key for row in refused.value.problems if f"the limit {limit} (" in row.expected}
    wanted = {"accounts.firm"}
    if LIMITS[limit].per_instrument:
        wanted |= {"instruments.ALDR", 'instruments."BRK.A"', "instruments.NOKI"}
    assert wanted == named
    assert len(named) == len(refused.value.problems)


def test_every_limit_that_is_missing_is_listed() -> None:
    """R13: an account without any limit is told each of them."""
    text = changed('[accounts.firm]\nprofile = "firm"', "[accounts.firm]")
    with pytest.raises(ConfigError) as refused:
        loads(text)
    expected = [row.expected for row in refused.value.problems if row.key == "accounts.firm"]
    assert len(LIMITS) == len(expected)
    for row, limit in zip(expected, LIMITS, strict=True):
        assert f"the limit {limit} (" in row


def test_the_tree_may_have_eight_levels_and_no_more() -> None:
    """R33: the account tree is at most eight levels deep, as the kernel decides them at once."""
    chain = "".join(
        f'[accounts.level{depth}]\nabove = "{"firm" if depth == 2 else f"level{depth - 1}"}"\n'
        for depth in range(2, 9)
    )
    loads(SAMPLE + chain)
    with pytest.raises(ConfigError) as refused:
        loads(SAMPLE + chain + '[accounts.level9]\nabove = "level8"\n')
    assert ("accounts.level9.above", "at most 8 levels", "9 levels") == (
        refused.value.key,
        refused.value.expected,
        refused.value.found,
    )


def test_a_ladder_may_have_64_steps_and_no_more() -> None:
    """Rule 7 of STYLE.md: a bound is reached by a test, and one more is refused."""

    def ladder(count: int) -> str:
        steps = ", ".join(f'{{ from_px = "{px}", tick = "0.01" }}' for px in range(count))
        return f"{SAMPLE}[tick_ladders.long]\nsteps = [{steps}]\n"

    loads(ladder(64))
    for count in (0, 65):
        with pytest.raises(ConfigError, match="1 to 64 steps") as refused:
            loads(ladder(count))
        assert f"{count}" == refused.value.found


def test_a_position_stands_once_and_may_be_negative_where_prices_may() -> None:
    """R39: prices are signed where the instrument can go negative, and nowhere else."""
    again = SAMPLE[SAMPLE.rindex("[[opening_positions]]") :]
    with pytest.raises(ConfigError) as refused:
        loads(SAMPLE + again)
    assert ("opening_positions[2]", "client in NOKI again") == (
        refused.value.key,
        refused.value.found,
    )
    text = changed('"12.40"', '"-37.63"').replace(
        "lot_size = 1", "lot_size = 1\nnegative_prices = true"
    )
    position, _ = loads(text).opening_positions
    assert "-37.63" == position.average_px


def test_broken_inheritance_is_reported_before_limits() -> None:
    """R13: while accounts or profiles do not hang together, no limit is claimed to be missing."""
    with pytest.raises(ConfigError) as refused:
        loads(changed('above = "desk"', 'above = "dsk"').replace('price_collar = "10 %"\n', "", 1))
    assert ["accounts.client.above"] == [row.key for row in refused.value.problems]
