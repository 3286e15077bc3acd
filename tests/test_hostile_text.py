"""Text from a file, a path or a command line is data: no terminal, log, page or sheet takes it for more."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from seqshape.cli import main
from seqshape.renderers.text import fitting, harmless, printable, width
from tests.hostile import BREAKS, NAMES, PLACES, SIGNS, command_lines, harm, words_alone


def run(words: list[str], charset: str = "utf-8", given: str | None = None) -> Result:
    return CliRunner(charset=charset).invoke(main, words, input=given, env={"COLUMNS": None})


def harm_of(words: list[str], given: str | None = None) -> str | None:
    """What is wrong with what a command line prints, or with how it ends; ``None`` if nothing is."""
    result = run(words, given=given)
    if is_broken(result):
        return repr(result.exception)
    found = harm(result.stdout, words) or harm(result.stderr, words)
    return found if found or result.exit_code in (0, 1, 2) else f"exit status {result.exit_code}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def is_broken(result: Result) -> bool:
    return result.exception is not None and not isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_no_text_is_obeyed(place: str, name: str, folder: Path) -> None:
    """Every command, in every format, with a text that means harm in every place where a text may stand."""
    lines = command_lines(PLACES[place](NAMES[name], folder))
    assert [(words, found) for words in lines if (found := harm_of(words)) is not None] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_the_command_line_is_obeyed(name: str, folder: Path) -> None:
    assert [(words, found) for words in words_alone(NAMES[name], folder) if (found := harm_of(words)) is not None] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["summarize", "explain", "timesteps", "check", "compare", "convert", "fmt"])
def test_no_text_of_standard_input_is_obeyed(command: str, name: str, folder: Path) -> None:
    for text in (NAMES[name], f"Dense(2, '{NAMES[name]}')", json.dumps({"class_name": NAMES[name], "config": {}})):
        words = [command, "-", *{"compare": ["Dense(2)"], "convert": ["--to", "spec"]}.get(command, [])]
        assert harm_of(words, text) is None


def pages(form: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """What ``summarize`` prints in a format, alone and under a heading, for every name in every place: name, place, text."""
    for name, text in NAMES.items():
        for place, build in PLACES.items():
            given = build(text, folder)
            for sources in ([given.source], [given.source, given.source]):
                words = ["summarize", *sources, *given.words, "--format", form, "--expand", "--no-advice"]
                yield name, place, run(words).stdout


class Tags(HTMLParser):
    """The tags and the attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag} | {f"{tag} {name}={value}" for name, value in attrs}


def test_a_page_of_html_has_our_tags_only(folder: Path) -> None:
    tags = Tags()
    for _, _, text in pages("html", folder):
        tags.feed(text)
    ours = {"div", "div class=seqshape", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "b", "br", "h2"}
    ours |= {
        "html",
        "html lang=en",
        "head",
        "meta",
        "meta charset=utf-8",
        "meta name=viewport",
        "title",
        "style",
        "body",
    }
    ours |= {
        "meta content=width=device-width, initial-scale=1",
        "ul",
        "ul class=findings",
        "li",
        "pre",
        "tr class=faulty",
    }
    styles = {f"li class={severity}" for severity in ("error", "warning", "advice")}
    styles |= {f"{tag} style=text-align:{side}" for tag in ("th", "td") for side in ("left", "right", "center")}
    assert tags.seen <= ours | styles
    assert {"div", "table", "title", "h2"} <= tags.seen


def test_a_sheet_computes_nothing(folder: Path) -> None:
    for name, place, text in pages("csv", folder):
        for row in csv.reader(io.StringIO(text)):
            assert len(row) == 7 or not row or row[0].startswith("# "), (name, place, row)
            assert not [cell for cell in row if cell.startswith(("=", "+", "@"))], (name, place, row)


def test_a_row_of_markdown_is_one_row(folder: Path) -> None:
    for name, place, text in pages("markdown", folder):
        for line in text.splitlines():
            plain = line.replace("\\|", "").replace("\\<", "").replace("<br>", "").replace("\\&", "").replace("\\`", "")
            assert "<" not in plain, (name, place, line)
            assert "`" not in plain, (name, place, line)
            assert "&" not in plain, (name, place, line)
            if line.startswith("|"):
                assert plain.count("|") in (4, 5), (name, place, line)


def test_a_picture_is_xml(folder: Path) -> None:
    from xml.etree import ElementTree

    for text in (text for text in NAMES.values() if "/" not in text):
        source = PLACES["recurrent"](text, folder).source
        assert run(["timesteps", source, "-o", "m.svg"]).exit_code == 0
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.parse("m.svg").iter()}
        assert not tags & {"script", "a", "image", "foreignObject", "b"}


# --- the two functions that make text safe ---------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [*SIGNS, *BREAKS, "\t", "\ud800", "\xa0", "\u3000"])
def test_a_name_is_one_line_of_signs(sign: str) -> None:
    shown = printable(f"a{sign}b")
    assert shown.isprintable()
    assert shown == f"a{sign}b" if sign.isascii() and sign.isprintable() else len(shown) >= 4


@pytest.mark.parametrize("sign", [*SIGNS, *BREAKS, "\ud800"])
def test_a_text_keeps_its_lines_and_our_styles_only(sign: str) -> None:
    text = f"a\n\t\u3000{sign}b"
    assert harmless(text).replace("\n", "").replace("\t", "").replace("\u3000", "").isprintable()
    assert harmless(f"\x1b[1m{text}\x1b[0m", styled=True) == f"\x1b[1m{harmless(text)}\x1b[0m"
    assert "\x1b" not in harmless(f"\x1b[1m{text}\x1b[0m")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ":\\x3aerror::x"),
        ("a\n  \u3000::add-mask::x", "a\n  \u3000:\\x3aadd-mask::x"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[error]x", "a #\\x23[error]x"),
        ("##vso[x", "#\\x23vso[x"),
        ("## x [y]", "## x [y]"),
        ("漢e\u0301\u0323\u0300", "漢e\u0301\u0323\u0300"),
        ("e" + "\u0301" * 5, "e\u0301\u0301\u0301\\u0301\\u0301"),
        ("🙂️ นี่", "🙂️ นี่"),
    ],
)
def test_what_a_text_becomes(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert harmless(shown) == shown


def test_marks_take_no_room() -> None:
    assert width("e\u0301\ufe0f") == 1
    assert width("漢") == 2


# --- encodings -------------------------------------------------------------------------------------------------------

CHARSETS = ("ascii", "cp1252", "latin-1", "cp437", "koi8-r", "shift_jis", "utf-16", "utf-8")


@pytest.mark.parametrize("charset", CHARSETS)
def test_every_command_prints_in_every_encoding(charset: str, folder: Path) -> None:
    """What a terminal has no sign for is replaced, in every command and format; JSON stays JSON."""
    name = "漢 é → · ⌊x⌋ 🙂"
    wrong = []
    for place in ("layer", "recurrent", "class", "input", "nested", "wrong", "word", "spec", "file", "project"):
        for words in command_lines(PLACES[place](name, folder)):
            result = run(words, charset)
            if is_broken(result) or result.exit_code not in (0, 1, 2):
                wrong.append(f"{words}: {result.exception!r}")
            elif "json" in words or "--json" in words:
                [json.loads(line) for line in result.stdout.splitlines() if line.startswith('{"')]
    assert wrong == []


@pytest.mark.parametrize(
    "words",
    [["layers"], ["layers", "LSTM"], ["layers", "ops.matmul"], ["schema"], ["explain", "E504"], ["-h"], ["summarize", "-h"],
     ["explain", "Conv1D(4,3,s=2)>LSTM(5)", "-i", "T,F"], ["timesteps", "Conv1D(4,3)", "-i", "9,2"]],
)  # fmt: skip
@pytest.mark.parametrize("charset", CHARSETS)
def test_pages_print_in_every_encoding(charset: str, words: list[str]) -> None:
    result = run(words, charset)
    assert result.exit_code == 0, result.exception
    if charset == "ascii":
        assert result.stdout.isascii()


@pytest.mark.parametrize("charset", CHARSETS)
def test_what_an_encoding_lacks_is_replaced(charset: str) -> None:
    text = "a → b × 漢\n"
    fitted = fitting(text, charset)
    fitted.encode(charset)
    assert fitting(fitted, charset) == fitted
    assert fitting(text, "utf-8") == text
    assert fitting(text, "ascii") == "a -> b x \\u6f22\n"
    assert fitting(text, "cp1252") == "a -> b × \\u6f22\n"
