"""What every test of the tree shares: where recorded data is, and how properties search."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# A property test fails the same way everywhere, and prints what replays the failure. Its time
# is bounded by the time limit of the test, so a slow machine does not make it flap.
settings.register_profile("ringfence", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("ringfence")

# A run that a shell put in the background ignores Ctrl-C, and so would every command it starts:
# those are tested with it, as a terminal starts them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """Return the folder of recorded market data that RINGFENCE_DATA names, or skip the test.

    A folder that is named but absent is an error: only an unset variable means "not here".
    """
    named = os.environ.get("RINGFENCE_DATA")
    if not named:
        pytest.skip("recorded market data is not here: RINGFENCE_DATA is unset")
    folder = Path(named)
    assert folder.is_dir(), f"RINGFENCE_DATA names {named}, which is not a folder"
    return folder
