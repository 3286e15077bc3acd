"""What people type where a network is meant: a code, a word, a question, a message of a framework.

What would answer it is said in the help of the complaint, so that one message has the next step.
"""

from __future__ import annotations

import re

from seqshape.diagnostics import SeqshapeError

LONGEST = 400  # characters of a message that the help repeats
LONGEST_TEXT = 1 << 14
_WORD = re.compile(r"[A-Za-z_][\w-]*")


def asked(text: str) -> str | None:
    """The sentence that names what answers a text that is no network; ``None`` if that cannot be told."""
    word = text.strip()
    if _WORD.fullmatch(word):
        return _of_word(word)
    from seqshape.analysis.messages import looks_like, told

    if not looks_like(word):
        return None
    if told(word) is not None:
        said = word if len(word) <= LONGEST and "'" not in word and word.isprintable() else "MESSAGE"
        return f"a message is explained by: seqshape explain '{said}'"
    words = _WORD.findall(word)
    found = next((each for each in sorted(words, key=_is_telling, reverse=True) if _is_known(each)), None)
    return found and f"seqshape reads no questions, but explains words: seqshape explain {found}"


def _is_telling(word: str) -> bool:
    """Whether a word of a sentence is none of plain English: ``return_sequences``, ``LSTM``."""
    return "_" in word or sum(map(str.isupper, word)) > 1


def _is_known(word: str) -> bool:
    """Whether a word of a sentence can be explained: a telling one, or a term of the tables."""
    from seqshape.analysis.terms import term

    return term(word) is not None or (_is_telling(word) and _of_word(word) is not None)


def _of_word(word: str) -> str | None:
    from seqshape.analysis.terms import term
    from seqshape.analysis.words import Word, find
    from seqshape.codes import CODES

    if word.upper() in CODES:
        return f"the code {word} is explained by: seqshape explain {word}"
    page = find(word)
    if page is None and term(word) is None:
        return None
    what = "word" if page is None else "layer" if not isinstance(page, Word) else "flag" if page.sets else "argument"
    return f"the {what} {word} is explained by: seqshape explain {word}"


def answered(error: SeqshapeError, text: object) -> SeqshapeError:
    """A complaint about a text that is no network, with what answers the text in the place of its help."""
    is_spec = bool(error.diagnostics) and error.diagnostics[0].code.startswith("E11")
    help = asked(text) if is_spec and isinstance(text, str) and len(text) < LONGEST_TEXT else None
    if help is None:
        return error
    first, *rest = error.diagnostics
    return SeqshapeError((first._replace(help=help, replacement=None), *rest), error.summary)
