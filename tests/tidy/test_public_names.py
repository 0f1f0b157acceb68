"""Public Python names: listed in `__all__`, defined where they are listed, and documented."""

from __future__ import annotations

import ast

import pytest

from tests.tidy.conftest import WriteTree
from tests.tidy.tree import ROOT, Source, UnreadableTreeError, findings, sources

PACKAGE = "python/ringfence/"
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_names(file: Source) -> list[str]:
    """Return one line for each way in which the module's public names are not in order.

    A module with a leading underscore in its path is private and only needs its docstring.
    """
    tree = ast.parse(file.text)
    found = [] if ast.get_docstring(tree) else [f"{file.path}: the module has no docstring"]
    parts = file.path.removeprefix(PACKAGE).split("/")
    if any(part.startswith("_") and not part.startswith("__") for part in parts):
        return found
    listed = _listed(tree)
    if listed is None:
        return [*found, f"{file.path}: no __all__ of plain names"]
    defined = _defined(tree)
    found.extend(f"{file.path}: {name} is listed twice" for name in _repeated(listed))
    found.extend(
        f"{file.path}: {name} is listed but not defined" for name in listed if name not in defined
    )
    for node in tree.body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            found.extend(f"{file.path}:{line}" for line in _undocumented(node, node.name))
    return found


def _listed(tree: ast.Module) -> list[str] | None:
    """Return the names of `__all__`, or None unless it is one list or tuple of strings."""
    for node in tree.body:
        target: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        if not (isinstance(target, ast.Name) and target.id == "__all__"):
            continue
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if not isinstance(value, ast.List | ast.Tuple):
            return None
        names = [item.value for item in value.elts if isinstance(item, ast.Constant)]
        strings = [name for name in names if isinstance(name, str)]
        return strings if len(strings) == len(value.elts) else None
    return None


def _repeated(names: list[str]) -> list[str]:
    """Return the names that stand more than once, sorted."""
    return sorted({name for name in names if names.count(name) > 1})


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that the module binds at its top level."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    for node in tree.body:
        if isinstance(node, Documented):
            names.add(node.name)
        else:
            names.update(
                name.id
                for name in ast.walk(node)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            )
    return names


def _undocumented(node: Documented, name: str) -> list[str]:
    """Return the public names at and below `node` that have no docstring."""
    found = [] if ast.get_docstring(node) else [f"{node.lineno}: {name} has no docstring"]
    if isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, Documented) and not member.name.startswith("_"):
                found.extend(_undocumented(member, f"{name}.{member.name}"))
    return found


def test_public_names_are_listed_and_documented() -> None:
    """Rules 25 and 40 of STYLE.md: public Python is `NAME.__all__`, each item with a docstring."""
    assert [] == findings(public_names, sources(ROOT, (".py",), (PACKAGE,)))


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("__all__ = []", "the module has no docstring"),
        ("'''D.'''\ndef f():\n    '''D.'''", "no __all__ of plain names"),
        ("'''D.'''\n__all__ = names()", "no __all__ of plain names"),
        ("'''D.'''\n__all__ = ['a', *b]", "no __all__ of plain names"),
        ("'''D.'''\n__all__ = ['f']", "f is listed but not defined"),
        ("'''D.'''\nfrom a import f\n__all__ = ['f', 'f']", "f is listed twice"),
        ("'''D.'''\n__all__ = []\ndef f(): pass", "f has no docstring"),
        ("'''D.'''\n__all__ = ['f']\ndef f(): pass", "f has no docstring"),
        (
            "'''D.'''\n__all__ = ['C']\nclass C:\n  '''D.'''\n  def m(self): pass",
            "C.m has no docstring",
        ),
    ],
)
def test_a_name_out_of_order_is_found(text: str, ending: str) -> None:
    """Rules 25 and 40 of STYLE.md: each finding can fire."""
    (finding,) = public_names(Source(PACKAGE + "order.py", text))
    assert finding.endswith(ending)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("order.py", "'''D.'''\n__all__: list[str] = ['A', 'f']\nA = 1\nfrom a import b as f"),
        ("order.py", "'''D.'''\n__all__ = ('f',)\ndef f():\n  '''D.'''\ndef _g(): pass"),
        ("_wire.py", "'''D.'''\ndef f(): pass"),
        ("_wire/codec.py", "'''D.'''\ndef f(): pass"),
        ("__init__.py", "'''D.'''\nfrom a import f\n__all__ = ['f']"),
    ],
)
def test_names_in_order_are_not_found(path: str, text: str) -> None:
    """Rule 40 of STYLE.md: private modules and re-exported names are in order."""
    assert [] == public_names(Source(PACKAGE + path, text))


def test_a_package_that_moved_away_fails(write_tree: WriteTree) -> None:
    """Rule 17 of STYLE.md: a tree without the package is a failure."""
    root = write_tree({"ringfence/order.py": ""})
    with pytest.raises(UnreadableTreeError):
        sources(root, (".py",), (PACKAGE,))
