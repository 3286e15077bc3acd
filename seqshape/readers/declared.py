"""Layers that a project or a program declares, beside those of a spec."""

from __future__ import annotations

from collections.abc import Mapping

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source, Span
from seqshape.layers.declared import DeclaredLayer
from seqshape.readers.spec.declared import CODE, FORM
from seqshape.readers.spec.parser import parse


def declared_layers(given: Mapping[str, str], origin: str) -> dict[str, DeclaredLayer]:
    """The layers by name of ``{"CRF(units)": "(T, F) -> (T, units) params F*units"}``; ``origin`` is where that stands.

    Raises SeqshapeError for the first that is wrong.
    """
    layers: dict[str, DeclaredLayer] = {}
    for key, says in given.items():
        source = Source(f"{key} = {says}", origin)
        script = parse(source.text, origin)
        found = script.declared[0].layer if script.declared else None
        if found is None or script.statements or len(script.declared) > 1:
            raise _refused(source, "this declares no layer, or more than one", FORM)
        if found.name in layers:
            raise _refused(source, f"{found.name} is declared twice", "delete one of the two")
        layers[found.name] = found
    return layers


def _refused(source: Source, message: str, help: str) -> SeqshapeError:
    label = Label(Span(0, len(source.text)))
    return SeqshapeError((Diagnostic(CODE, "error", message, (label,), help, source=source),))
