"""Rust source text as tokens, so that no check mistakes a comment or a string for code.

It reads what the language's lexical grammar needs (nested comments, raw strings, character
literals beside lifetimes, tuple indices beside floats) and refuses text it cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BLOCK_MARK = re.compile(r"/\*|\*/")
_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]*)
    | (?P<block>/\*)
    | (?P<raw>[bc]?r(?P<hashes>\#*)"(?s:.*?)"(?P=hashes))
    | (?P<string>[bc]?"(?:[^"\\]|\\(?s:.))*")
    | (?P<char>b?'(?:[^'\\\n]|\\x[0-9A-Fa-f]{2}|\\u\{[^}]*\}|\\.)')
    | (?P<lifetime>'[A-Za-z_]\w*)
    | (?P<ident>(?:r\#)?[^\W\d]\w*)
    | (?P<radix>0[xob]\w+)
    | (?P<number>\d[\d_]*(?:\.(?![.\w])|\.\d[\d_]*)?(?:[eE][+-]?\d[\d_]*)?\w*)
    | (?P<punct>::|->|=>|\.\.=|\.\.\.|\.\.|[-+*/%^!&|=<>@.,;:\#$?~(){}\[\]])
    """,
    re.VERBOSE,
)
_INDEX = re.compile(r"\d+")
_KINDS = {"block": "comment", "raw": "string", "radix": "number"}
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


class RustTextError(Exception):
    """The text is not Rust that this reader understands."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: kind (ident, number, string, char, lifetime, punct, comment), text, line."""

    kind: str
    text: str
    line: int


def tokens_with_comments(text: str) -> list[Token]:
    """Return all tokens of `text`; lines count from 1."""
    found: list[Token] = []
    position, line = 0, 1
    while position < len(text):
        end, kind = _next_token(text, position, line, found)
        if kind is not None:
            found.append(Token(kind, text[position:end], line))
        line += text.count("\n", position, end)
        position = end
    return found


def _next_token(text: str, position: int, line: int, before: list[Token]) -> tuple[int, str | None]:
    """Return where the token at `position` ends and its kind; the kind of space is None."""
    if before and before[-1].text == ".":
        # `pair.0.1` is two indices, not a float.
        index = _INDEX.match(text, position)
        if index is not None:
            return index.end(), "number"
    match = _TOKEN.match(text, position)
    if match is None:
        message = f"line {line}: cannot read {text[position : position + 20]!r}"
        raise RustTextError(message)
    kind = match.lastgroup
    if kind is None or kind == "space":
        return match.end(), None
    if kind == "block":
        return _block_end(text, position, line), "comment"
    return match.end(), _KINDS.get(kind, kind)


def _block_end(text: str, position: int, line: int) -> int:
    """Return where the block comment that opens at `position` ends; block comments nest."""
    depth = 0
    for mark in _BLOCK_MARK.finditer(text, position):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    message = f"line {line}: the block comment never ends"
    raise RustTextError(message)


def code_tokens(text: str) -> list[Token]:
    """Return the tokens of `text` without its comments."""
    return [token for token in tokens_with_comments(text) if token.kind != "comment"]


def closing_index(tokens: list[Token], opening: int) -> int:
    """Return the index of the bracket that closes the one at index `opening`."""
    stack: list[str] = []
    for index in range(opening, len(tokens)):
        token = tokens[index]
        if token.kind != "punct":
            continue
        if token.text in _OPENING:
            stack.append(_OPENING[token.text])
        elif token.text in _CLOSING:
            if not stack or stack.pop() != token.text:
                break
            if not stack:
                return index
    message = f"line {tokens[opening].line}: {tokens[opening].text!r} is never closed"
    raise RustTextError(message)


def attribute_end(tokens: list[Token], index: int) -> int | None:
    """Return the index of the `]` of the attribute that starts at `index`, None if none does."""
    if tokens[index].text != "#":
        return None
    bracket = index + 1
    if bracket < len(tokens) and tokens[bracket].text == "!":
        bracket += 1
    if bracket >= len(tokens) or tokens[bracket].text != "[":
        return None
    return closing_index(tokens, bracket)


def _is_test_only(attribute: list[Token]) -> bool:
    """Say whether the attribute is `cfg(test)` or `cfg(all(test, ...))`."""
    words = [token.text for token in attribute if token.text not in {"#", "!", "[", "]"}]
    return words[:4] == ["cfg", "(", "test", ")"] or (
        words[:5] == ["cfg", "(", "all", "(", "test"] and words[5:6] in ([","], [")"])
    )


def _item_end(tokens: list[Token], index: int) -> int:
    """Return the index just behind the item (attributes included) that starts at `index`."""
    while index < len(tokens):
        skipped = attribute_end(tokens, index)
        if skipped is None:
            break
        index = skipped + 1
    while index < len(tokens):
        text = tokens[index].text
        if text == ";":
            return index + 1
        if text == "{":
            return closing_index(tokens, index) + 1
        if text in _OPENING:
            index = closing_index(tokens, index)
        elif text in _CLOSING:
            return index
        index += 1
    return index


def split_test_code(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """Return the code tokens that reach production, and those compiled only for tests."""
    production: list[Token] = []
    test: list[Token] = []
    index = 0
    while index < len(tokens):
        end = attribute_end(tokens, index)
        if end is None:
            production.append(tokens[index])
            index += 1
            continue
        attribute = tokens[index : end + 1]
        if not _is_test_only(attribute):
            production.extend(attribute)
            index = end + 1
            continue
        stop = len(tokens) if attribute[1].text == "!" else _item_end(tokens, index)
        test.extend(tokens[index:stop])
        index = stop
    return production, test


def test_only_modules(tokens: list[Token]) -> list[str]:
    """Return the names in `#[cfg(test)] mod NAME;`, whose code stands in another file."""
    test = split_test_code(tokens)[1]
    return [
        name.text
        for keyword, name, end in zip(test, test[1:], test[2:], strict=False)
        if keyword.text == "mod" and name.kind == "ident" and end.text == ";"
    ]
