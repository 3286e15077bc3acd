"""The documentation tells the truth: every command in it is run, and prints what the page shows."""

from __future__ import annotations

import re

import pytest

from tests.pages import PAGES, ROOT, Example, examples, is_missing, links, printed, rewritten

TEXTS = {page: (ROOT / page).read_text("utf-8") for page in PAGES}
EXAMPLES = [example for page, text in TEXTS.items() for example in examples(page, text)]
QUESTIONS = TEXTS["docs/questions.md"]
WIDEST = 140  # columns of an output: more is no answer to look at


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_command_prints_what_the_page_shows(example: Example) -> None:
    if is_missing(example.command):
        pytest.skip("the program that reads the pipe is not installed")
    assert printed(example.command) == example.output


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_output_is_there_and_can_be_looked_at(example: Example) -> None:
    assert example.output
    assert max(map(len, example.output.split("\n"))) <= WIDEST


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_as_the_tool_writes_them(page: str) -> None:
    assert rewritten(page, TEXTS[page]) == TEXTS[page]


def sections() -> list[str]:
    return re.split(r"^## ", QUESTIONS, flags=re.MULTILINE)[1:]


def test_thirty_questions_in_order() -> None:
    numbers = [int(section.partition(".")[0]) for section in sections()]
    assert numbers == list(range(1, 31))


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.partition("\n")[0])
def test_each_question_was_asked_and_is_answered(section: str) -> None:
    title = section.partition("\n")[0]
    assert title.endswith("?")
    assert links(section), "who asked it?"
    assert list(examples("docs/questions.md", section))
    prose = [line for line in section.splitlines()[1:] if line and not line.startswith(("    ", "Asked: "))]
    sentences = re.findall(r"[.!?:](?:\s|$)", " ".join(prose))
    assert 1 <= len(sentences) <= 4


def test_python_in_the_readme() -> None:
    """The lines under "From Python" run, and give what the comments say."""
    block = TEXTS["README.md"].partition("## From Python")[2].partition("\n## ")[0]
    code = [line[4:] for line in block.splitlines() if line.startswith("    ")]
    names: dict[str, object] = {}
    said = 0
    for line in code:
        source, _, comment = line.partition("#")
        if comment.strip().isdigit():
            said += 1
            assert eval(source, names) == int(comment)
        else:
            exec(source, names)
    assert said


def test_a_wrong_page_would_be_seen() -> None:
    page = "x\n\n    $ seqshape explain E110\n    nothing\n\n    at all\n\ntext\n"
    (example,) = examples("page", page)
    assert example.output == "nothing\n\nat all"
    assert printed(example.command) != example.output
    assert "E110  the spec is empty" in rewritten("page", page)
    assert rewritten("page", page).endswith("\n\ntext\n")
