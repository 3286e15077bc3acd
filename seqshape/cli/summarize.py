"""``seqshape summarize``: the main job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqshape.cli.common import (
    CodeType,
    Given,
    Inputs,
    Settings,
    Shapes,
    SpecType,
    chosen_columns,
    color_option,
    given_inputs,
    given_targets,
    input_options,
    is_blank,
    memory_options,
    source_text,
    title_of,
    values,
    wanted_memory,
    width_option,
)
from seqshape.cli.files import form_of, whole_file, write_out, write_pieces
from seqshape.cli.printing import color_wanted, complain, is_ascii, leave, say, status, terminal_width
from seqshape.cli.words import Choice, Misuse, Whole, argument, declared, option
from seqshape.diagnostics import SeqshapeError
from seqshape.graph import read_already
from seqshape.records import NamedTuple
from seqshape.renderers import ENDINGS, FORMATS, Options
from seqshape.renderers.text import printable, shown
from seqshape.versions import VERSIONS

if TYPE_CHECKING:
    from typing import Unpack

    from seqshape.cli.common import MemoryWords
    from seqshape.cli.workers import Job
    from seqshape.door import Spec
    from seqshape.summary import Summary

    class Words(MemoryWords):
        """The words of the command beside the sources and what holds for all of them."""

        lines: bool
        processes: int | None
        form: str | None
        as_json: bool
        output: str | None
        keras: str
        no_advice: bool
        select: str | None
        ignore: str | None
        targets: Inputs
        convention: str
        call: str | None
        expand: bool
        depth: int | None
        columns: str | None
        macs: bool
        masks: bool
        share: bool
        trainable: bool
        sort: str | None
        width: int | None
        color: str


EXAMPLES = (
    "seqshape summarize 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape summarize 'Conv1D(64,3,relu)>MP1D(2)>Flatten>Dense(10)' -i 100,8 --macs",
    "seqshape summarize 'GRU(16,seq)>Dense(8)' -i T,F --set T=64     (named sizes)",
    "seqshape summarize 'LSTM(5)>Dense(1)' -i 5,1 --target 5,1     (do the labels y fit?)",
    "seqshape summarize 'LSTM(5)>Dense(1)' -i 5,1 --convention all     (as Keras, torch and ONNX count)",
    "seqshape summarize model.keras --columns params,flops,activations --memory --batch 32 --optimizer adam",
    "seqshape summarize model.json --json | jq .totals.params",
    "seqshape summarize *.keras --json     (a line of JSON each)",
    "seqshape summarize --lines specs.txt -i 5,1     (a spec or a path on each line)",
)


@declared("summarize", examples=EXAMPLES)
@argument("sources", metavar="SOURCE...", rest=True, type=SpecType())
@input_options
@option("--lines", is_flag=True, help="SOURCE is a list, a file or -: a spec or a path on each line")
@option(
    "--jobs",
    "processes",
    type=Whole(1, 64),
    metavar="N",
    help="processes that share several sources; one for each processor if not given",
)
@option("--format", "form", type=Choice(list(FORMATS)), help="the output's form; by the ending of -o, else a table")
@option("--json", "as_json", is_flag=True, help="print JSON: short for --format json")
@option("-o", "--output", metavar="FILE", help="write a file, whole or not at all: .json, .csv, .md, .html, .svg, .txt")
@option(
    "--keras",
    type=Choice(VERSIONS),
    default="3",
    help="name and count as that version: tf2 is tf.keras 2.x, 2 standalone Keras",
)
@option("--no-advice", is_flag=True, help="no advice; errors and warnings stay")
@option("--select", type=CodeType(), metavar="CODES", help="only advice of these codes, such as A101,A104")
@option("--ignore", type=CodeType(), metavar="CODES", help="no advice of these codes")
@option(
    "--target",
    "targets",
    type=Shapes(),
    multiple=True,
    metavar="SHAPE",
    help="shape of the labels y without the batch, such as 5,1: does the output fit? Of several outputs once for each",
)
@option(
    "--convention",
    type=Choice(["keras", "torch", "onnx", "all"]),
    default="keras",
    help="count parameters as that framework does; all: side by side",
)
@option(
    "--call", metavar="ARGUMENTS", help="of FILE.py::NAME: call that function or class with these, such as 'classes=10'"
)
@option("--expand", is_flag=True, help="show what is inside nested models")
@option("--depth", type=Whole(0), metavar="N", help="how many levels of nested models to show")
@option(
    "--columns",
    metavar="NAMES",
    help="columns beside name and shape, such as params,macs,flops,bytes,activations,context",
)
@option("--memory", is_flag=True, help="estimate the memory of a run and of a step of training too")
@memory_options
@option("--macs", is_flag=True, help="a column of multiply-adds")
@option("--masks", is_flag=True, help="a column: which layer makes a mask, passes it on, uses it, drops it")
@option("--share", is_flag=True, help="a column of each layer's share of the parameters")
@option("--trainable", is_flag=True, help="a column that says which layers are trained")
@option("--sort", type=Choice(["params"]), help="largest layers first")
@width_option
@color_option
def command(
    sources: tuple[str, ...], inputs: Inputs, settings: Settings, kind: str | None, **options: Unpack[Words]
) -> None:
    """Shapes, parameters and costs of a network, layer by layer.

    SOURCE is a spec in single quotes, a file that holds one, a Keras config (model.to_json()), a .keras or .h5 file, or -
    for standard input. Of several sources each is summarized by itself, in JSON one line each; one that is wrong is
    reported, and the rest goes on.
    """
    form = _form(options)
    job = _Job(form, given_inputs(inputs), values(settings), kind, options)
    _check_shape(sources, inputs)
    if not sys.stdout.isatty():
        _tell_of_shell()
    if len(sources) == 1 and not options["lines"]:
        sys.exit(_alone(job, sources[0]))
    sys.exit(_each(job, sources))


def _check_shape(sources: tuple[str, ...], inputs: Inputs) -> None:
    """The dims of a shape that stand apart are taken for sources. Raises Misuse."""
    rest = sources[1:]
    if len(inputs) == 1 and rest and all(word.isdigit() for word in rest):
        from seqshape.tensor import show

        name, shape = inputs[0]
        whole = ",".join([show(shape)[1:-1].replace(" ", "").rstrip(","), *rest])
        raise Misuse(f"a shape is one word, without blanks: -i {f'{name}=' if name else ''}{whole}")


def _tell_of_shell() -> None:
    """Say so if standard output is a file that is called like a layer: the shell has taken an arrow of the spec."""
    import os
    import stat

    try:
        path = os.readlink("/proc/self/fd/1") if stat.S_ISREG(os.fstat(1).st_mode) else ""
    except OSError:
        return
    from seqshape.registry import find_layer

    name = os.path.basename(path)
    if name and "." not in name and find_layer(name.partition("(")[0]) is not None:
        message = f"the shell took > for itself, and the output goes into a file called {printable(name)}"
        say(f"note: {message}; put the whole spec in single quotes: '… > {printable(name)}'", err=True)


def _form(options: Words) -> str:
    """The output's form: what the words say, or the ending of the file. Raises Misuse where they contradict each other."""
    given = options["form"]
    if options["as_json"]:
        if given not in (None, "json"):
            raise Misuse(f"--json and --format {given}: one of them")
        given = "json"
    return form_of(options["output"], given, ENDINGS, "--json" if options["as_json"] else "--format") or "table"


class _Job(NamedTuple):
    """The words of the command beside its sources."""

    form: str
    given: Given
    values: Mapping[str, int | str]
    kind: str | None
    options: Words


def _summary(job: _Job, source: Spec) -> Summary:
    """The summary of one source. Raises SeqshapeError if it cannot be read."""
    from seqshape.answers import report

    options = job.options
    try:
        from seqshape.door import codes

        select, ignore = codes("select", options["select"] or ()), codes("ignore", options["ignore"] or ())
    except SeqshapeError as error:
        raise Misuse(error.diagnostics[0].message) from None
    return report(
        source,
        job.given,
        target=given_targets(options["targets"]) if options["targets"] else None,
        convention=options["convention"],
        columns=(*chosen_columns(options["columns"]), *(["masks"] if options["masks"] else [])),
        memory=wanted_memory(options),
        dtype=options["dtype"] or "float32",
        advice=not options["no_advice"],
        select=select,
        ignore=ignore,
        values=job.values,
        kind=job.kind,
        keras=options["keras"],
    )


def _models(job: _Job, source: Spec) -> list[Spec]:
    """The models of a source: all that a program builds, else the one that it is. Raises SeqshapeError."""
    from seqshape.answers import models

    return models(source, job.given, values=job.values, kind=job.kind, call=job.options["call"])


def _several(job: _Job, source: str, found: list[Spec], write: Callable[[str], None]) -> int:
    """Print the summaries of all models of a program, each under a heading or on a line; give the worst exit status."""
    worst = 0
    for one in found:
        summary, text = _of_program(job, source, one)
        write(text)
        worst = max(worst, status(summary.diagnostics))
        _complain(job, title_of(source, one), summary)
    return worst


def _complain(job: _Job, title: str, summary: Summary) -> None:
    """What is wrong with one of several, and what is advised, on standard error; JSON has it itself."""
    if summary.diagnostics and job.form != "json":
        say(printable(title), err=True)
        complain(summary.diagnostics, job.options["color"])


def _of_program(job: _Job, source: str, one: Spec) -> tuple[Summary, str]:
    """The summary of one model of a program, and its text."""
    try:
        summary = _summary(job, one)
    except SeqshapeError as error:
        from seqshape.summary import nothing

        graph = read_already(one)
        summary = nothing(error)._replace(source=graph.place if graph is not None else None)
    return summary, _drawn(job, summary, source, title_of(source, one))


def _drawn(job: _Job, summary: Summary, source: str, title: str, number: int | None = None) -> str:
    """The text of one of several: a line of JSON, or with a heading."""
    if job.form == "json":
        from seqshape.renderers.json import line

        return line(summary, source, number)
    options = _options(job.options)
    if job.form == "html":
        from seqshape.renderers.html import heading, section

        return f"{heading(title, options)}\n{section(summary, options)}"
    return f"{_heading(job.form, title, options)}\n{FORMATS[job.form].render(summary, options)}\n"


def _alone(job: _Job, source: str) -> int:
    """Print the summary of the only source; give the exit status."""
    options = job.options
    try:
        found = _models(job, source_text(source))
        if len(found) > 1:
            with _stream(job) as write:
                return _several(job, source, found, write)
        summary = _summary(job, found[0])
    except SeqshapeError as error:
        if job.form == "json":
            from seqshape.summary import nothing

            _write_json(nothing(error), options["output"])
            return status(error.diagnostics)
        leave(error, options["color"])
    if job.form == "json":
        _write_json(summary, options["output"])
        return status(summary.diagnostics)
    drawn = _options(options)
    if job.form != "table" or not is_blank(summary):
        write_out(FORMATS[job.form].render(summary, drawn), options["output"], styled=drawn.color)
    complain(summary.diagnostics, options["color"])
    return status(summary.diagnostics)


def _write_json(summary: Summary, output: str | None) -> None:
    """Print the object, or write it as a file, piece by piece. Raises Failure if it cannot be written."""
    from seqshape.renderers.json import pieces

    write_pieces(pieces(summary), output)


def _each(job: _Job, sources: tuple[str, ...]) -> int:
    """Print the summaries of several sources one after the other; give the worst exit status."""
    from seqshape.cli.many import Sources, each
    from seqshape.cli.workers import usual

    total = None if job.options["lines"] else len(sources)
    with _stream(job) as write:

        def handle(one: Job, clear: Callable[[], None]) -> int:
            found = _found(job, one)
            if len(found) > 1:
                clear()
                return _several(job, one.source, found, write)
            summary, text = _titled(job, one)
            clear()
            write(text)
            _complain(job, one.title, summary)
            return status(summary.diagnostics)

        is_shared = job.options["output"] in (None, "-") and (job.options["lines"] or "-" not in sources)
        processes = (job.options["processes"] or usual()) if is_shared else 1
        return each(Sources(sources, job.options["lines"]), total, handle, processes)


def _found(job: _Job, one: Job) -> list[Spec]:
    """The models of a file of code among the sources; nothing of any other one, which is read when it is summarized."""
    if one.line is not None or not one.source.partition("::")[0].endswith((".py", ".ipynb")):
        return []
    try:
        return _models(job, one.source)
    except SeqshapeError:
        return []


def _titled(job: _Job, one: Job) -> tuple[Summary, str]:
    """The summary of one source of several, and its text: a line of JSON, or with a heading that names the source."""
    try:
        summary = _summary(job, source_text(one.source) if one.line is None else one.source)
    except SeqshapeError as error:
        from seqshape.summary import nothing

        summary = nothing(error)
    if job.form not in ("json", "html") and not summary.name and not summary.layers:
        return summary, ""
    if job.form == "table" and is_blank(summary):
        return summary, ""
    return summary, _drawn(job, summary, one.source, one.title, one.line)


def _heading(form: str, title: str, options: Options) -> str:
    """What stands before the summary of one source of several, in the words of the format."""
    title = shown(title, options.ascii)
    if form == "markdown":
        from seqshape.renderers.markdown import escape as marked

        return f"## {marked(title)}\n"
    return f"# {title}" if form == "csv" else title


@contextmanager
def _stream(job: _Job) -> Iterator[Callable[[str], None]]:
    """A function that takes the text of one of several: a page of HTML is begun before the first and ended after all.

    Raises Misuse for a form that holds one network alone.
    """
    if job.form == "svg":
        raise Misuse("a picture holds one network; --format html shows several")
    with _opened(job.options) as write:
        if job.form != "html":
            yield write
            return
        from seqshape.renderers.html import FOOT, head

        write(head("networks", _options(job.options)))
        yield write
        write(FOOT)


@contextmanager
def _opened(options: Words) -> Iterator[Callable[[str], None]]:
    """A function that prints a text, or adds it to the file, which is there whole at the end; an empty one is nothing."""
    output: str | None = options["output"]
    if output is None or output == "-":
        styled = _options(options).color
        yield lambda text: say(text, styled=styled) if text else None
        return
    from pathlib import Path

    with whole_file(Path(output)) as stream:

        def add(text: str) -> None:
            stream.write(f"{text}\n".encode() if text else b"")

        yield add


def _options(options: Words) -> Options:
    to_file = options["output"] not in (None, "-")
    return Options(
        width=options["width"] if to_file else terminal_width(options["width"]),
        color=not to_file and color_wanted(options["color"], sys.stdout),
        ascii=not to_file and is_ascii(sys.stdout),
        expand=options["expand"] or options["depth"] is not None,
        depth=options["depth"],
        sort=options["sort"],
        macs=options["macs"],
        share=options["share"],
        trainable=options["trainable"],
        masks=options["masks"],
        columns=chosen_columns(options["columns"]),
    )
