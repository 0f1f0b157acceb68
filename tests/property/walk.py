"""A plain random walk over the actions: the same world as the machine, without shrinking."""

from __future__ import annotations

import random

from tests.property.actions import ACTIONS, Actions
from tests.property.broker import PROFILES, Broker, WatchedKernel


def walk(seed: int, steps: int, kernel: WatchedKernel | None = None) -> Broker:
    """Return a broker after `steps` random actions; the seed makes everything of it.

    Raises AuditError at the first step at which the model disagrees.
    """
    draw = random.Random(seed)
    broker = Broker(draw.choice(sorted(PROFILES)), kernel=kernel)
    actions = Actions(broker)
    weights = [entry.weight for entry in ACTIONS.values()]
    for _ in range(steps):
        (entry,) = draw.choices(list(ACTIONS.values()), weights)
        if actions.can(entry.needs):
            drawn = {name: draw.choice(values) for name, values in entry.choices.items()}
            getattr(actions, entry.name)(**drawn)
    actions.close_day()
    return broker
