"""The rules of the gate as their own docstrings describe them.

A rule without one of the fixed headings is our own mistake and stops the table.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from ringfence import _core

__all__ = ["HEADINGS", "Rule", "described", "markdown", "reason_rows", "rules"]

HEADINGS = ("What it checks", "Why", "Denies with", "Parameters", "Source")
INTRODUCTION = """\
# Rules of the gate

Every child order passes all of these, in this order, behind the last transformation; a rule that
cannot answer denies. [The gate](../concepts/gate.md) explains levels, scopes and latches. This page
is printed by `ringfence gate rules --markdown` from the rules themselves.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its number and name, when it runs, and the sections of its docstring."""

    number: int
    name: str  # as in the source
    title: str  # in words
    stages: str  # names separated by commas
    latches: bool  # whether its block level halts the scope that caused it
    checks: str
    why: str
    denies_with: tuple[str, ...]  # reasons, as `ringfence gate reasons` lists them
    parameters: str
    source: str


def rules() -> list[Rule]:
    """Return the rules in the order in which they run."""
    return [_rule(row) for row in _core.rules()]


def _rule(row: dict[str, Any]) -> Rule:
    title, sections = _sections(str(row["source"]))
    missing = [heading for heading in HEADINGS if not sections.get(heading)]
    if missing or len(sections) != len(HEADINGS):
        message = f"rule {row['number']}: expected {HEADINGS}, found {tuple(sections)}"
        raise AssertionError(message)
    checks, why, denies_with, parameters, source = (sections[heading] for heading in HEADINGS)
    return Rule(
        number=row["number"],
        name=row["name"],
        title=title.removeprefix(f"Rule {row['number']}: ").removesuffix("."),
        stages=row["stages"],
        latches=row["latches"],
        checks=checks,
        why=why,
        denies_with=tuple(reason.strip() for reason in denies_with.split(",")),
        parameters=parameters,
        source=source,
    )


def _sections(text: str) -> tuple[str, dict[str, str]]:
    """Return the first line of a docstring, and its sections by heading, each as one line."""
    lines = text.splitlines()
    heads = [index for index, line in enumerate(lines) if line.startswith("# ")]
    sections = {
        lines[head].removeprefix("# ").strip(): " ".join(" ".join(lines[head + 1 : end]).split())
        for head, end in pairwise([*heads, len(lines)])
    }
    return " ".join(" ".join(lines[: heads[0]]).split()) if heads else "", sections


def described(rule: Rule) -> dict[str, Any]:
    """Return the rule as an object for JSON."""
    return asdict(rule)


def reason_rows() -> list[dict[str, Any]]:
    """Return every reason of a refusal: code, name, rule (0 is the order book), doc."""
    return _core.reasons()


def markdown() -> str:
    """Return the page of the documentation that lists rules and reasons."""
    shown = rules()
    parts = [INTRODUCTION, "| rule | checks | latches |\n| --- | --- | --- |"]
    parts[-1] += "".join(
        f"\n| [{rule.number}](#rule-{rule.number}) {rule.name} | {_cell(rule.title)} | "
        f"{'yes' if rule.latches else ''} |"
        for rule in shown
    )
    parts.extend(_section(rule) for rule in shown)
    parts.append("## Reasons\n\nA code never changes its meaning and is never used again.")
    parts.append("| code | reason | rule | meaning |\n| --- | --- | --- | --- |")
    parts[-1] += "".join(
        f"\n| {row['code']} | `{row['name']}` | {_named_rule(row['rule'], len(shown))} | "
        f"{_cell(row['doc'])} |"
        for row in reason_rows()
    )
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _section(rule: Rule) -> str:
    """Return the section of one rule."""
    reasons = ", ".join(f"`{reason}`" for reason in rule.denies_with)
    latch = "; past its block level it halts the scope that caused it" if rule.latches else ""
    return (
        f"## Rule {rule.number}: {rule.title} {{: #rule-{rule.number} }}\n\n"
        f"`{rule.name}`, at {rule.stages}{latch}.\n\n"
        f"**What it checks.** {rule.checks}\n\n"
        f"**Why.** {rule.why}\n\n"
        f"**Denies with.** {reasons}\n\n"
        f"**Parameters.** {rule.parameters}\n\n"
        f"**Source.** {rule.source}"
    )


def _named_rule(number: int, count: int) -> str:
    """Return a link to a rule; the order book and the venue's reports have none."""
    return f"[{number}](#rule-{number})" if 0 < number <= count else ""


def _cell(text: str) -> str:
    """Return `text` without what would end a cell."""
    return text.replace("|", "\\|")
