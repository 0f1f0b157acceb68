"""The FIX session layer passes its conversations: QuickFIX's, the same in later versions, ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance.__main__ import report
from tests.conformance.conversation import Verdict
from tests.conformance.suites import Suite, run_suites
from tests.conformance.versions import adapted
from tests.tidy.tree import ROOT

SERVERS = 4
OURS = ROOT / "tests" / "conformance"
DATA = os.environ.get("RINGFENCE_DATA")
FIX42 = Path(DATA) / "fix" / "acceptance_fix42" if DATA else None
FILES_FIX42 = 58
FILES_OURS = {"fix44": 72, "fixt11": 71}
needs_data = pytest.mark.skipif(FIX42 is None, reason="RINGFENCE_DATA is not set: no conversations")


def own(folder: str, client: str) -> Suite:
    """Return the conversations of this tree for a version; `TW` has its turn in between."""
    texts = [(path.name, path.read_bytes()) for path in sorted((OURS / folder).glob("*.def"))]
    return Suite(f"own {folder}", client, tuple(texts))


def suites() -> list[Suite]:
    """Return every suite that can be played here."""
    found = [own("fix44", "TW44"), own("fixt11", "TW50SP2")]
    if FIX42 is None:
        return found
    texts = [(path.name, path.read_bytes()) for path in sorted(FIX42.glob("*.def"))]
    found.append(Suite("FIX.4.2", "TW42", tuple(texts)))
    for begin, client in (("FIX.4.4", "TW44"), ("FIXT.1.1", "TW50SP2")):
        later = [(name, adapted(text, name, begin)) for name, text in texts]
        found.append(Suite(begin, client, tuple(later)))
    return found


@pytest.fixture(scope="module")
def verdicts() -> dict[str, list[Verdict]]:
    """Return the verdicts of every suite, all played at once."""
    dictionaries = Path(DATA) / "fix" / "dictionaries" if DATA else None
    return run_suites(suites(), SERVERS, dictionaries)


def failures(verdicts: list[Verdict]) -> list[str]:
    """Return a line for each conversation that failed."""
    return [report(verdict) for verdict in verdicts if not verdict.passed]


@needs_data
@pytest.mark.timeout(300)
@pytest.mark.parametrize("begin", ["FIX.4.2", "FIX.4.4", "FIXT.1.1"])
def test_the_conversations_of_quickfix(verdicts: dict[str, list[Verdict]], begin: str) -> None:
    """FIX session test cases: those of QuickFIX pass, and the same in later versions."""
    assert [] == failures(verdicts[begin])
    assert FILES_FIX42 == len(verdicts[begin])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("folder", ["fix44", "fixt11"])
def test_our_own_conversations(verdicts: dict[str, list[Verdict]], folder: str) -> None:
    """FIX session test cases: what came after FIX.4.2: resets, 789, versions, groups."""
    assert [] == failures(verdicts[f"own {folder}"])
    assert FILES_OURS[folder] == len(verdicts[f"own {folder}"])
