"""The table of rules is what the rules say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from ringfence import _core
from ringfence.ops import rule_table

from tests.golden.regenerate import RULES_PAGE

RULE_COUNT = 26
# Reasons that any rule with limits may give.
SHARED = {"LIMIT_MISSING", "LIMIT_RESTRICTS", "UNPRICEABLE"}
FIRST_RULE_CODE = 100


def test_every_rule_is_there_with_every_heading() -> None:
    """Rule 28 of STYLE.md: 26 rules in order, each with all of its sections."""
    rules = rule_table.rules()
    assert list(range(1, RULE_COUNT + 1)) == [rule.number for rule in rules]
    for rule in rules:
        sections = (rule.title, rule.checks, rule.why, rule.parameters, rule.source)
        assert all(sections), rule.name


def test_a_rule_denies_with_its_own_reasons() -> None:
    """R29: each reason of a rule is in its docstring, and no other but the shared ones."""
    rows = _core.reasons()
    for rule in rule_table.rules():
        own = {row["name"] for row in rows if row["rule"] == rule.number}
        assert own <= set(rule.denies_with) <= own | SHARED, rule.name


def test_a_code_tells_the_rule() -> None:
    """R29: the hundreds of a code are the number of its rule."""
    for row in _core.reasons():
        rule = row["code"] // 100 if row["code"] >= FIRST_RULE_CODE else 0
        assert rule == row["rule"], row["name"]


def test_the_page_is_the_printed_one() -> None:
    """Rule 28 of STYLE.md: `python -m tests.golden.regenerate` writes the page again."""
    assert rule_table.markdown() == RULES_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "source",
    [
        "Rule 1: x.\n# What it checks\na\n# Why\nb\n# Denies with\nC\n# Parameters\nd",
        "Rule 1: x.\n# What it checks\na\n# Why\n\n# Denies with\nC\n# Parameters\nd\n# Source\ne",
        "",
    ],
)
def test_a_missing_heading_is_found(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 17 of STYLE.md: a rule that does not say everything stops the table."""
    row: dict[str, Any] = {
        "number": 1,
        "name": "x",
        "stages": "child",
        "latches": False,
        "source": source,
    }
    monkeypatch.setattr(_core, "rules", lambda: [row])
    with pytest.raises(AssertionError, match="rule 1: expected"):
        rule_table.rules()
