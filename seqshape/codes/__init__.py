"""The codes of the diagnostics, each once: what it means, how to mend it, a command that gives it.

``seqshape explain CODE`` prints one.
"""

from __future__ import annotations

from seqshape.codes import advice, networks, sources, warnings
from seqshape.codes.code import Code

_ALL = sorted((*sources.SOURCES, *networks.NETWORKS), key=lambda code: code.name)
CODES: dict[str, Code] = {code.name: code for code in (*_ALL, *warnings.WARNINGS, *advice.ADVICE)}
ADVICE = tuple(code.name for code in advice.ADVICE if not code.retired)
