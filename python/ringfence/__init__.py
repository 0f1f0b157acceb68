"""A broker's order gateway that cannot send more than it was asked to.

```python
import ringfence

kernel = ringfence.Kernel("ringfence.toml")
for event in kernel.new_order(ts=1, session="CLIENT", cl_ord_id="1", account="alice",
                              symbol="BAC", side="buy", order_qty=100, price="14.10",
                              ex_destination="XNYS"):
    print(event.name, event.fields)
```
"""

from ringfence.columns import EventColumns
from ringfence.engine import Event, Kernel, replay, verify
from ringfence.errors import (
    ConfigError,
    InputError,
    JournalError,
    KernelHalted,
    RingfenceError,
    UsageError,
)

__all__ = [
    "ConfigError",
    "Event",
    "EventColumns",
    "InputError",
    "JournalError",
    "Kernel",
    "KernelHalted",
    "RingfenceError",
    "UsageError",
    "replay",
    "verify",
]
