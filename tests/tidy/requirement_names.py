"""Which tests name which of the numbered requirements of `docs/reference/requirements.md`.

A test names a requirement by its number, `R17`, in the docstring of a Python test or in a
comment of Rust test code. Strings, names and production code do not count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from tests.tidy.rust_tokens import Token, split_test_code, tokens_with_comments
from tests.tidy.tree import Source, UnreadableTreeError

REQUIREMENT = re.compile(r"\bR([1-9]\d{0,2})\b")
_ROW = re.compile(r"^\| R([1-9]\d{0,2}) \| (.+?) \|$", re.MULTILINE)
NamingTests = dict[int, set[str]]


def required(page: Source) -> dict[int, str]:
    """Return the requirements of the page, from number to wording; each row is `| R1 | … |`."""
    found: dict[int, str] = {}
    for number, wording in _ROW.findall(page.text):
        if int(number) in found:
            message = f"{page.path}: R{number} stands twice"
            raise UnreadableTreeError(message)
        found[int(number)] = wording
    if sorted(found) != list(range(1, len(found) + 1)):
        message = f"{page.path}: the numbers are not R1 to R{len(found)}"
        raise UnreadableTreeError(message)
    if not found:
        message = f"{page.path}: no requirement"
        raise UnreadableTreeError(message)
    return found


def named_requirements(files: Iterable[Source]) -> NamingTests:
    """Return the tests that name each requirement, as `path::test`, from number to tests."""
    found: NamingTests = {}
    for file in files:
        pairs = _rust(file) if file.path.endswith(".rs") else _python(file)
        for test, text in pairs:
            for number in REQUIREMENT.findall(text):
                found.setdefault(int(number), set()).add(f"{file.path}::{test}")
    return found


def _python(file: Source) -> list[tuple[str, str]]:
    """Return name and docstring of each test function, method and state machine."""
    if not file.path.startswith("tests/"):
        return []
    found = []
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_test = node.name.startswith(("test_", "Test")) or _is_rule(node)
            if is_test:
                found.append((node.name, ast.get_docstring(node) or ""))
    return found


def _is_rule(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Say whether hypothesis runs the function: a rule or invariant of a state machine."""
    words = {
        name.id if isinstance(name, ast.Name) else name.attr
        for decorator in node.decorator_list
        for name in ast.walk(decorator)
        if isinstance(name, ast.Name | ast.Attribute)
    }
    return not words.isdisjoint({"rule", "invariant"})


def _rust(file: Source) -> list[tuple[str, str]]:
    """Return each comment of test code with the function it stands above or in."""
    tokens = tokens_with_comments(file.text)
    if "/tests/" not in file.path:
        # A comment belongs to test code if the code around it does.
        lines = _test_lines([token for token in tokens if token.kind != "comment"])
        tokens = [token for token in tokens if token.line in lines]
    return [
        (_function(tokens, index), token.text)
        for index, token in enumerate(tokens)
        if token.kind == "comment"
    ]


def _test_lines(code: list[Token]) -> set[int]:
    """Return the lines of the items that are compiled only for tests."""
    test = {id(token) for token in split_test_code(code)[1]}
    lines: set[int] = set()
    first: Token | None = None
    last: Token | None = None
    for token in code:
        if id(token) in test:
            first = token if first is None else first
            last = token
        elif first is not None and last is not None:
            lines.update(range(first.line, last.line + 1))
            first = None
    if first is not None and last is not None:
        lines.update(range(first.line, last.line + 1))
    return lines


def _function(tokens: list[Token], index: int) -> str:
    """Return the name of the function below the comment at `index`, or of the one around it."""
    code = [token.text for token in tokens[index:] if token.kind != "comment"]
    while code[:2] in (["#", "["], ["#", "!"]):
        code = code[code.index("]") + 1 :] if "]" in code else []
    if "fn" in code[:4]:
        return code[code.index("fn") + 1]
    before = [token.text for token in tokens[:index] if token.kind != "comment"]
    if "fn" in before:
        return before[len(before) - before[::-1].index("fn")]
    return "file"
