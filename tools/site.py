"""What the documentation site has beside the files of docs/: pages made of declarations, while the site is built.

A page for each layer, one of all codes with what their examples print, one of all commands. ``mkdocs build`` calls it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made here."""
    for path, content in pages():
        files.append(File.generated(config, path, content=content))
    return files


def pages() -> Iterator[tuple[str, str]]:
    """Every page that is made, as its path and its text."""
    yield from layers()
    yield "codes.md", codes()
    yield "commands.md", commands()
    for name in ("CHANGELOG", "CONTRIBUTING"):
        yield f"{name.lower()}.md", (ROOT / f"{name}.md").read_text(encoding="utf-8")


def layers() -> Iterator[tuple[str, str]]:
    """A page for each layer, and one that lists them by family."""
    from seqshape.analysis.manual import page
    from seqshape.registry import layers as declared
    from seqshape.renderers.manual import render

    families: dict[str, list[str]] = {}
    for name, kind in declared().items():
        families.setdefault(kind.rule.__module__.rpartition(".")[2], []).append(name)
        yield f"layers/{name}.md", f"# {name}\n\n{block(render(page(name), None))}\n"
    listed = [
        "# Layers\n",
        "`seqshape layers NAME` prints the same pages. Operations of `keras.ops`: `seqshape layers --ops`.\n",
    ]
    for family, names in families.items():
        listed += [f"## {family.capitalize()}\n", ", ".join(f"[{name}]({name}.md)" for name in names) + "\n"]
    yield "layers/index.md", "\n".join(listed)


def codes() -> str:
    """All codes, each with its page and what its example prints."""
    from seqshape.codes import CODES
    from tests.pages import printed

    found = ["# Codes\n", "`seqshape explain CODE` prints one. E is an error, W a warning, A advice.\n"]
    for code in CODES.values():
        found += [f"## {code.name}: {code.title}\n", f"{escaped(code.text)}\n"]
        if code.retired:
            found.append("This version does not give it any more.\n")
        if code.example:
            found.append(f"{block(f'$ seqshape {code.example}')}\n\n{block(printed(f'seqshape {code.example}'))}\n")
    return "\n".join(found)


def commands() -> str:
    """All commands with their options and examples."""
    from seqshape.cli.plain import COMMANDS, command_named
    from tools.manpage import metavar

    found = ["# Commands\n"]
    for name in COMMANDS:
        command = command_named(name)
        found += [f"## {name}\n", f"{escaped(inspect.getdoc(command.function) or '')}\n"]
        found += [f"{block(chr(10).join(command.examples))}\n", "Options:\n"]
        for param in command.params:
            if param.names:
                value = "" if param.is_flag else f" {metavar(param)}"
                words = ", ".join(f"`{option}{value}`" for option in param.names)
                found.append(f"- {words}: {escaped(param.help or '')}")
        found.append("- `-h`, `--help`: the examples, and what stands here\n")
    return "\n".join(found)


def block(text: str) -> str:
    """Text as it is."""
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def escaped(text: str) -> str:
    """A sentence in which no sign is one of Markdown or HTML."""
    for sign in ("\\", "*", "_", "<", "[", "|", "`"):
        text = text.replace(sign, f"\\{sign}")
    return text
