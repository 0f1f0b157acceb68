"""Pages of the site that are made while it is built, so that they cannot be out of date.

mkdocs calls `on_files`. The pages of the command line, the inputs and the events come from
the package itself, the coverage page from the tests of the tree, and the documents of the root
folder appear under "Project".
"""

from __future__ import annotations

import re

import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from ringfence import _core
from ringfence.cli import app
from ringfence.cli.schema import FRAMES
from typer.core import TyperArgument, TyperGroup, TyperOption

from tests.tidy.requirement_names import named_requirements, required
from tests.tidy.tree import ROOT, sources

PROJECT_DOCUMENTS = ("ARCHITECTURE", "CHANGELOG", "GLOSSARY", "SAFETY", "STYLE")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Return the site's files with the generated pages added."""
    pages = {
        "reference/command-line.md": command_line(),
        "reference/events.md": records("events", "What the kernel decided, in the past tense."),
        "reference/inputs.md": records("inputs", "What the kernel takes in."),
        "reference/requirements-coverage.md": requirements_coverage(),
    }
    for name in PROJECT_DOCUMENTS:
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        pages[f"project/{name.lower()}.md"] = text
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def requirements_coverage() -> str:
    """Return the page that lists the tests of each requirement."""
    (page,) = sources(ROOT, under=("docs/reference/requirements.md",))
    wordings = required(page)
    tests = named_requirements(sources(ROOT, (".py", ".rs"), ("tests/", "crates/")))
    met = sum(1 for number in wordings if number in tests)
    lines = [
        "# Coverage of requirements",
        "",
        f"Of {len(wordings)} [requirements](requirements.md), {met} are named by a test. A number",
        "without a test is not met yet.",
        "",
        "| number | requirement | tests |",
        "| --- | --- | --- |",
    ]
    for number, wording in wordings.items():
        named = "<br>".join(f"`{test}`" for test in sorted(tests.get(number, ())))
        lines.append(f"| R{number} | {wording} | {named} |")
    return "\n".join(lines) + "\n"


def records(kind: str, introduction: str) -> str:
    """Return the page of all inputs or all events, from the schema of the kernel."""
    lines = [
        f"# {kind.capitalize()}\n\n{introduction} A line is one JSON object: the fields of",
        "every line, and those of the record that it names. Optional fields may be left out.\n",
    ]
    every_line = {"name": "Every line", "doc": "", "fields": FRAMES[kind]}
    for record in (every_line, *_core.schema(kind)):
        lines.append(f"\n## {record['name']}\n\n{_plain(record['doc'])}\n")
        if record["fields"]:
            lines.append("| field | type | needed | meaning |\n| --- | --- | --- | --- |")
        for field in record["fields"]:
            needed = "yes" if field["required"] else ""
            meaning = _plain(field["doc"])
            lines.append(f"| `{field['name']}` | {_plain(field['kind'])} | {needed} | {meaning} |")
    return "\n".join(lines) + "\n"


def command_line() -> str:
    """Return the page that describes each command, from the program's own help."""
    head = "# Command line\n\nData go to standard output, messages to standard error.\n"
    group = typer.main.get_group(app)
    return head + "".join(_group_sections("ringfence", group, level=2))


def _group_sections(name: str, group: TyperGroup, level: int) -> list[str]:
    """Return the lines about the commands of `group`, sorted, and of the groups below it."""
    lines = []
    for below, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        title = f"{name} {below}"
        lines.append(f"\n{'#' * level} `{title}`\n\n{_plain(command.help or '')}\n")
        parameters = [
            parameter
            for parameter in command.params
            if isinstance(parameter, TyperArgument | TyperOption) and parameter.name != "help"
        ]
        if parameters:
            lines.append("\n| parameter | meaning |\n| --- | --- |\n")
            lines.extend(_parameter_row(parameter) for parameter in parameters)
        if isinstance(command, TyperGroup):
            lines += _group_sections(title, command, min(level + 1, 4))
    return lines


def _parameter_row(parameter: TyperArgument | TyperOption) -> str:
    """Return the table row of one argument or option."""
    if isinstance(parameter, TyperArgument):
        written = f"`{(parameter.name or '').upper()}`"
    else:
        names = (*parameter.opts, *parameter.secondary_opts)
        written = ", ".join(f"`{name}`" for name in names)
    return f"| {written} | {_plain(parameter.help or '')} |\n"


def _plain(text: str) -> str:
    """Return `text` with one line a paragraph and without what would end a table cell."""
    shown, _, _ = text.partition("\f")
    return re.sub(r"(?<!\n)\n(?!\n)", " ", shown.strip()).replace("|", "\\|")
