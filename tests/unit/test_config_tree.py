"""Inheritance along profiles and accounts, against a resolver that was written separately."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringfence.config import UNLIMITED, Bound, Config, ExplainedLevel, explain, loads
from ringfence.config.limits import LIMITS, binding
from ringfence.config.model import Account, Profile
from ringfence.config.tree import account_order, effective_account_limits
from ringfence.errors import UsageError

from tests.unit.config_sample import changed, sample

NAMES = ("order_qty", "gross_notional", "loss_window", "flow_qty", "daily_count")
FULL = {"loss_window", "flow_qty"}

bounds = st.builds(
    Bound,
    st.integers(0, 999).map(str),
    st.none() | st.integers(0, 5_000),
    st.none() | st.integers(5_000, 10_000),
)
tables = st.dictionaries(st.sampled_from(NAMES), bounds, max_size=4)
levels = st.none() | st.integers(0, 10_000)


@st.composite
def trees(draw: st.DrawFn) -> Config:
    """Return a configuration with random profiles and a random account tree."""
    profiles: dict[str, Profile] = {}
    for index in range(draw(st.integers(1, 5))):
        above = draw(st.none() | st.sampled_from(sorted(profiles))) if profiles else None
        profiles[f"p{index}"] = Profile(
            inherits=above, warn=draw(levels), restrict=draw(levels), limits=draw(tables)
        )
    accounts: dict[str, Account] = {}
    for index in range(draw(st.integers(1, 9))):
        # Names fall while the tree grows, so that order by name alone would be wrong.
        accounts[f"a{9 - index}"] = Account(
            above=draw(st.sampled_from(sorted(accounts))) if accounts else None,
            profile=draw(st.none() | st.sampled_from(sorted(profiles))),
            overrides=draw(st.just({}) | tables),
        )
    return Config(gateway=sample().gateway, profiles=profiles, accounts=accounts)


def naive(config: Config, name: str, limit: str) -> tuple[str, int, int] | None:
    """Return value, warn and restrict of a limit by asking one table after the other."""
    asked: list[Any] = []
    account: str | None = name
    while account is not None:
        row = config.accounts[account]
        asked.append(row.overrides)
        profile = row.profile
        while profile is not None:
            asked.append(config.profiles[profile])
            profile = config.profiles[profile].inherits
        account = row.above
    values = [table if isinstance(table, dict) else table.limits for table in asked]
    bound = next((table[limit] for table in values if limit in table), None)
    if bound is None:
        return None
    chosen = []
    for level, usual in (("warn", 7_000), ("restrict", 9_000)):
        own = getattr(bound, level)
        said = [getattr(table, level) for table in asked if isinstance(table, Profile)]
        default = next((share for share in said if share is not None), usual)
        chosen.append(own if own is not None else 10_000 if limit in FULL else default)
    return bound.value, chosen[0], chosen[1]


@given(trees())
def test_limits_are_inherited_as_a_naive_resolver_says(config: Config) -> None:
    """R14: override, profile, inherited profile, node above: the nearest gives the value."""
    effective = effective_account_limits(config)
    assert config.accounts.keys() == effective.keys()
    for name, rows in effective.items():
        for limit in NAMES:
            row = rows.get(limit)
            found = None if row is None else (row.value, row.warn, row.restrict)
            assert naive(config, name, limit) == found


@given(trees())
def test_an_origin_is_where_the_value_is_written(config: Config) -> None:
    """R14: the key that an origin names holds the value, at or above the account."""
    for name, rows in effective_account_limits(config).items():
        for limit, row in rows.items():
            table, owner, *_ = row.origin.path(limit)
            written = (
                config.profiles[str(owner)].limits
                if table == "profiles"
                else config.accounts[str(owner)].overrides
            )
            assert row.value == written[limit].value
            words = row.origin.describe(name)
            assert words.startswith("inherited from") is (row.origin.node != name)


@given(trees())
def test_parents_come_first(config: Config) -> None:
    """R33: the kernel takes the account tree from the firm downwards."""
    order = account_order(config.accounts)
    assert sorted(config.accounts) == sorted(order)
    for name in order:
        above = config.accounts[name].above
        assert above is None or order.index(above) < order.index(name)


def explained(config: Config, limit: str) -> list[ExplainedLevel]:
    """Return the levels of one limit for the client in ALDR."""
    (row,) = (row for row in explain(config, "client", "ALDR") if row.limit == limit)
    return list(row.levels)


def test_explain_shows_each_level_with_its_origin() -> None:
    """R14, R40: every limit that applies is shown at every level, with where it is written."""
    assert [row.limit for row in explain(sample(), "client", "ALDR")] == list(LIMITS)
    rows = [
        (row.scope_kind, row.scope, row.value, row.warn, row.restrict, row.origin, row.binds)
        for row in explained(sample(), "order_qty")
    ]
    assert rows == [
        ("account", "client", "500", 5_000, 8_000, "profile client", True),
        ("account", "desk", "1000", 7_000, 9_000, "inherited from firm: profile firm", False),
        ("account", "firm", "1000", 7_000, 9_000, "profile firm", False),
        ("symbol", "ALDR", "800", 7_000, 9_000, "profile stock", False),
    ]
    inherited = explained(sample(), "order_notional")[0]
    assert "profile firm, inherited by profile client" == inherited.origin
    assert 8_000 == inherited.restrict
    assert ["override", "inherited from firm: profile firm", "profile firm"] == [
        row.origin for row in explained(sample(), "loss")
    ]


def test_an_override_of_a_node_above_is_inherited() -> None:
    """R14: an override holds for the node and for those below it that say nothing nearer."""
    text = '[accounts.desk.overrides]\ndaily_count = 7\nloss = "1 USD"\n'
    config = loads(
        changed("[accounts.client]\n", text + "[accounts.client]\n").replace(
            'profile = "client"\n', "", 1
        )
    )
    client, desk, firm = explained(config, "daily_count")
    assert ("7", "inherited from desk: override") == (client.value, client.origin)
    assert ("7", "override", True) == (desk.value, desk.origin, desk.binds)
    assert ("1000", False) == (firm.value, firm.binds)
    assert "10000" == explained(config, "loss")[0].value


@pytest.mark.parametrize(
    ("limit", "values", "binds"),
    [
        ("order_qty", ("500", "1000", "800"), (True, False, False)),
        ("order_qty", ("900", "1000", "800"), (False, False, True)),
        ("order_qty", ("500", "500", "800"), (True, True, False)),
        ("loss", ("9", "10", "100"), (True, False, False)),
        ("loss", ("0.5", "0.25"), (False, True)),
        ("loss", (UNLIMITED, "10"), (False, True)),
        ("loss", (UNLIMITED, UNLIMITED), (False, False)),
        ("duplicate_count", ("5", "1"), (True, False)),
        ("duplicate_count", (UNLIMITED, "1"), (False, False)),
        ("duplicate_window", ("5", "9"), (True, False)),
        ("message_window", ("5", "9"), (True, True)),
        ("cancel_reserve_count", ("5", "9"), (True, True)),
    ],
    ids=range(12),
)
def test_the_most_restrictive_value_binds(
    limit: str, values: tuple[str, ...], binds: tuple[bool, ...]
) -> None:
    """R14: the smallest value applies, except where the kernel asks one account or each level."""
    assert binds == binding(LIMITS[limit], values)


@pytest.mark.parametrize(("account", "symbol"), [("nobody", "ALDR"), ("client", "NONE")])
def test_a_name_that_does_not_exist_is_refused(account: str, symbol: str) -> None:
    """Rule 21 of STYLE.md: a name that is not configured is an error that lists those that are."""
    with pytest.raises(UsageError, match=r"expected one of the \w+ \(.*\), found"):
        explain(sample(), account, symbol)
