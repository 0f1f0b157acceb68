"""Sometimes: random days reach every guard and every kind of event, so that none is dead."""

from __future__ import annotations

from collections import Counter

import pytest
from ringfence import _core

from tests.property.broker import WatchedKernel
from tests.property.walk import walk

STEPS = 150
DAYS_MAX = 400
NEVER = {"TABLE_FULL": "takes a hundred million orders"}
"""What no random day can reach, and why."""


@pytest.mark.timeout(300)
def test_every_refusal_and_every_event_comes_about() -> None:
    """R29, R108, rule 33 of STYLE.md: each guard can fire, and does so under the naive auditor.

    Days are tried one after the other, always the same ones, until everything was seen; what has
    not come up in 400 of them is unreachable or the runs are blind to it.
    """
    reasons = {row["name"] for row in _core.reasons()}
    events = {row["name"] for row in _core.schema("events")}
    wanted = (reasons | events) - NEVER.keys()
    seen: Counter[str] = Counter()
    for seed in range(DAYS_MAX):
        kernel = WatchedKernel()
        walk(seed, STEPS, kernel)
        seen += kernel.seen
        if wanted <= seen.keys():
            break
    assert set() == wanted - seen.keys(), f"not seen in {DAYS_MAX} random days"


def test_a_reason_that_cannot_be_reached_is_named_with_its_cause() -> None:
    """R108: the exceptions exist, so that a renamed reason cannot hide behind an old exception."""
    assert NEVER.keys() <= {row["name"] for row in _core.reasons()}
