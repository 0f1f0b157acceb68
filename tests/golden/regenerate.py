"""Write what is kept of the kernel's words again: `python -m tests.golden.regenerate`.

These are the events of the examples and the page of the rules; read the difference afterwards.
With `--sign` the commands of the runaway example are signed first, with two new keys. Their
public halves go into its configuration; their private halves are forgotten.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ringfence.ops import keys, rule_table
from ringfence.ops.step_file import StepJob, step_file

from tests.e2e.programs import EXAMPLES
from tests.tidy.tree import ROOT

GOLDEN = Path(__file__).parent
RULES_PAGE = ROOT / "docs" / "reference" / "rules.md"
NAMES = ("ten_denials", "runaway")
SIGNED = "runaway"
OPERATORS = ("olga", "omar")
# A signature of nobody, which the example shows to be refused.
NOBODY = "0" * 128


def golden_events(name: str) -> Path:
    """Return the file of the events that the example `name` leads to."""
    return GOLDEN / f"{name}.events.jsonl"


def write_events(name: str) -> None:
    """Step the example `name` and keep its events."""
    paths = (EXAMPLES / f"{name}.toml", EXAMPLES / f"{name}.jsonl", golden_events(name))
    step_file(StepJob(*paths))


def sign() -> None:
    """Give both examples new keys, and sign every command of the runaway one with them."""
    new = {name: Ed25519PrivateKey.generate() for name in OPERATORS}
    for config in (EXAMPLES / f"{name}.toml" for name in NAMES):
        text = config.read_text(encoding="utf-8")
        for name, key in new.items():
            section = rf'(\[operators\.{name}\]\npublic_key = ")[0-9a-f]+'
            text = re.sub(section, rf"\g<1>{keys.public_hex(key)}", text)
        config.write_text(text, encoding="utf-8")
    inputs = EXAMPLES / f"{SIGNED}.jsonl"
    lines = [_signed(line, new) for line in inputs.read_text(encoding="utf-8").splitlines()]
    inputs.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _signed(line: str, new: dict[str, Ed25519PrivateKey]) -> str:
    """Return the line with a fresh signature, where it has one that should fit."""
    command = keys.read_command(line.encode())
    if command.get("signature") in {None, NOBODY}:
        return line
    del command["signature"]
    return json.dumps(keys.sign(command, new[command["operator"]], second=False))


if __name__ == "__main__":
    if "--sign" in sys.argv[1:]:
        sign()
    for example in NAMES:
        write_events(example)
    RULES_PAGE.write_text(rule_table.markdown(), encoding="utf-8")
