"""The paths that Rust code names, with `use` trees written out, and the modules of a crate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.tidy.rust_tokens import (
    Token,
    closing_index,
    code_tokens,
    split_test_code,
    test_only_modules,
)
from tests.tidy.tree import Source


@dataclass(frozen=True, slots=True)
class NamedPath:
    """One path as written, `a::b::c` as three segments (`*` for a glob), and its line."""

    segments: tuple[str, ...]
    line: int
    imported: bool  # named by a `use` declaration


def named_paths(tokens: list[Token]) -> list[NamedPath]:
    """Return every path in `tokens`, single names included, in their order."""
    found: list[NamedPath] = []
    index = 0
    in_use = False
    while index < len(tokens):
        token = tokens[index]
        if token.text == "use" and token.kind == "ident":
            in_use = True
        elif token.text == ";":
            in_use = False
        elif token.kind == "ident" and not _continues(tokens, index):
            index = _read(tokens, index, (), found, in_use=in_use)
            continue
        index += 1
    return found


def _continues(tokens: list[Token], index: int) -> bool:
    """Say whether the name at `index` is a field, a method or the rest of a longer path."""
    if index == 0:
        return False
    before = tokens[index - 1].text
    if before == ".":
        return True
    return (
        before == "::"
        and index > 1
        and (tokens[index - 2].kind == "ident" or tokens[index - 2].text == ">")
    )


def _read(
    tokens: list[Token],
    index: int,
    prefix: tuple[str, ...],
    found: list[NamedPath],
    *,
    in_use: bool,
) -> int:
    """Add the path, or tree of paths, that starts at `index`; return the index behind it."""
    line = tokens[index].line
    segments = prefix
    while index < len(tokens):
        token = tokens[index]
        if token.text == "{":
            return _read_group(tokens, index, segments, found)
        segments = (*segments, token.text.removeprefix("r#"))
        index += 1
        if index + 1 >= len(tokens) or tokens[index].text != "::":
            break
        following = tokens[index + 1]
        if following.kind != "ident" and not (in_use and following.text in {"{", "*"}):
            break
        index += 1
    found.append(NamedPath(segments, line, in_use))
    return index


def _read_group(
    tokens: list[Token], index: int, prefix: tuple[str, ...], found: list[NamedPath]
) -> int:
    """Add the paths of the braces that open at `index`; return the index behind them."""
    index += 1
    while index < len(tokens) and tokens[index].text != "}":
        token = tokens[index]
        if token.text == "as":
            index += 2
        elif token.kind == "ident" or token.text in {"{", "*"}:
            index = _read(tokens, index, prefix, found, in_use=True)
        else:
            index += 1
    return index + 1


@dataclass(frozen=True, slots=True)
class Module:
    """One production file of a crate: its source, its module path and its code tokens."""

    source: Source
    path: tuple[str, ...]
    tokens: list[Token]

    def crate_paths(self) -> list[NamedPath]:
        """Return the paths that lead into this crate, from `crate`, `self` or `super`."""
        return [
            NamedPath(resolved, named.line, named.imported)
            for named in named_paths(_without_visibility(self.tokens))
            if (resolved := self._resolve(named.segments)) is not None
        ]

    def _resolve(self, segments: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the module path that `segments` names, without the crate, or None."""
        if segments[0] == "crate":
            return segments[1:]
        if segments[0] == "self" and len(segments) > 1:
            return self.path + segments[1:]
        ups = 0
        while ups < len(segments) and segments[ups] == "super":
            ups += 1
        if ups == 0 or ups > len(self.path):
            return None
        return self.path[: len(self.path) - ups] + segments[ups:]


def _without_visibility(tokens: list[Token]) -> list[Token]:
    """Return the tokens without `pub(crate)` and its like, which name a module but use nothing."""
    left: list[Token] = []
    index = 0
    while index < len(tokens):
        words = [token.text for token in tokens[index : index + 3]]
        left.append(tokens[index])
        index += 1
        if words[:2] == ["pub", "("] and words[2:3] in (["crate"], ["self"], ["super"], ["in"]):
            index = closing_index(tokens, index) + 1
    return left


def modules(files: Iterable[Source], source_folder: str) -> list[Module]:
    """Return the production modules below `source_folder`, files only for tests left out."""
    files = [file for file in files if file.path.startswith(source_folder + "/")]
    excluded: set[tuple[str, ...]] = set()
    whole = {}
    for file in files:
        tokens = code_tokens(file.text)
        whole[file.path] = tokens
        path = _module_path(file.path, source_folder)
        excluded.update((*path, name) for name in test_only_modules(tokens))
    found = []
    for file in files:
        path = _module_path(file.path, source_folder)
        if any(path[: len(test)] == test for test in excluded):
            continue
        found.append(Module(file, path, split_test_code(whole[file.path])[0]))
    return found


def _module_path(path: str, source_folder: str) -> tuple[str, ...]:
    """Return the module that the file at `path` holds: `state/order/mod.rs` is state::order."""
    relative = PurePosixPath(path).relative_to(source_folder)
    if relative.name in {"mod.rs", "lib.rs", "main.rs"}:
        return relative.parent.parts
    return (*relative.parent.parts, relative.stem)
