"""A broker under random inputs: the naive auditor agrees after every step.

Runs are the same everywhere. For longer or other ones:

    RINGFENCE_PROPERTY_EXAMPLES=5000 RINGFENCE_PROPERTY_STEPS=120 RINGFENCE_PROPERTY_SEED=1 \
        python -m pytest tests/property/test_broker.py

A failure shows the fewest steps that bring it about, and the command that finds it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.property.actions import ACTIONS, Action, Actions
from tests.property.broker import PROFILES, Broker

EXAMPLES = int(os.environ.get("RINGFENCE_PROPERTY_EXAMPLES", "120"))
STEPS = int(os.environ.get("RINGFENCE_PROPERTY_STEPS", "60"))
SEED = os.environ.get("RINGFENCE_PROPERTY_SEED")
LIMIT_S = 240 + EXAMPLES * STEPS // 50


def command() -> str:
    """Return the one command that finds a failure of this run again."""
    wanted = {"EXAMPLES": EXAMPLES, "STEPS": STEPS} | ({"SEED": SEED} if SEED else {})
    names = " ".join(f"RINGFENCE_PROPERTY_{key}={value}" for key, value in wanted.items())
    return f"{names} python -m pytest tests/property/test_broker.py"


class BrokerMachine(RuleBasedStateMachine):
    """A day of the small broker; its rules are the table of actions."""

    actions: Actions | None = None

    @initialize(profile=st.sampled_from(sorted(PROFILES)))
    def open_day(self, profile: str) -> None:
        """Open the day with the limits of a profile."""
        self.actions = Actions(Broker(profile))

    def act(self, name: str, **drawn: Any) -> None:
        """Do one action; nothing follows an action that failed."""
        actions, self.actions = self.actions, None
        assert actions is not None, "the day is opened first"
        try:
            getattr(actions, name)(**drawn)
        except Exception as error:
            error.add_note(f"again: {command()}")
            raise
        self.actions = actions

    def teardown(self) -> None:
        """End the day, if every step of it was right."""
        if self.actions is not None:
            self.act("close_day")


def rule_of(entry: Action) -> Callable[..., None]:
    """Return the rule that does an action with drawn arguments."""

    def act(machine: BrokerMachine, **drawn: Any) -> None:
        machine.act(entry.name, **drawn)

    def can(machine: BrokerMachine) -> bool:
        return machine.actions is not None and machine.actions.can(entry.needs)

    act.__name__ = entry.name
    drawn: Any = {name: st.sampled_from(values) for name, values in entry.choices.items()}
    enter: Callable[[Callable[..., None]], Callable[..., None]] = rule(**drawn)
    return enter(precondition(can)(act))


for _entry in ACTIONS.values():
    # Rules are drawn evenly, so that an action stands there as often as it weighs.
    for _copy in range(_entry.weight):
        setattr(BrokerMachine, f"{_entry.name}_{_copy}", rule_of(_entry))


@pytest.mark.timeout(LIMIT_S)
def test_the_naive_model_agrees_after_every_random_step() -> None:
    """R1 to R5, R8, R12 to R26, R32, R33, R50 to R52, R60, R65, R93, R95; I1, I2, I4, I8, I9, I11.

    Clients, algorithms, operators and a venue that acknowledges late, over-fills, fills after the
    cancel, repeats itself, busts before it fills and loses its session act in random order. After
    every step orders, positions, exposure and decisions are those of the model, and every
    invariant of `tests/model/auditor.py` holds.
    """
    machine = BrokerMachine if SEED is None else seed(int(SEED))(BrokerMachine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=SEED is None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
