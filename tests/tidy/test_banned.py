"""No clock, system, randomness, float, hash order or panic where decisions are made."""

from __future__ import annotations

import pytest

from tests.tidy.conftest import WriteTree
from tests.tidy.rust_bans import CRATES, EDGE, PURE, Bans, banned
from tests.tidy.rust_paths import modules
from tests.tidy.rust_tokens import RustTextError
from tests.tidy.tree import (
    ROOT,
    Source,
    UnreadableTreeError,
    listed_paths,
    sources,
    without_exceptions,
)

# Start of a finding -> why it must be.
EXCEPTIONS = {
    "crates/node/src/sys.rs:": "two calls of the operating system without a safe wrapper",
}


def crates_of(root_paths: list[str]) -> list[str]:
    """Return the names of the crates of a tree, from the folders below `crates`."""
    return sorted({path.split("/")[1] for path in root_paths if path.startswith("crates/")})


def found_in(text: str, bans: Bans = PURE) -> list[str]:
    """Return what is banned in one file of a crate, without the path."""
    (module,) = modules([Source("crates/kernel/src/lib.rs", text)], "crates/kernel/src")
    return [finding.split(": ", 1)[1] for finding in banned(module, bans)]


def test_every_crate_has_its_bans() -> None:
    """ARCHITECTURE.md, layers: a crate that this check does not know is a failure."""
    assert set(crates_of(listed_paths(ROOT))) <= set(CRATES)


@pytest.mark.parametrize("crate", crates_of(listed_paths(ROOT)))
def test_a_crate_contains_nothing_banned(crate: str) -> None:
    """Rules 6 and 19 of STYLE.md: no unrepeatable or unfinished construct reaches a decision."""
    folder = f"crates/{crate}/src"
    files = sources(ROOT, (".rs",), (folder,))
    found = [line for module in modules(files, folder) for line in banned(module, CRATES[crate])]
    excepted = {key: why for key, why in EXCEPTIONS.items() if key.startswith(folder)}
    assert [] == without_exceptions(found, excepted)


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("use std::time::Duration;", "std::time::Duration"),
        ("use std::{cmp, fs::{self, File}};", "std::fs::File"),
        ("use std::{time as clock};", "std::time"),
        ("use std as s;", "std"),
        ("use std::*;", "std::*"),
        ("fn f() { ::std::process::exit(1) }", "std::process::exit"),
        ("fn f() { std::env::var(A) }", "std::env::var"),
        ("fn f() { let a = Instant::now(); }", "Instant::now"),
        ("fn f(a: SystemTime) {}", "SystemTime"),
        ("fn f() { rand::random() }", "rand::random"),
        ("use std::collections::{BTreeMap, HashMap};", "std::collections::HashMap"),
        ("use std::collections::*;", "std::collections::*"),
        ("use std::collections;", "std::collections"),
        ("type A = std::collections::HashSet<u8>;", "std::collections::HashSet"),
        ("struct A(f64);", "floating point f64"),
        ("const A: i64 = (2.5).floor();", "floating point 2.5"),
        ("const A: i64 = 1e9;", "floating point 1e9"),
        ("fn f() { a.unwrap(); }", "unwrap()"),
        ("fn f() { a.map(Option::unwrap); }", "unwrap()"),
        ("fn f() { a.expect(b); }", "expect()"),
        ("fn f() { a as u64 }", "a cast with as"),
        ("fn f() { if a < b as Row {} }", "a cast with as"),
        ("unsafe fn f() {}", "unsafe"),
        ("fn f() { println!(a) }", "println!"),
        ("fn f() { todo!() }", "todo!"),
        ("fn f() { unimplemented!() }", "unimplemented!"),
        ("fn f() { dbg!(a) }", "dbg!"),
        ("#![allow(dead_code)]", "an allow attribute"),
        ("#[cfg_attr(a, allow(dead_code))] fn f() {}", "an allow attribute"),
        ("#[expect(dead_code)] fn f() {}", "an expect attribute without a reason"),
    ],
)
def test_a_banned_construct_is_found(code: str, finding: str) -> None:
    """Rules 6 and 19 of STYLE.md: each ban can fire."""
    assert finding in found_in(code)


@pytest.mark.parametrize(
    "code",
    [
        "// a.unwrap() as f64\n/* std::time /* nested */ todo!() */",
        'const A: &str = "std::fs::File 2.5 unsafe"; const B: &str = r#"a.unwrap() "as""#;',
        "#[cfg(test)] mod tests { fn f() { a.unwrap(); let b = 2.5 as u64; } }",
        "#[cfg(test)]\n#[derive(Debug)]\nfn f() { println!(a) }",
        '#[expect(dead_code, reason = "a table row")] fn f() {}',
        "fn f() { <A as B>::c(); let d: Vec<<A as B>::C> = e; }",
        "use a::b as c; use a::{b as d, e as g}; fn f() { h.unwrap_or(1) }",
        "fn f() { pair.0.1; 1..2; 1.max(2); 0xfe; 1_u64; 1usize }",
        "use std::collections::BTreeMap; use std::fmt; use crate::time::Instants;",
        "fn f<'a>(random: &'a str) { let c = 'a'; let timed = random; }",
    ],
)
def test_a_fitting_construct_is_not_found(code: str) -> None:
    """Rule 17 of STYLE.md: comments, strings, test code and look-alikes are not findings."""
    assert [] == found_in(code)


def test_code_behind_test_code_is_read_again() -> None:
    """Rule 17 of STYLE.md: a test module hides only itself, an inner attribute its whole file."""
    text = "#[cfg(test)] mod tests { fn f() { a.unwrap(); } } fn g() { dbg!(1) }"
    assert ["dbg!"] == found_in(text)
    assert [] == found_in("#![cfg(test)] fn g() { dbg!(1) }")
    assert ["dbg!"] == found_in("#[cfg(not(test))] fn g() { dbg!(1) }")


def test_a_test_module_in_its_own_file_is_left_out() -> None:
    """Rule 17 of STYLE.md: only a module declared for tests alone is not production code."""
    folder = "crates/kernel/src"
    inner = Source(f"{folder}/order/tests.rs", "fn f() { a.unwrap(); }")
    tested = Source(f"{folder}/order.rs", "#[cfg(test)] mod tests;")
    plain = Source(f"{folder}/order.rs", "mod tests;")
    assert [("order",)] == [module.path for module in modules([tested, inner], folder)]
    assert 2 == len(modules([plain, inner], folder))


def test_the_edge_may_touch_the_system_but_not_leave_work_undone() -> None:
    """Rule 9 of STYLE.md: unfinished code is banned in every crate, files are not at the edge."""
    assert [] == found_in("use std::fs::File;", EDGE)
    assert ["todo!"] == found_in("fn f() { todo!() }", EDGE)
    assert [] == found_in("use std::fs::File;", CRATES["node"])
    assert ["floating point f64"] == found_in("struct A(f64);", CRATES["node"])


@pytest.mark.parametrize("text", ["fn f() { /* open", "fn f() { ` }", "#[cfg(test)] mod a {"])
def test_code_that_cannot_be_read_fails(text: str) -> None:
    """Rule 17 of STYLE.md: unreadable Rust is an error, not an empty answer."""
    with pytest.raises(RustTextError):
        found_in(text)


def test_a_crate_without_sources_fails(write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: a crate whose sources moved away fails the check."""
    root = write_tree({"crates/kernel/Cargo.toml": ""})
    with pytest.raises(UnreadableTreeError):
        sources(root, (".rs",), ("crates/kernel/src",))
