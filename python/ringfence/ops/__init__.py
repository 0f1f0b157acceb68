"""What operators do with files: feed inputs, read journals, make keys, sign commands.

Nothing here decides about an order: the kernel does. Nothing here prints: the command line does.
"""

from __future__ import annotations

__all__: list[str] = []
