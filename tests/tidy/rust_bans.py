"""What the code of each crate must not contain, found in tokens rather than in text.

Source: the layers and numbers of ARCHITECTURE.md, rules 6, 10, 19 of STYLE.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from tests.tidy.rust_paths import Module, named_paths
from tests.tidy.rust_tokens import Token, attribute_end

_OUTSIDE_WORLD = ("env", "fs", "io", "net", "os", "process", "thread", "time")
_STANDARD = ("std", "core", "alloc")
_RANDOM_CRATES = frozenset({"fastrand", "getrandom", "rand"})
_HASHED = frozenset({"HashMap", "HashSet", "hash_map", "hash_set", "self", "*"})
_CLOCKS = frozenset({"Instant", "SystemTime"})
_FLOATS = frozenset({"f16", "f32", "f64", "f128"})
_FLOAT = re.compile(r"\d[\d_]*(\.[\d_]*)?([eE][+-]?[\d_]+)?(f\d+)?")
_UNFINISHED = frozenset({"dbg", "todo", "unimplemented"})
_PRINTING = frozenset({"eprint", "eprintln", "print", "println"})
_PANICKING = frozenset(
    {"expect", "expect_err", "unwrap", "unwrap_err", "unwrap_unchecked", "unwrap_err_unchecked"}
)
# What may stand before the `<` of `<T as Trait>::NAME`: anything but an operand.
_BEFORE_QUALIFIED = frozenset(
    {"as", "dyn", "else", "for", "if", "impl", "in", "match", "mut", "return", "where", "while"}
)


@dataclass(frozen=True, slots=True)
class Bans:
    """Which groups of constructs a crate may not contain; `unfinished` code never is allowed."""

    outside_world: bool  # clock, environment, files, sockets, threads, processes, randomness
    floats: bool
    panics: bool  # unwrap, expect, `as` casts, unsafe code, printing, hash-ordered maps


PURE = Bans(outside_world=True, floats=True, panics=True)
EDGE = Bans(outside_world=False, floats=False, panics=False)
# `node` is the edge with files and a clock, and still decides nothing in floating point.
CRATES = {
    "kernel": PURE,
    "fix": PURE,
    "gateway": PURE,
    "sim": PURE,
    "node": Bans(outside_world=False, floats=True, panics=True),
    "py": EDGE,
}


def banned(module: Module, bans: Bans) -> list[str]:
    """Return one line `path:line: what` for each banned construct of `module`."""
    tokens = module.tokens
    found = _attributes(tokens) + _macros(tokens, _UNFINISHED)
    if bans.outside_world:
        found += _paths_outside(tokens)
    if bans.floats:
        found += _floats(tokens)
    if bans.panics:
        found += _hashed(tokens) + _panics(tokens) + _macros(tokens, _PRINTING)
    return [f"{module.source.path}:{line}: {what}" for line, what in sorted(found)]


def _attributes(tokens: list[Token]) -> list[tuple[int, str]]:
    """Find `allow(...)`, and `expect(...)` without a reason."""
    found = []
    for index in range(len(tokens)):
        end = attribute_end(tokens, index)
        if end is None:
            continue
        words = [token.text for token in tokens[index : end + 1]]
        line = tokens[index].line
        if "allow" in words:
            found.append((line, "an allow attribute"))
        if "expect" in words and "reason" not in words:
            found.append((line, "an expect attribute without a reason"))
    return found


def _macros(tokens: list[Token], names: frozenset[str]) -> list[tuple[int, str]]:
    """Find calls of the macros `names`."""
    return [
        (name.line, f"{name.text}!")
        for name, mark in pairwise(tokens)
        if name.kind == "ident" and name.text in names and mark.text == "!"
    ]


def _paths_outside(tokens: list[Token]) -> list[tuple[int, str]]:
    """Find paths to the clock, the system, randomness, and renamed standard crates."""
    found = []
    for named in named_paths(tokens):
        first, rest = named.segments[0], named.segments[1:]
        outside = first in _STANDARD and rest[:1] and rest[0] in (*_OUTSIDE_WORLD, "*")
        whole = first in _STANDARD and (not rest or rest == ("self",)) and named.imported
        clock = not _CLOCKS.isdisjoint(named.segments)
        random = first in _RANDOM_CRATES and (rest or named.imported)
        if outside or whole or clock or random:
            found.append((named.line, "::".join(named.segments)))
    return found


def _hashed(tokens: list[Token]) -> list[tuple[int, str]]:
    """Find the standard hash maps, whose order differs from run to run."""
    found = []
    for named in named_paths(tokens):
        path = named.segments
        in_collections = path[:2] in {("std", "collections"), ("alloc", "collections")}
        if (in_collections and (len(path) == 2 or path[2] in _HASHED)) or "RandomState" in path:
            found.append((named.line, "::".join(path)))
    return found


def _floats(tokens: list[Token]) -> list[tuple[int, str]]:
    """Find floating-point types and literals."""
    return [
        (token.line, f"floating point {token.text}")
        for token in tokens
        if (token.kind == "ident" and token.text in _FLOATS)
        or (token.kind == "number" and _is_float(token.text))
    ]


def _is_float(literal: str) -> bool:
    """Say whether the number literal is a floating-point one."""
    match = _FLOAT.fullmatch(literal)
    return match is not None and any(match.groups())


def _panics(tokens: list[Token]) -> list[tuple[int, str]]:
    """Find unsafe code, unwrap and expect, and casts with `as`."""
    found = []
    in_use = False
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        if token.text == ";":
            in_use = False
        if token.kind != "ident":
            continue
        if token.text == "use" or (token.text == "crate" and before == "extern"):
            in_use = True
        elif token.text == "unsafe":
            found.append((token.line, "unsafe"))
        elif token.text in _PANICKING and before in {".", "::"}:
            found.append((token.line, f"{token.text}()"))
        elif token.text == "as" and not in_use and not _in_qualified_path(tokens, index):
            found.append((token.line, "a cast with as"))
    return found


def _in_qualified_path(tokens: list[Token], index: int) -> bool:
    """Say whether the `as` at `index` stands in `<T as Trait>`, which is no cast."""
    depth = 0
    for position in range(index - 1, -1, -1):
        token = tokens[position]
        if token.text in {">", ")", "]"}:
            depth += 1
        elif token.text in {"(", "["}:
            if depth == 0:
                return False
            depth -= 1
        elif token.text == "<":
            if depth:
                depth -= 1
                continue
            before = tokens[position - 1] if position else token
            operand = before.kind in {"number", "string", "char"} or before.text in {")", "]"}
            name = before.kind == "ident" and before.text not in _BEFORE_QUALIFIED
            return not (operand or name)
        elif depth == 0 and token.text in {";", "{", "}", "=", "=>", ",", "+", "-", "/", "|"}:
            return False
    return False
