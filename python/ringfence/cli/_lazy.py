"""Groups of commands whose module is imported when one of them is asked for, not before."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cached_property
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def lazy_group(module: str, help_text: str) -> typer.Typer:
    """Return a group that shows `help_text` and finds its commands in the `app` of `module`."""

    class LazyGroup(TyperGroup):
        """A group that imports its commands."""

        @cached_property
        def _loaded(self) -> MutableMapping[str, Any]:
            app: typer.Typer = import_module(module).app
            return typer.main.get_group(app).commands

        @property
        def commands(self) -> MutableMapping[str, Any]:
            """Return the commands by name, importing their module the first time."""
            return self._loaded

        @commands.setter
        def commands(self, commands: MutableMapping[str, Any]) -> None:
            """Take no commands: the module alone has them."""
            if commands:
                message = f"the commands of {module} are defined there"
                raise ValueError(message)

    return typer.Typer(cls=LazyGroup, help=help_text, no_args_is_help=True)
