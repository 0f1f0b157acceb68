"""Every requirement that is met names its proof, and every named number exists."""

from __future__ import annotations

import re

import pytest

from tests.tidy.requirement_names import named_requirements, required
from tests.tidy.tree import ROOT, Source, UnreadableTreeError, sources

PAGE = "docs/reference/requirements.md"
# The requirements that tests must name; one that is met once stays met.
EXPECTED: frozenset[int] = frozenset(
    {
        *range(1, 35),
        *range(36, 44),
        *range(45, 54),
        56,
        *range(58, 61),
        67,
        69,
        70,
        87,
        *range(93, 100),
        105,
        108,
        *range(111, 113),
        114,
    }
)


def all_tested() -> dict[int, set[str]]:
    """Return the tests of this tree that name a requirement, by number."""
    return named_requirements(sources(ROOT, (".py", ".rs"), ("tests/", "crates/")))


def test_every_expected_requirement_has_a_test() -> None:
    """Rule 36 of STYLE.md: a requirement that had a proof keeps one."""
    missing = EXPECTED - all_tested().keys()
    assert [] == sorted(missing)


def test_every_named_requirement_exists() -> None:
    """Rule 36 of STYLE.md: a number in a test leads to a sentence a reader can look up."""
    (page,) = sources(ROOT, under=(PAGE,))
    assert [] == sorted(all_tested().keys() - required(page).keys())


def test_the_documents_claim_no_compliance() -> None:
    """R114: README, safety page and front page say that the software helps and confers nothing."""
    pages = sources(ROOT, under=("README.md", "SAFETY.md", "docs/index.md"))
    assert 3 == len(pages)
    for page in pages:
        words = re.sub(r"\s+", " ", page.text)
        assert re.search(r"helps [^.]*\. It does not confer compliance", words), page.path


def test_a_named_requirement_is_collected() -> None:
    """Rule 36 of STYLE.md: docstrings of tests count; strings, names and other code do not."""
    text = (
        "def test_a():\n    '''R1 and R22 hold.'''\n    'R3'\n"
        "def f():\n    '''R4.'''\n"
        "class TestB:\n    '''R5.'''\n    def test_c(self):\n        '''R22: x.'''\n"
        "class M:\n    @rule(a=1)\n    def d(self):\n        '''R6.'''\n"
    )
    found = named_requirements([Source("tests/unit/test_a.py", text), Source("python/a.py", text)])
    assert [1, 5, 6, 22] == sorted(found)
    assert {"tests/unit/test_a.py::test_a", "tests/unit/test_a.py::test_c"} == found[22]


def test_a_requirement_named_in_rust_is_collected() -> None:
    """Rule 36 of STYLE.md: comments of Rust test code count, also those inside a test."""
    inner = (
        "/// R1: production.\nfn f() {}\n#[cfg(test)]\nmod tests {\n"
        "    /// R2: above.\n    #[test]\n    fn g() {\n        // R3: inside.\n    }\n}\n// R4\n"
    )
    outer = '//! R5.\n/// R6: whole file.\n#[test]\nfn h() { let a = "R7"; }\n'
    found = named_requirements(
        [
            Source("crates/kernel/src/lib.rs", inner),
            Source("crates/kernel/tests/order.rs", outer),
        ]
    )
    assert {
        2: {"crates/kernel/src/lib.rs::g"},
        3: {"crates/kernel/src/lib.rs::g"},
        5: {"crates/kernel/tests/order.rs::h"},
        6: {"crates/kernel/tests/order.rs::h"},
    } == found


@pytest.mark.parametrize(
    "text", ["", "| R2 | b |", "| R1 | a |\n| R3 | c |", "| R1 | a |\n| R1 | b |"]
)
def test_a_list_with_a_gap_fails(text: str) -> None:
    """Rule 17 of STYLE.md: an empty list, a gap and a number twice are errors."""
    with pytest.raises(UnreadableTreeError):
        required(Source(PAGE, text))
