"""docs/python.md is true: its examples run and give what it shows; it names every public name and every keyword."""

from __future__ import annotations

import doctest
import inspect
import re

import seqshape
from tests.pages import ROOT

PAGE = ROOT / "docs/python.md"
TEXT = PAGE.read_text("utf-8")


def test_the_examples_give_what_the_page_shows() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 15
    assert found.failed == 0


def test_a_wrong_example_would_be_seen() -> None:
    example = doctest.DocTestParser().get_doctest(TEXT.replace("    146", "    147"), {}, "page", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(example, out=lambda text: None).failed == 1


def test_every_public_name_and_keyword_is_named() -> None:
    words = set(re.findall(r"\w+", TEXT))
    assert set(seqshape.__all__) - {"__version__"} <= words
    for name in seqshape.__all__:
        function = getattr(seqshape, name)
        if inspect.isfunction(function):
            assert set(inspect.signature(function).parameters) <= words, name
