"""``seqshape explain``: where the numbers come from; what a code, a word or a message of a framework means."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from seqshape.cli.common import (
    CodeType,
    Inputs,
    Settings,
    SpecType,
    analysed,
    input_options,
    memory_options,
    wanted_memory,
    width_option,
)
from seqshape.cli.files import ACROSS, DRAWN, wanted_form, write_out, write_sheet
from seqshape.cli.printing import complain, is_ascii, leave, status, terminal_width
from seqshape.cli.words import Choice, argument, declared, option
from seqshape.diagnostics import Diagnostic, SeqshapeError
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from typing import Unpack

    from seqshape.analysis.explain import Explanation, Length
    from seqshape.analysis.terms import Term
    from seqshape.cli.common import MemoryWords
    from seqshape.codes.code import Code
    from seqshape.network import Network

EXAMPLES = (
    "seqshape explain 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape explain 'LSTM(5,seq)>TD(Dense(1))' lstm -i 5,1",
    "seqshape explain 'LSTM(5,seq)>TD(Dense(1))' -i 5,1 --memory --batch 32 --optimizer adam",
    "seqshape explain LSTM     (a layer, an argument such as return_sequences, a flag such as seq)",
    "seqshape explain E201     (a code; without words: all of them)",
    "seqshape explain 'expected ndim=3, found ndim=2'     (a message of Keras, TensorFlow or PyTorch)",
    "seqshape explain 'expected ndim=3, found ndim=2' 'LSTM(32)>LSTM(16)' -i 10,4     (which layer it is)",
)

FORMS = ("text", "json", *DRAWN)
PLAIN = str.maketrans({"→": "->", "·": "*", "×": "x", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"})


class Asked(SpecType):
    """What can be explained: a source, or a code."""

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """What a source may become, and the codes that begin so."""
        found, is_file = super().complete(incomplete)
        codes = CodeType().complete(incomplete)[0] if incomplete and "," not in incomplete else []
        return [*codes, *found], is_file and not codes  # with files, bash passes over all else


class Words(NamedTuple):
    """The words of the command beside what is asked about."""

    inputs: Inputs
    settings: Settings
    kind: str | None
    form: str
    output: str | None
    width: int | None

    @property
    def as_json(self) -> bool:
        """Whether data are wanted."""
        return self.form == "json"

    @property
    def are_of_a_network(self) -> bool:
        """Whether there are some that only a network has."""
        return bool(self.inputs or self.settings or self.kind)


@declared("explain", examples=EXAMPLES)
@argument("source", required=False, metavar="[SOURCE|CODE|WORD|MESSAGE]", type=Asked())
@argument("layer", required=False, metavar="[LAYER|SOURCE]")
@input_options
@option("--macs", is_flag=True, help="the multiply-adds too")
@option("--memory", is_flag=True, help="explain the memory instead: what it is made of, layer by layer, an estimate")
@memory_options
@option("--format", "form", type=Choice(FORMS), help="the output's form; by the ending of -o, else text")
@option("--json", "as_json", is_flag=True, help="print JSON: short for --format json")
@option("-o", "--output", metavar="FILE", help="write a file, whole or not at all: .txt, .json, .svg, .html")
@width_option
def command(
    source: str | None, layer: str | None, inputs: Inputs, settings: Settings, kind: str | None, macs: bool,
    form: str | None, as_json: bool, output: str | None, width: int | None, **options: Unpack[MemoryWords],
) -> None:  # fmt: skip
    """Explain every count of a network: the rule as a formula, and the same with numbers.

    SOURCE is a spec or a file, LAYER the name or the class of one layer. A code such as E201, the name of a layer, an
    argument or a flag, and a message that Keras, TensorFlow or PyTorch has printed are explained too; a message and a
    SOURCE: which of its layers it is.
    """
    form = wanted_form(form, as_json, output)
    columns = width or ACROSS if form in DRAWN else terminal_width(width) if output is None else width
    words = Words(inputs, settings, kind, form, output, columns)
    memory = wanted_memory(options)
    if source is not None and memory is not None:
        _explain_memory(source, layer, words, memory, options["dtype"])
    if source is None:
        _list_codes(words)
        return
    if _is_code(source):
        _print_code(source.upper(), words)
        return
    if (layer is None and not words.are_of_a_network and _tell_word(source, words)) or _tell_message(
        source, layer, words
    ):
        return
    _explain(source, layer, words, macs)


def _explain(source: str, layer: str | None, words: Words, macs: bool) -> NoReturn:
    """Explain a network, or one layer of it."""
    try:
        network = analysed(source, words.inputs, words.settings, words.kind)
    except SeqshapeError as error:
        leave(error)
    from seqshape.analysis.explain import explain, length

    found = explain(network, layer)
    if layer is not None and not found:
        from seqshape.answers import no_layer

        leave(no_layer(layer, network))
    steps = length(network) if layer is None and not status(network.diagnostics) else None
    _print(found, steps, macs, words, network, about=layer is not None)
    if not words.as_json:
        complain(network.diagnostics)
    sys.exit(status(network.diagnostics))


def _explain_memory(
    source: str, layer: str | None, words: Words, wanted: tuple[int, str, int | None], dtype: str | None
) -> NoReturn:
    """Explain what the memory of a network is made of, or of one layer of it."""
    try:
        network = analysed(source, words.inputs, words.settings, words.kind, dtype=dtype)
    except SeqshapeError as error:
        leave(error)
    if not status(network.diagnostics):
        _print_memory(network, layer, words, wanted)
    complain(network.diagnostics)
    sys.exit(status(network.diagnostics))


def _print_memory(network: Network, layer: str | None, words: Words, wanted: tuple[int, str, int | None]) -> None:
    from seqshape.analysis.memory import estimate
    from seqshape.renderers import memory as renderer

    found = estimate(network, *wanted)
    if layer is not None:
        kept = tuple(one for one in found.layers if layer.lower() in (one.name.lower(), one.class_name.lower()))
        if not kept:
            from seqshape.answers import no_layer

            leave(no_layer(layer, network))
        found = found._replace(layers=kept)
    if words.as_json:
        _say_json({"schema": "seqshape.memory/1", **found.to_dict()}, words)
    else:
        _say(renderer.render(found), words)


def _print(
    found: tuple[Explanation, ...], length: Length | None, macs: bool, words: Words, network: Network, *, about: bool
) -> None:
    from seqshape.renderers import explain as renderer

    if words.as_json:
        _say_json(renderer.to_dict(found, length, network.diagnostics), words)
    else:
        _say(renderer.render(found, length, macs=macs, about=about), words)


def _say(text: str, words: Words) -> None:
    """Show a text within the width."""
    from seqshape.renderers.text import fitted

    text = _shown(text, words)
    _show("\n".join(fitted(text.split("\n"), words.width)), words)


def _show(text: str, words: Words) -> None:
    """Print a text that fits, with the signs that the terminal has; or draw it, or write it as a file."""
    if words.form in DRAWN:
        from seqshape.renderers.sheet import texts

        write_sheet(texts(text.split("\n")), text.partition("\n")[0], words.form, words.output)
        return
    write_out(_shown(text, words), words.output)


def _shown(text: str, words: Words) -> str:
    return _plain(text) if words.form == "text" and words.output is None and is_ascii(sys.stdout) else text


def _plain(text: str) -> str:
    """The same in ASCII, formulas in Python's syntax."""
    import re
    from unicodedata import digit

    powers = re.sub("[⁰¹²³⁴-⁹]+", lambda found: "**" + "".join(str(digit(sign)) for sign in found[0]), text)
    return powers.translate(PLAIN).encode("ascii", "replace").decode()


# --- codes -----------------------------------------------------------------------------------------------------------


def _is_code(text: str) -> bool:
    return len(text) == 4 and text[0] in "EWAewa" and text[1:].isdigit()


def _print_code(code: str, words: Words) -> None:
    from seqshape.codes import CODES

    page = CODES.get(code)
    if page is None:
        help = "seqshape explain, without a word, lists all codes"
        leave(SeqshapeError((Diagnostic("E304", "error", f"there is no code {code}", help=help),)))
    if words.as_json:
        _say_json({"schema": "seqshape.code/1", **_code(page)}, words)
    else:
        from seqshape.renderers.explain import page as drawn

        _show(drawn(page.page(), words.width), words)


def _code(page: Code) -> dict[str, object]:
    return {
        "code": page.name, "title": page.title, "severity": page.severity, "text": page.text,
        "example": page.example or None, "retired": page.retired,
    }  # fmt: skip


def _list_codes(words: Words) -> None:
    """Print every code with its title."""
    from seqshape.codes import CODES

    if words.as_json:
        _say_json({"schema": "seqshape.codes/1", "codes": [_code(page) for page in CODES.values()]}, words)
        return
    lines = [f"{page.name}  {page.title}" for page in CODES.values() if not page.retired]
    _say("\n".join([*lines, "", "seqshape explain CODE prints the page of one."]), words)


def _say_json(data: dict[str, object], words: Words) -> None:
    from seqshape.renderers.data import text

    write_out(text(data), words.output)


# --- words, and messages ---------------------------------------------------------------------------------------------


def _tell_word(word: str, words: Words) -> bool:
    """Print the page of a layer, an argument or a flag; whether the text is a word and no spec and no file."""
    import re

    if re.fullmatch(r"((keras|layers|tf|ops|nn)\.)?([A-Za-z_]\w*\.)*[A-Za-z_]\w*", word) is None:
        return False
    from seqshape.readers import is_file

    is_path = is_file(word)
    if is_path and "." in word:
        return False
    from seqshape.analysis.terms import term
    from seqshape.analysis.words import Word, find, near

    page = find(word)
    if (meant := term(word)) is not None and not isinstance(page, Word):
        _tell_term(meant, words)
        return True
    if page is None:
        if is_path:
            return False
        hint = near(word)
        if re.fullmatch("[EWA][0-9]*", word, re.ASCII):
            hint = "a code is a letter and three digits, such as E201: seqshape explain lists them"
        help = hint or "seqshape layers lists the layers, seqshape layers WORD searches their arguments and manuals"
        leave(SeqshapeError((Diagnostic("E304", "error", f"no layer, argument or flag is called {word}", help=help),)))
    if words.as_json:
        _say_json(page.to_dict() if isinstance(page, Word) else {"schema": "seqshape.layer/1", **page.to_dict()}, words)
        return True
    from seqshape.renderers import manual as renderer

    drawn = renderer.word(page, words.width) if isinstance(page, Word) else renderer.render(page, words.width)
    _show(drawn, words)
    return True


def _tell_term(meant: Term, words: Words) -> None:
    if words.as_json:
        _say_json(meant.to_dict(), words)
        return
    from seqshape.renderers.explain import page as drawn

    _say(drawn(meant.page(), words.width), words)


def _tell_message(source: str, other: str | None, words: Words) -> bool:
    """Print what a message of a framework means, and with a source which layer it is; whether there is such a message."""
    import re

    spoken = [text for text in (source, other) if text is not None and re.search(r"[a-z]\S* +\S*[a-z=]", text)]
    if not spoken:
        return False
    from seqshape.analysis.messages import looks_like, told

    found, text = next(((told(text), text) for text in spoken if looks_like(text) and told(text)), (None, ""))
    if found is None:
        return False
    network, named = None, source if text == other else other
    if named is not None:
        try:
            network = analysed(named, words.inputs, words.settings, words.kind)
        except SeqshapeError as error:
            leave(error)
    from seqshape.renderers import explain as renderer

    if words.as_json:
        _say_json(renderer.told_to_dict(found, network), words)
    else:
        _say(renderer.told(found, network, words.width), words)
    return True
