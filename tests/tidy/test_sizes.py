"""Sizes that keep the tree readable: files, lines, functions (rule 4 of STYLE.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.tidy.conftest import WriteTree
from tests.tidy.rust_tokens import Token, closing_index, code_tokens
from tests.tidy.tree import (
    ROOT,
    Source,
    UnreadableTreeError,
    findings,
    sources,
    without_exceptions,
)

FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 60
SUFFIXES = (".py", ".pyi", ".rs", ".js")
# Start of a finding -> why it must be. Prefer making the file smaller.
EXCEPTIONS: dict[str, str] = {}


def file_and_line_sizes(file: Source) -> list[str]:
    """Return one line for a file that is too long and for each line that is."""
    lines = file.text.splitlines()
    found = []
    if len(lines) > FILE_LINES_MAX:
        found.append(f"{file.path}: {len(lines)} lines, at most {FILE_LINES_MAX}")
    found.extend(
        f"{file.path}:{number}: {len(line)} columns, at most {LINE_COLUMNS_MAX}"
        for number, line in enumerate(lines, 1)
        if len(line) > LINE_COLUMNS_MAX
    )
    return found


def function_sizes(file: Source) -> list[str]:
    """Return one line for each Python or Rust function that is too long."""
    if file.path.endswith(".rs"):
        spans = _rust_functions(code_tokens(file.text))
    else:
        spans = _python_functions(file.text)
    return [
        f"{file.path}:{first}: {name} has {last - first + 1} lines, at most {FUNCTION_LINES_MAX}"
        for name, first, last in spans
        if last - first + 1 > FUNCTION_LINES_MAX
    ]


def _python_functions(text: str) -> list[tuple[str, int, int]]:
    """Return name, first and last line of each function, nested ones too."""
    return [
        (node.name, node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _rust_functions(tokens: list[Token]) -> list[tuple[str, int, int]]:
    """Return name, first and last line of each function that has a body."""
    found = []
    for index, token in enumerate(tokens[:-1]):
        name = tokens[index + 1]
        if token.kind != "ident" or token.text != "fn" or name.kind != "ident":
            continue
        position = index + 2
        while position < len(tokens) and tokens[position].text not in {"{", ";"}:
            if tokens[position].text in {"(", "["}:
                position = closing_index(tokens, position)
            position += 1
        if position < len(tokens) and tokens[position].text == "{":
            end = closing_index(tokens, position)
            found.append((name.text, token.line, tokens[end].line))
    return found


def test_files_and_lines_are_short() -> None:
    """Rule 4 of STYLE.md: at most 500 lines a file, 100 columns a line."""
    found = findings(file_and_line_sizes, sources(ROOT, SUFFIXES))
    assert [] == without_exceptions(found, EXCEPTIONS)


def test_functions_are_short() -> None:
    """Rule 4 of STYLE.md: at most 60 lines a function."""
    found = findings(function_sizes, sources(ROOT, (".py", ".rs")))
    assert [] == without_exceptions(found, EXCEPTIONS)


def test_a_long_file_and_a_long_line_are_found(write_tree: WriteTree) -> None:
    """Rule 4 of STYLE.md: the size check can fail, at one line and one column too many."""
    root = write_tree(
        {
            "long.py": "pass\n" * 501,
            "full.py": "pass\n" * 500,
            "wide.rs": "x" * 101 + "\n" + "x" * 100 + "\n",
        }
    )
    assert [
        "long.py: 501 lines, at most 500",
        "wide.rs:1: 101 columns, at most 100",
    ] == findings(file_and_line_sizes, sources(root, SUFFIXES))


@pytest.mark.parametrize(
    ("path", "head", "line", "tail"),
    [
        ("a.py", "def long():\n", "    pass\n", ""),
        ("a.py", "class A:\n  async def long(self):\n", "    pass\n", ""),
        ("a.rs", "fn long<const N: usize>(a: [u8; 2]) -> [u8; 2] {\n", "a();\n", "}\n"),
        ("a.rs", 'impl A { fn long(&self) { let s = "}";\n', "{ /* } */ }\n", "} }\n"),
    ],
)
def test_a_long_function_is_found(path: str, head: str, line: str, tail: str) -> None:
    """Rule 4 of STYLE.md: 61 lines of function are found, 60 are not, in both languages."""
    frame = 1 + tail.count("\n")
    fitting = head + line * (FUNCTION_LINES_MAX - frame) + tail
    assert [] == function_sizes(Source(path, fitting))
    (finding,) = function_sizes(Source(path, head + line + fitting.removeprefix(head)))
    assert "long has 61 lines, at most 60" in finding


def test_a_tree_that_cannot_be_read_fails(tmp_path: Path, write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: no tree, an empty tree, no such file or binary data is a failure."""
    with pytest.raises(UnreadableTreeError, match="cannot list"):
        sources(tmp_path / "absent", SUFFIXES)
    root = write_tree({})
    with pytest.raises(UnreadableTreeError, match="lists no file"):
        sources(root, SUFFIXES)
    (root / "notes.txt").write_text("words", encoding="utf-8")
    with pytest.raises(UnreadableTreeError, match="no file"):
        sources(root, SUFFIXES)
    (root / "broken.py").write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableTreeError, match="as text"):
        sources(root, SUFFIXES)


def test_an_exception_covers_one_finding_and_needs_one() -> None:
    """Rule 17 of STYLE.md: an exception without a reason or without a finding is a finding."""
    found = ["a.py: 501 lines", "b.py: 502 lines"]
    assert ["b.py: 502 lines"] == without_exceptions(found, {"a.py": "generated"})
    assert ["c.py: the exception is not needed"] == without_exceptions([], {"c.py": "old"})
    assert ["a.py: the exception has no reason"] == without_exceptions(found[:1], {"a.py": ""})
