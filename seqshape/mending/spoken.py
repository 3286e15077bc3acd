"""Which language the text of a network is in, as far as mends can be written in it."""

from __future__ import annotations

from collections.abc import Callable

from seqshape.mending.languages import Language, Spec
from seqshape.network import Network


def _python(network: Network) -> Language:
    from seqshape.mending.python import Python

    return Python(network)


def _config(network: Network) -> Language:
    from seqshape.mending.config import Config

    return Config(network)


LANGUAGES: dict[str, Callable[[Network], Language]] = {"spec": Spec, "python": _python, "config": _config}


def language_of(network: Network) -> Language | None:
    """The language of a network's source; ``None`` if changes of it cannot be tried."""
    source = network.graph.source
    known = LANGUAGES.get(network.graph.language)
    has_text = bool(network.graph.written or (source is not None and source.text))
    return known(network) if known is not None and has_text else None
