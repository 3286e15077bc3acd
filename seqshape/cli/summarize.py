"""``seqshape summarize``: the main job."""

from __future__ import annotations

import sys
from typing import Any

import click

from seqshape.cli import Command
from seqshape.cli.common import (
    Shapes,
    SpecType,
    color_wanted,
    complain,
    given_inputs,
    given_targets,
    input_options,
    is_ascii,
    leave,
    source_text,
    status,
    terminal_width,
    values,
    write_out,
)
from seqshape.diagnostics import SeqshapeError
from seqshape.renderers import FORMATS, Options

EXAMPLES = (
    "seqshape summarize 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    "seqshape summarize 'Conv1D(64,3,relu)>MP1D(2)>Flatten>Dense(10)' -i 100,8 --macs",
    "seqshape summarize 'GRU(16,seq)>Dense(8)' -i T,F --set T=64     (named sizes)",
    "seqshape summarize 'LSTM(5)>Dense(1)' -i 5,1 --target 5,1     (do the labels y fit?)",
    "seqshape summarize 'LSTM(5)>Dense(1)' -i 5,1 --convention all     (as Keras, torch and ONNX count)",
    "seqshape summarize model.json --json | jq .totals.params",
)


@click.command("summarize", cls=Command, examples=EXAMPLES)
@click.argument("source", type=SpecType())
@input_options
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="the output's form; table if not given")
@click.option("--json", "as_json", is_flag=True, help="short for --format json")
@click.option("-o", "--output", metavar="FILE", help="write to a file, whole or not at all")
@click.option(
    "--keras",
    type=click.Choice(["3", "tf2", "2"]),
    default="3",
    help="name and count as that version: tf2 is tf.keras 2.x, 2 standalone Keras",
)
@click.option("--no-advice", is_flag=True, help="say nothing of what is no error")
@click.option("--select", metavar="CODES", help="only advice of these codes, such as A101,A104")
@click.option("--ignore", metavar="CODES", help="no advice of these codes")
@click.option(
    "--target",
    "targets",
    type=Shapes(),
    multiple=True,
    metavar="SHAPE",
    help="shape of the labels y without the batch, as 5,1: does the output fit? Of several outputs once for each",
)
@click.option(
    "--convention",
    type=click.Choice(["keras", "torch", "onnx", "all"]),
    default="keras",
    help="count parameters as that framework does; all: side by side",
)
@click.option("--expand", is_flag=True, help="show what is inside nested models")
@click.option("--depth", type=click.IntRange(0), help="how many levels of nested models to show")
@click.option("--macs", is_flag=True, help="a column of multiply-adds")
@click.option("--share", is_flag=True, help="a column of each layer's share of the parameters")
@click.option("--trainable", is_flag=True, help="a column that says which layers are trained")
@click.option("--sort", type=click.Choice(["params"]), help="largest layers first")
@click.option("--width", type=click.IntRange(20), help="columns; the terminal's if not given, unlimited in a pipe")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="colour; only on a terminal if not given",
)
def command(source: str, inputs: Any, settings: Any, kind: str | None, **options: Any) -> None:
    """Shapes, parameters and costs of a network, layer by layer.

    SOURCE is a spec in single quotes, a file that holds one, a Keras config (model.to_json()), or - for standard input.
    """
    from seqshape.api import analyse

    form = "json" if options["as_json"] else options["form"] or "table"
    try:
        given, text = given_inputs(inputs), source_text(source)
        network = analyse(text, given, values=values(settings), kind=kind, keras=options["keras"], origin="-i")
    except SeqshapeError as error:
        if form == "json":
            _write_error(error, options)
        leave(error, options["color"])
    summary = network.summary()
    if not options["no_advice"]:
        from seqshape.analysis.advice import advise

        advice = advise(network, select=_codes(options["select"]), ignore=_codes(options["ignore"]))
        summary = summary._replace(diagnostics=(*summary.diagnostics, *advice))
    summary = _counted(_held(summary, network, options), options["convention"])
    write_out(FORMATS[form].render(summary, _options(options)), options["output"])
    if form != "json":
        complain(summary.diagnostics, options["color"])
    sys.exit(status(summary.diagnostics))


def _held(summary: Any, network: Any, options: dict[str, Any]) -> Any:
    """The summary with what is to be said of the labels."""
    if not options["targets"]:
        return summary
    from seqshape.analysis.target import hold

    try:
        return hold(summary, network, given_targets(options["targets"]))
    except SeqshapeError as error:
        leave(error, options["color"])


def _counted(summary: Any, convention: str) -> Any:
    """The summary with the counts of other frameworks."""
    if convention == "keras":
        return summary
    from seqshape.analysis.conventions import count_as

    return count_as(summary, convention)


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(code.strip().upper() for code in text.split(",") if code.strip()) if text else ()


def _options(options: dict[str, Any]) -> Options:
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
    )


def _write_error(error: SeqshapeError, options: dict[str, Any]) -> None:
    """In JSON an error is JSON too, on standard output: the summary of nothing, with the diagnostics."""
    from seqshape.summary import Summary, Totals

    nothing = Summary("", "", (), (), (), Totals(0, 0, 0, 0, 0, at_least=True), {}, (), error.diagnostics)
    write_out(FORMATS["json"].render(nothing, Options()), options["output"])
    sys.exit(status(error.diagnostics))
