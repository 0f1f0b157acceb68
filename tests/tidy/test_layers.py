"""The layers of ARCHITECTURE.md: who may import whom, between crates and inside the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.tidy.conftest import WriteTree
from tests.tidy.rust_paths import Module, modules
from tests.tidy.tree import ROOT, Source, UnreadableTreeError, sources

# crate -> crates it may depend on; the arrows of the architecture and what they reach.
CRATE_ARROWS: dict[str, frozenset[str]] = {
    "kernel": frozenset(),
    "fix": frozenset({"kernel"}),
    "gateway": frozenset({"fix", "kernel"}),
    "node": frozenset({"fix", "gateway", "kernel"}),
    "sim": frozenset({"fix", "gateway", "kernel"}),
    "py": frozenset({"fix", "gateway", "kernel", "node", "sim"}),
}
KERNEL_OUTSIDE_CRATES_MAX = 3
CONTRACT_TIMEOUT_S = 30
PREFIX = "ringfence-"
KERNEL_SOURCES = "crates/kernel/src"
# From the bottom: a module may name only modules of earlier rows.
KERNEL_LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"types"}),
    frozenset({"limit"}),
    frozenset({"reason"}),
    frozenset({"event", "input"}),
    frozenset({"state"}),
    frozenset({"clearance", "gate", "router"}),
    frozenset({"sent"}),
    frozenset({"apply", "decide"}),
    frozenset({"kernel"}),
)
# (who names, what is named) -> why it may, although it does not lead down.
KERNEL_EXCEPTIONS = {
    ("event", "sent"): "the events that send are made only where the three proofs are consumed",
    ("state", "sent"): "apply reads what those events carry",
}


def manifests(files: list[Source]) -> dict[str, dict[str, Any]]:
    """Return the parsed manifest of each crate by the name of its folder."""
    return {file.path.split("/")[1]: tomllib.loads(file.text) for file in files}


def dependency_tables(manifest: Mapping[str, Any], *kinds: str) -> dict[str, Any]:
    """Return the dependencies of the given kinds, those of single targets included."""
    found: dict[str, Any] = {}
    for scope in (manifest, *manifest.get("target", {}).values()):
        for kind in kinds:
            for name, declared in scope.get(kind, {}).items():
                renamed = declared.get("package", name) if isinstance(declared, dict) else name
                found[renamed] = declared
    return found


def crate_arrows(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return one line for each crate that depends on one it may not, tests included."""
    wrong = []
    for crate, manifest in sorted(found.items()):
        if crate not in CRATE_ARROWS:
            wrong.append(f"{crate}: this crate has no place in the layers")
            continue
        tables = dependency_tables(
            manifest, "dependencies", "build-dependencies", "dev-dependencies"
        )
        ours = {name.removeprefix(PREFIX) for name in tables if name.startswith(PREFIX)}
        wrong.extend(
            f"{crate}: may not depend on {name}" for name in sorted(ours - CRATE_ARROWS[crate])
        )
    return wrong


def kernel_crates(manifest: Mapping[str, Any]) -> list[str]:
    """Return the outside crates the kernel is built with, sorted."""
    tables = dependency_tables(manifest, "dependencies", "build-dependencies")
    return sorted(name for name in tables if not name.startswith(PREFIX))


def kernel_layers(found: list[Module]) -> list[str]:
    """Return one line for each path of the kernel that does not lead down."""
    level = {name: index for index, row in enumerate(KERNEL_LAYERS) for name in row}
    wrong = []
    for module in found:
        if not module.path:
            continue
        own = module.path[0]
        if own not in level:
            wrong.append(f"{module.source.path}: module {own} has no place in the layers")
            continue
        for named in module.crate_paths():
            target = named.segments[0] if named.segments else "the crate root"
            if target == own or (own, target) in KERNEL_EXCEPTIONS:
                continue
            if level.get(target, len(level)) >= level[own]:
                wrong.append(f"{module.source.path}:{named.line}: {own} names {target}")
    return wrong


def noun_imports(found: list[Module]) -> list[str]:
    """Return one line for each state noun that names another one."""
    nouns = {
        module.path[1] for module in found if module.path[:1] == ("state",) and module.path[1:]
    }
    wrong = []
    for module in found:
        if module.path[:1] != ("state",) or len(module.path) == 1:
            continue
        own = module.path[1]
        for named in module.crate_paths():
            if named.segments[:1] != ("state",):
                continue
            target = named.segments[1] if len(named.segments) > 1 else "all of state"
            if target != own and (target in nouns or len(named.segments) == 1 or target == "*"):
                wrong.append(f"{module.source.path}:{named.line}: {own} names {target}")
    return wrong


def test_crates_depend_only_downwards() -> None:
    """ARCHITECTURE.md, layers: Cargo's arrows are the architecture's, tests included."""
    found = manifests(sources(ROOT, ("/Cargo.toml",), ("crates/",)))
    assert "kernel" in found
    assert [] == crate_arrows(found)


def test_the_kernel_needs_three_crates_at_most() -> None:
    """Rule 40 of STYLE.md: the standard library and three crates; more needs a decision."""
    found = manifests(sources(ROOT, ("/Cargo.toml",), ("crates/kernel/",)))
    assert len(kernel_crates(found["kernel"])) <= KERNEL_OUTSIDE_CRATES_MAX


def test_the_kernel_names_only_lower_layers() -> None:
    """ARCHITECTURE.md, layers: state never sees the gate, the gate never the kernel."""
    assert [] == kernel_layers(modules(sources(ROOT, (".rs",), (KERNEL_SOURCES,)), KERNEL_SOURCES))


def test_the_exceptions_to_the_layers_are_needed() -> None:
    """Rule 17 of STYLE.md: an exception that nothing uses any more is a finding."""
    found = modules(sources(ROOT, (".rs",), (KERNEL_SOURCES,)), KERNEL_SOURCES)
    used = {
        (module.path[0], named.segments[0])
        for module in found
        if module.path
        for named in module.crate_paths()
        if named.segments
    }
    assert [] == sorted(KERNEL_EXCEPTIONS.keys() - used)


def test_state_nouns_never_name_each_other() -> None:
    """ARCHITECTURE.md, layers: only a decider may bring two state nouns together."""
    found = modules(sources(ROOT, (".rs",), (KERNEL_SOURCES,)), KERNEL_SOURCES)
    assert any(module.path[:1] == ("state",) for module in found)
    assert [] == noun_imports(found)


def test_python_contracts_cover_every_module() -> None:
    """ARCHITECTURE.md, layers: the import contract is exhaustive and names the package."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = [contract for contract in contracts if contract["type"] == "layers"]
    assert ["ringfence"] == layers["containers"]
    assert layers["exhaustive"] is True
    assert "exhaustive_ignores" not in layers
    assert "ignore_imports" not in layers


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ({"engine.py": "import ringfence.errors", "errors.py": ""}, True),
        ({"engine.py": "", "errors.py": "import ringfence.engine"}, False),
        ({"lab.py": "", "ops.py": "from ringfence import lab"}, False),
        ({"manager.py": ""}, False),
    ],
)
def test_the_python_contract_can_fail(
    files: dict[str, str], kept: bool, write_tree: WriteTree
) -> None:
    """ARCHITECTURE.md, layers: imports upwards or sideways and unknown modules break it."""
    lower = {f"{name}.py": "" for name in ("cli", "engine", "config", "errors")}
    package = {f"python/ringfence/{name}": text for name, text in (lower | files).items()}
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    root = write_tree({"pyproject.toml": contract, "python/ringfence/__init__.py": "", **package})
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    answer = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "python")},
        capture_output=True,
        text=True,
        check=False,
        timeout=CONTRACT_TIMEOUT_S,
    )
    assert f"{int(kept)} kept, {int(not kept)} broken" in answer.stdout, answer.stderr
    assert (answer.returncode == 0) is kept


def sample(files: dict[str, str]) -> list[Module]:
    """Return modules of a sample kernel from its files below the source folder."""
    return modules(
        [Source(f"{KERNEL_SOURCES}/{path}", text) for path, text in files.items()], KERNEL_SOURCES
    )


@pytest.mark.parametrize(
    ("path", "text", "finding"),
    [
        ("state/order/mod.rs", "use crate::gate::Rule;", "state names gate"),
        ("gate.rs", "fn f() { crate::kernel::step() }", "gate names kernel"),
        ("gate/price.rs", "use super::super::router;", "gate names router"),
        ("event.rs", "use crate::{types::Px, state};", "event names state"),
        ("decide/order.rs", "use crate::apply::apply;", "decide names apply"),
        ("types/px.rs", "use crate::*;", "types names *"),
        ("manager.rs", "fn f() {}", "module manager has no place in the layers"),
    ],
)
def test_a_path_upwards_is_found(path: str, text: str, finding: str) -> None:
    """ARCHITECTURE.md, layers: each way of naming a higher module is found."""
    (found,) = kernel_layers(sample({path: text}))
    assert found.endswith(finding)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("state/order.rs", "use crate::state::position::Position;"),
        ("state/order.rs", "use crate::{types::Px, state::{position}};"),
        ("state/order.rs", "use super::position;"),
        ("state/order/row.rs", "use super::super::position::Position;"),
        ("state/order/row.rs", "fn f() { crate::state::position::g() }"),
        ("state/order.rs", "use crate::state;"),
        ("state/order.rs", "use super::*;"),
    ],
)
def test_a_noun_that_names_another_is_found(path: str, text: str) -> None:
    """ARCHITECTURE.md, layers: each way of reaching another state noun is found."""
    found = sample({path: text, "state/position.rs": "use crate::types::Px; use self::a;"})
    (finding,) = noun_imports(found)
    assert finding.split(": ", 1)[1].startswith("order names ")


def test_a_path_downwards_is_no_finding() -> None:
    """ARCHITECTURE.md, layers: the kernel's root and its deciders may name what is below."""
    found = sample(
        {
            "lib.rs": "pub mod kernel; pub use crate::kernel::Kernel;",
            "state/mod.rs": "use crate::event::Event; use self::order::Order; mod order;",
            "state/row.rs": "pub(super) fn f() {} pub(in crate::state) struct A; pub(crate) mod b;",
            "state/order/mod.rs": "use super::order::row; use crate::state::order::row::Row;",
            "kernel.rs": "use crate::{state::order::Order, gate, types::Px};",
        }
    )
    assert [] == kernel_layers(found) + noun_imports(found)


def test_a_wrong_arrow_is_found() -> None:
    """ARCHITECTURE.md, layers: an arrow upwards is found in every table of a manifest."""
    kernel = {"dependencies": {"ringfence-node": {"path": "../node"}, "sha2": "1"}}
    node = {"target": {"cfg(unix)": {"dev-dependencies": {"a": {"package": "ringfence-py"}}}}}
    found = crate_arrows({"kernel": kernel, "node": node, "shell": {}})
    assert [
        "kernel: may not depend on node",
        "node: may not depend on py",
        "shell: this crate has no place in the layers",
    ] == found


def test_a_fourth_crate_in_the_kernel_is_counted() -> None:
    """Rule 40 of STYLE.md: build dependencies count, test dependencies do not."""
    manifest = {
        "dependencies": {"a": "1", "b": "1", "ringfence-x": "1"},
        "build-dependencies": {"c": "1"},
        "target": {"cfg(unix)": {"dependencies": {"d": "1"}}},
        "dev-dependencies": {"e": "1"},
    }
    assert ["a", "b", "c", "d"] == kernel_crates(manifest)


def test_a_tree_without_manifests_fails(write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: no manifest is a failure, not an empty layering."""
    root = write_tree({"Cargo.toml": ""})
    with pytest.raises(UnreadableTreeError):
        sources(root, ("/Cargo.toml",), ("crates/",))
