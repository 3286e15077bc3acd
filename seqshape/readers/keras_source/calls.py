"""Calls: of functions and classes of the source, of layers, and of what libraries give."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.changes import open_up
from seqshape.readers.keras_source.items import iterate
from seqshape.readers.keras_source.machine import MOST_FRAMES, Raised, Returned
from seqshape.readers.keras_source.rooms import above
from seqshape.readers.keras_source.scope import Frame, Scope, Site
from seqshape.readers.keras_source.values import (
    Args,
    Class,
    External,
    Function,
    Instance,
    Keywords,
    Layer,
    Method,
    Missing,
    MissingShape,
    Model,
    Native,
    Rest,
    Result,
    Super,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import OpenKeywords, open_rest

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


def written_call(run: Interpreter, node: ast.Call, frame: Frame) -> Work:
    """A call as it is written."""
    if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args and frame.owner is not None:
        return Super(frame.owner, frame.first)
    function = yield run.evaluate(node.func, frame)
    if isinstance(function, Missing) and _means_nothing(run, node.func, frame):
        return function.part("()")  # Python raises before it looks at the arguments
    args, kwargs, places = yield _evaluated(run, node, frame)
    if isinstance(function, External) and function.path == "builtins.super":
        return _super(args, frame)
    return (yield call(run, function, args, kwargs, Site(frame, node, places)))


def _evaluated(run: Interpreter, node: ast.Call, frame: Frame) -> Work:
    """The arguments of a call, by position and by name, and where each is written."""
    args: Args = []
    places: dict[int | str, ast.AST] = {}
    for each in node.args:
        if isinstance(each, ast.Starred):
            args.extend((yield _unpacked(run, each, frame)))
        else:
            places[len(args)] = each
            args.append((yield run.evaluate(each, frame)))
    kwargs: Keywords = {}
    for keyword in node.keywords:
        value = yield run.evaluate(keyword.value, frame)
        if keyword.arg is None:
            known, rest = _told(value, frame.span(keyword))
            kwargs.update(known)
            if rest is not None:
                kwargs = OpenKeywords(kwargs, rest)
        else:
            places[keyword.arg] = keyword
            kwargs[keyword.arg] = value
    return args, kwargs, places


def _told(value: Value, span: Span) -> tuple[Keywords, Missing | None]:
    """What two stars put into a call by name, and what stands for more, if there may be."""
    if not isinstance(value, dict):
        return {}, value if isinstance(value, Missing) else Missing("keywords", span) if is_missing(value) else None
    rest = next((each for each in value if isinstance(each, Rest)), None)
    return {str(key): item for key, item in value.items() if key is not rest}, rest


def _unpacked(run: Interpreter, node: ast.Starred, frame: Frame) -> Work:
    """What a star puts into a call; of what is not known, one thing that is not known."""
    inside = yield run.evaluate(node.value, frame)
    items = yield iterate(run, inside, frame, node)
    if items is not None:
        return items
    return [inside] if isinstance(inside, MissingShape) else [run.unknown_here(node, frame)]


def _means_nothing(run: Interpreter, node: ast.expr, frame: Frame) -> bool:
    """Whether a name before dots is given a meaning nowhere in the program, not even by ``from … import *``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and run.is_undefined(node.id, frame)


def _super(args: Args, frame: Frame) -> Value:
    owner = args[0] if args and isinstance(args[0], Class) else frame.owner
    return Super(owner, args[1] if len(args) > 1 else frame.first) if owner is not None else None


def call(run: Interpreter, function: Value, args: Args, kwargs: Keywords, site: Site) -> Result:
    """What a call gives, or the work that finds it out."""
    if isinstance(function, Function):
        return call_function(run, function, args, kwargs, site)
    if isinstance(function, Method):
        return call_function(run, function.function, [function.instance, *args], kwargs, site)
    if isinstance(function, Native):
        return function.run(run, *function.bound, args, kwargs, site)
    if isinstance(function, External):
        return above("library", "call_external")(run, function.path, args, kwargs, site)
    if isinstance(function, Class):
        return above("classes", "instantiate")(run, function, args, kwargs, site)
    if isinstance(function, Layer):
        from seqshape.readers.keras_source.layer_calls import apply_layer

        return apply_layer(run, function, args, kwargs, site)
    if isinstance(function, Instance) and function.cls.find("__call__") is not None:
        return run.call_method(function, "__call__", args, kwargs, site.frame, site.node)
    return unknown_call(run, function, args, kwargs, site)


def unknown_call(run: Interpreter, function: Value, args: Args, kwargs: Keywords, site: Site) -> Value:
    """What comes of a call of something that is not known: something that is not known, with the tensors that went in."""
    from seqshape.readers.keras_source.tensors import first_tensor

    tensor = first_tensor([args, kwargs])
    if tensor is not None:
        return run.lost(
            tensor, f"{run.written(getattr(site.node, 'func', site.node), site.frame)} is not known", site.span
        )
    called = run.written(getattr(site.node, "func", site.node), site.frame)
    for each in (*args, *kwargs.values()):
        if isinstance(each, Model) and each.is_sequential:
            each.handed.append((f"{called} gets it, which is not known here and may add layers", site.span))
    name = run.written(site.node, site.frame) if isinstance(site.node, ast.Call) else "what a call gives"
    return run.missing(name, site.span)


def call_function(run: Interpreter, function: Function, args: Args, kwargs: Keywords, site: Site) -> Work:
    """What a function of the source gives."""
    if function.memo is not None:
        return above("protocols", "recalled")(run, function, args, kwargs, site)  # type: ignore[return-value]
    return run_function(run, function, args, kwargs, site)


def run_function(run: Interpreter, function: Function, args: Args, kwargs: Keywords, site: Site) -> Work:
    """Run a function of the source."""
    if run.machine.frames >= MOST_FRAMES:
        raise Raised(None, "RecursionError", "functions that call each other without end", site.span)
    frame = Frame(
        Scope(function.scope), function.module, caller=site.frame, function=function.qualified, line=site.line
    )
    frame.owner = function.owner
    if function.owner is not None and args:
        frame.first = args[0]
    if site.frame.module is run.main or site.frame.function is not None:
        run.called.add(function)
    bind_arguments(run, function, args, kwargs, frame, site)
    if function.is_generator:
        return above("iterators", "generator")(run, function, frame)
    run.machine.frames += 1
    try:
        if isinstance(function.node, ast.Lambda):
            return (yield run.evaluate(function.node.body, frame))
        yield run.block(function.node.body, frame)
    except Returned as returned:
        return returned.value
    finally:
        run.machine.frames -= 1
    return None


def bind_arguments(
    run: Interpreter, function: Function, args: Args, kwargs: Keywords, frame: Frame, site: Site
) -> None:
    """Give the parameters of a function their values. Raises Raised where they do not fit."""
    wanted = function.node.args
    names = frame.scope.names
    positional = [each.arg for each in (*wanted.posonlyargs, *wanted.args)]
    names.update(zip(positional, args, strict=False))
    extra = args[len(positional) :]
    if wanted.vararg is not None:
        names[wanted.vararg.arg] = tuple(extra)
    elif extra:
        raise _misfit(f"{function.name} takes {len(positional)} arguments, not {len(args)}", site)
    known = {*positional, *(each.arg for each in wanted.kwonlyargs)}
    rest = open_rest(kwargs)
    left: Keywords = {}
    for name, value in kwargs.items():
        if name in known and name not in names:
            names[name] = value
        elif wanted.kwarg is None:
            raise _misfit(f"{function.name} has no argument {name}, or gets it twice", site)
        else:
            left[name] = value
    if wanted.kwarg is not None:
        names[wanted.kwarg.arg] = left
        if rest is not None:
            open_up(left, rest.span)
    parameters = [*positional, *(each.arg for each in wanted.kwonlyargs)]
    if rest is not None:
        names.update({name: run.missing(name, rest.span) for name in parameters if name not in names})
    _fill_in(function, parameters, names, site)


def _fill_in(function: Function, parameters: list[str], names: dict[str, Value], site: Site) -> None:
    """What is not given has its default. Raises Raised where there is none."""
    for name in parameters:
        if name not in names:
            if name not in function.defaults:
                raise _misfit(f"{function.name} needs {name}", site)
            names[name] = function.defaults[name]


def _misfit(message: str, site: Site) -> Raised:
    return Raised(None, "TypeError", message, site.span)


def yields(node: ast.AST) -> bool:
    """Whether a function is a generator."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(node))
    while waiting:
        here = waiting.pop()
        if isinstance(here, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(here, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(here))
    return False


def required(function: Function) -> list[str]:
    """The parameters of a function that have no default, ``self`` included."""
    wanted = function.node.args
    names = [each.arg for each in (*wanted.posonlyargs, *wanted.args, *wanted.kwonlyargs)]
    return [name for name in names if name not in function.defaults]


def parameters(function: Function) -> list[str]:
    """The names of all parameters but ``*`` and ``**``."""
    wanted = function.node.args
    return [each.arg for each in (*wanted.posonlyargs, *wanted.args, *wanted.kwonlyargs)]


def takes_anything(function: Function) -> bool:
    """Whether a function takes keywords of any name."""
    return function.node.args.kwarg is not None


def known(value: Value) -> bool:
    """Whether a value is there and known."""
    return value is not None and not is_missing(value)


def first_of(args: Args, kwargs: Keywords, index: int, name: str, default: Value = None) -> Value:
    """An argument by position or by name."""
    if index < len(args):
        return args[index]
    return kwargs.get(name, default)


__all__ = ["Missing", "Site", "call", "call_function", "first_of", "known", "parameters", "required", "written_call"]
