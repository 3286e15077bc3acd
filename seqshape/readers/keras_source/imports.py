"""``import``: libraries are names; files beside the source are read the same way, inside its folder only."""

from __future__ import annotations

import ast
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.names import LIBRARIES, canonical
from seqshape.readers.keras_source.scope import ABSENT, Frame, Module
from seqshape.readers.keras_source.values import External, Missing, Value, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

MOST_FILES = 50
LARGEST = 4 << 20  # bytes of a file beside the source


def plain(run: Interpreter, node: ast.Import, frame: Frame) -> Work:
    """``import …``."""
    for alias in node.names:
        beside = yield beside_module(run, alias.name, 0, frame)
        name = alias.asname or alias.name.partition(".")[0]
        path = alias.name if alias.asname else name
        run.note_library(alias.name)
        frame.scope.home(name).names[name] = beside if beside is not None else External(canonical(path))


def from_module(run: Interpreter, node: ast.ImportFrom, frame: Frame) -> Work:
    """``from … import …``."""
    written = node.module or ""
    if written == "__future__":
        return
    beside = yield beside_module(run, written, node.level, frame)
    if beside is None and not node.level:
        run.note_library(written)
    for alias in node.names:
        if alias.name == "*":
            _take_all(beside, written, frame)
            continue
        value = yield _one(run, beside, written, node, alias.name, frame)
        name = alias.asname or alias.name
        frame.scope.home(name).names[name] = value


def _take_all(beside: Module | None, written: str, frame: Frame) -> None:
    if beside is None:
        frame.module.stars.append(canonical(written))
        return
    frame.module.stars.extend(beside.stars)
    for name, value in beside.scope.names.items():
        if not name.startswith("_"):
            frame.scope.names[name] = value


def _one(run: Interpreter, beside: Module | None, written: str, node: ast.ImportFrom, name: str, frame: Frame) -> Work:
    if beside is not None:
        found = beside.scope.find(name)
        if found is ABSENT:
            inner = yield beside_module(run, f"{written}.{name}" if written else name, node.level, frame)
            return inner if inner is not None else Missing(name, frame.span(node))
        return found
    if node.level:
        inner = yield beside_module(run, f"{written}.{name}" if written else name, node.level, frame)
        return inner if inner is not None else run.missing(name, frame.span(node))
    path = canonical(f"{written}.{name}")
    if path.partition(".")[0] not in LIBRARIES and name[:1].islower():
        return run.missing(name, frame.span(node))
    return External(path)


def beside_module(run: Interpreter, dotted: str, level: int, frame: Frame) -> Work:
    """The module of a file beside this one; ``None`` if there is none, or it lies outside the folder."""
    path = _path(dotted, level, frame.module)
    if path is None:
        return None
    if path in run.modules:
        return run.modules[path]
    if len(run.modules) >= MOST_FILES:
        return None
    return (yield _loaded(run, path, frame.module))


def _path(dotted: str, level: int, module: Module) -> Path | None:
    """Where a module would lie, if it is a plain file inside the folder of the source."""
    if module.path is None or module.bounds is None:
        return None
    folder = module.path.parent
    for _ in range(level - 1):
        folder = folder.parent
    parts = [part for part in dotted.split(".") if part]
    if any(not part.isidentifier() for part in parts):
        return None
    for path in (folder.joinpath(*parts).with_suffix(".py") if parts else None, folder.joinpath(*parts, "__init__.py")):
        if path is not None and path != module.path and _is_inside(path, module.bounds):
            return path
    return None


def _is_inside(path: Path, bounds: Path) -> bool:
    """Whether a path is a file that really lies in a folder, no symbolic link out of it followed."""
    try:
        real = path.resolve(strict=True)
        return real.is_relative_to(bounds.resolve(strict=True)) and real.is_file()
    except (OSError, ValueError, RuntimeError):
        return False


def _loaded(run: Interpreter, path: Path, importer: Module) -> Work:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    module = run.new_module(text, path, importer.bounds, path.stem) if len(data) <= LARGEST else None
    if module is None:
        return None
    run.modules[path] = module
    tree = run.parsed(module, quiet=True)
    if tree is not None:
        with contextlib.suppress(Raised):
            yield run.block(tree.body, run.module_frame(module))
    return module


def module_attribute(module: Module, name: str) -> Value:
    """What a module beside the source calls so; ABSENT if nothing."""
    return module.scope.find(name)
