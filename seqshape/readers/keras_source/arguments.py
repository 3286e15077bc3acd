"""``argparse``: the command line is the user's; what has a default is taken to have it, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.values import Args, External, Instance, Keywords, Missing, Native, Value
from seqshape.readers.keras_source.variants import bare_object

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


class Parser:
    """An ``ArgumentParser``: its options, as far as the program declares them."""

    def __init__(self) -> None:
        self.options: dict[str, tuple[Value, Site]] = {}
        self.flags: dict[str, str] = {}  # the option that a flag sets
        self.rules: dict[str, Keywords] = {}  # what is said of an option


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``argparse.ArgumentParser()``; anything else of it is not known."""
    return parser(run, Parser()) if path == "argparse.ArgumentParser" else run.unknown(site)


def parser(run: Interpreter, made: Parser) -> Instance:
    """The object that a program sees."""
    found = bare_object("ArgumentParser", External("argparse.ArgumentParser"))
    found.attributes["add_argument"] = Native("add_argument", _add, made)
    for name in ("add_argument_group", "add_mutually_exclusive_group"):
        found.attributes[name] = Native(name, lambda run, args, kwargs, site: found)
    found.attributes["parse_args"] = Native("parse_args", _parsed, made)
    found.attributes["parse_known_args"] = Native("parse_known_args", _parsed_some, made)
    found.attributes["set_defaults"] = Native("set_defaults", _defaults, made)
    return found


def _add(run: Interpreter, made: Parser, args: Args, kwargs: Keywords, site: Site) -> None:
    flags = [each for each in args if isinstance(each, str)]
    if not flags:
        return
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    name = kwargs.get("dest", long.lstrip("-").replace("-", "_"))
    if isinstance(name, str):
        made.flags.update(dict.fromkeys(flags, name))
        made.rules[name] = kwargs
        made.options[name] = (_converted(_default(name, long, kwargs, site), kwargs.get("type")), site)


SWITCHES = {"store_true": False, "store_false": True}


def _default(name: str, long: str, kwargs: Keywords, site: Site) -> Value:
    """The value of an option that the command line does not give; Missing if it has to give it."""
    action = kwargs.get("action")
    if kwargs.get("default") is not None:
        return kwargs["default"]
    if "default" not in kwargs and isinstance(action, str) and action in SWITCHES:
        return SWITCHES[action]
    is_needed = not long.startswith("-") or kwargs.get("required") or "default" not in kwargs
    return Missing(f"args.{name}", site.span) if is_needed and action is None else None


def _converted(default: Value, kind: Value) -> Value:
    """A default that is written as text, as the number that it is for the program."""
    if isinstance(default, str) and isinstance(kind, External) and kind.path in ("builtins.int", "builtins.float"):
        return on_behalf(int if kind.path.endswith("int") else float, default)
    return default


def _defaults(run: Interpreter, made: Parser, args: Args, kwargs: Keywords, site: Site) -> None:
    for name, value in kwargs.items():
        made.options[name] = (value, site)


def _parsed(run: Interpreter, made: Parser, args: Args, kwargs: Keywords, site: Site) -> Value:
    """The namespace: each option by ``--set args.NAME=…``, else its default."""
    found = bare_object("Namespace", External("argparse.Namespace"))
    said = []
    given = _given(made, args[0] if args else kwargs.get("args"), site)
    for name, (default, place) in made.options.items():
        if name in given:
            found.attributes[name] = given[name]
            continue
        value = run.missing(f"args.{name}", place.span)
        if isinstance(value, Missing) and not isinstance(default, Missing):
            value = default
            said.append(f"{name}={default!r}")
        found.attributes[name] = value
    if said:
        help = "--set args.NAME=… gives another value"
        listed = ", ".join(said[:6]) + (", …" if len(said) > 6 else "")
        run.note(
            "W144",
            f"the options of the command line are taken to have their defaults: {listed}",
            site.span,
            help,
            site.frame,
        )
    return found


def _given(made: Parser, line: Value, site: Site) -> dict[str, Value]:
    """What a command line that the program writes itself says of options; where it is not read, none is known."""
    found: dict[str, Value] = {}
    words = list(line) if isinstance(line, (list, tuple)) else []  # else it is the user's
    while words:
        word = words.pop(0)
        flag, is_joined, value = word.partition("=") if isinstance(word, str) else ("", "", "")
        name = made.flags.get(flag, "")
        if made.rules.get(name, {}).get("action") in SWITCHES:
            found[name] = made.rules[name]["action"] == "store_true"
            continue
        if not _takes_word(made.rules.get(name)) or not (is_joined or words):
            return {name: Missing(f"args.{name}", site.span) for name in made.options}
        found[name] = _read(value if is_joined else words.pop(0), made.rules[name].get("type"), name, site)
    return found


def _takes_word(rules: Keywords | None) -> bool:
    """Whether an option stands before one word."""
    return rules is not None and rules.get("action", "store") == "store" and rules.get("nargs") is None


def _read(word: Value, kind: Value, name: str, site: Site) -> Value:
    """A word of a command line as the option has it."""
    is_text = kind is None or (isinstance(kind, External) and kind.path == "builtins.str")
    known = word if is_text else _converted(word, kind)
    return Missing(f"args.{name}", site.span) if known is word and not is_text else known


def _parsed_some(run: Interpreter, made: Parser, args: Args, kwargs: Keywords, site: Site) -> Value:
    return (_parsed(run, made, args, kwargs, site), [])
