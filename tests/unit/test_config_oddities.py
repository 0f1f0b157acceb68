"""Limits that are allowed and do not do what they look like."""

from __future__ import annotations

from pathlib import Path

import pytest
from ringfence.config import examine

from tests.unit.config_sample import SAMPLE, changed, found_in

ODDITIES = [
    # limits that never act
    (
        'order_qty = "800 shares"',
        'order_qty = "5_000_000 shares"',
        "instrument_profiles.stock.order_qty",
        "5_000_000 units is 500 % of the average volume 1_000_000 of ALDR",
    ),
    (
        'order_qty = "800 shares"',
        'order_qty = "2_001 shares"',
        "instrument_profiles.stock.order_qty",
        "2_001 units is 10.01 % of the average volume 20_000 of BRK.A",
    ),
    (
        'order_average_volume_share = "1 %"',
        'order_average_volume_share = "11 %"',
        "instrument_profiles.stock.order_average_volume_share",
        "11 % of the average volume in one order",
    ),
    (
        'order_qty = "1_000 shares"',
        'order_qty = "100_001 shares"',
        "profiles.firm.order_qty",
        "of ALDR, the most traded instrument",
    ),
    (
        "daily_count = 1_000",
        'daily_count = "UNLIMITED"',
        "profiles.firm.daily_count",
        "UNLIMITED: this limit never acts",
    ),
    (
        'restrict = "80 %"',
        'daily_notional = "6_000_000 USD"',
        "profiles.client.daily_notional",
        "6_000_000 USD never acts below desk, which has 5_000_000 USD",
    ),
    (
        "message_disable_count = 200",
        "message_disable_count = 100",
        "profiles.firm.message_disable_count",
        "100 halts the session before message_count 100 denies",
    ),
    # limits that deny everything
    (
        "duplicate_count = 4",
        "duplicate_count = 1",
        "profiles.firm.duplicate_count",
        "1 with restrict at 90 % lets not even one pass",
    ),
    (
        "cancel_reserve_count = 10",
        "cancel_reserve_count = 90",
        "profiles.firm.message_count",
        "90 reserved for cancels lets no new order pass",
    ),
    (
        "lot_size = 1",
        "lot_size = 1_000",
        "instrument_profiles.stock.order_qty",
        "800 units is less than one lot of ALDR",
    ),
    ("average_volume = 1_000_000\n", "", "instruments.ALDR", "no average_volume"),
    ("shares_outstanding = 50_000_000\n", "", "instruments.ALDR", "no shares_outstanding"),
    (
        'self_match_group = "client"\nself_match_policy = "deny_incoming"\n',
        "",
        "accounts.client",
        "no self_match_group and policy",
    ),
    ('venues = ["SIM"]', "venues = []", "sessions.CLIENT", "entitled to no venues"),
    # tables that nobody uses
    (
        "[profiles.client]",
        "[profiles.idle]\n[profiles.client]",
        "profiles.idle",
        "no account uses this profile",
    ),
    (
        "[instrument_profiles.stock]",
        "[instrument_profiles.idle]\n[instrument_profiles.stock]",
        "instrument_profiles.idle",
        "no instrument uses this profile",
    ),
    ('[operators.ben]\npublic_key = "' + "2" * 64 + '"\n', "", "operators", "1 of the 2 people"),
]


@pytest.mark.parametrize(("old", "new", "key", "text"), ODDITIES, ids=range(len(ODDITIES)))
def test_an_oddity_is_reported(old: str, new: str, key: str, text: str, tmp_path: Path) -> None:
    """R31: a limit above its share of the volume, idle, or denying everything is reported."""
    findings = found_in(changed(old, new), tmp_path)
    assert () == findings.problems
    assert any(row.key == key and text in row.text for row in findings.oddities)


def test_a_configuration_in_order_has_no_oddity(tmp_path: Path) -> None:
    """R31: nothing is reported where every limit can act."""
    assert () == found_in(SAMPLE, tmp_path).oddities


def test_the_share_of_the_volume_is_configurable(tmp_path: Path) -> None:
    """R31: a limit is reported from x % of the average volume on, and not at x %."""
    found_in(SAMPLE, tmp_path)
    path = tmp_path / "sample.toml"
    assert () == examine(path, 400).oddities
    keys = [row.key for row in examine(path, 399).oddities]
    assert ["instrument_profiles.stock.order_qty"] == keys


def test_a_limit_of_zero_is_meant(tmp_path: Path) -> None:
    """R34: a limit that is written as zero blocks on purpose and is no oddity."""
    text = changed('[accounts.error]\nabove = "firm"\n', "").replace(
        "[accounts.desk]",
        '[accounts.error]\nabove = "firm"\n[accounts.error.overrides]\norder_qty = "0 shares"\n'
        "[accounts.desk]",
        1,
    )
    assert () == found_in(text, tmp_path).oddities


def test_what_many_accounts_inherit_is_reported_once(tmp_path: Path) -> None:
    """R31: an oddity of a profile is reported where it is written, not for each account."""
    accounts = "".join(
        f'[accounts.client{number}]\nabove = "desk"\nprofile = "client"\n' for number in range(50)
    )
    text = changed('restrict = "80 %"', 'daily_notional = "6_000_000 USD"') + accounts
    assert ["profiles.client.daily_notional"] == [
        row.key for row in found_in(text, tmp_path).oddities
    ]
