"""VGSL: the counts of Tesseract 5.3, the shapes of kraken's rules, and what is said of slips."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import seqshape
from seqshape.readers.vgsl import ELEMENTS

DATA = Path(__file__).parent / "data" / "vgsl.jsonl"
# What lstmtraining 5.3 counted, for 111 classes, of networks made at random.
FACTS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
CLASSIC = "[1,36,0,1 Ct3,3,16 Mp3,3 Lfys48 Lfx96 Lrx96 Lfx256 O1c111]"
PRINTED = "[1,36,0,1[C3,3Ft16]Mp3,3TxyLfys48Lfx96RxLrx96Lfx256Fc111]"
KRAKEN = (
    "[1,120,0,1 Cr3,13,32 Do0.1,2 Mp2,2 Cr3,13,32 Do0.1,2 Mp2,2 Cr3,9,64 Do0.1,2 Mp2,2 Cr3,9,64 Do0.1,2 S1(1x0)1,3"
    " Lbx200 Do0.1,2 Lbx200 Do0.1,2 Lbx200 Do O1c59]"
)


def of(spec: str, **words: object) -> seqshape.Summary:
    return seqshape.summarize(spec, kind="vgsl", **words)  # type: ignore[arg-type]


def shapes(spec: str) -> list[tuple[object, ...]]:
    return [row["output_shape"] for row in of(spec).to_dict()["layers"]]


@pytest.mark.parametrize("number", range(0, len(FACTS), 20))
def test_weights_are_those_that_tesseract_counts(number: int) -> None:
    for fact in FACTS[number : number + 20]:
        spec = fact["spec"]
        values = {"classes": 111} if "LS" in spec or "LE" in spec else None
        assert of(spec, values=values).totals.params == fact["weights"], spec


def test_an_element_is_a_row() -> None:
    rows = of(CLASSIC).to_dict()["layers"]
    assert [(row["name"], row["params"]) for row in rows] == [
        ("input", 0),
        ("Ct3,3,16", 160),
        ("Mp3,3", 0),
        ("Lfys48", 12_480),
        ("Lfx96", 55_680),
        ("Lrx96", 74_112),
        ("Lfx256", 361_472),
        ("O1c111", 28_527),
    ]
    assert [row["output_shape"] for row in rows][-1] == [1, 1, None, 111]


def test_what_tesseract_prints_is_the_same_network() -> None:
    assert of(PRINTED).totals == of(CLASSIC).totals
    assert of("[1,12,0,3Lbx19LE9Fc111]").totals.params == 6_586


def test_spaces_and_the_outer_bracket_do_not_matter() -> None:
    closed = CLASSIC.replace(" ", "")
    assert of(closed).totals == of(CLASSIC).totals == of(CLASSIC.strip("[]")).totals
    assert seqshape.summarize(CLASSIC).totals == seqshape.summarize(closed).totals  # told by what it is


def test_torch_keeps_two_biases_as_kraken_does() -> None:
    assert of(CLASSIC, convention="torch").totals.params == 534_415


def test_a_spec_with_an_element_of_kraken_is_read_as_kraken_builds_it() -> None:
    assert of(KRAKEN).totals.params == 4_016_523
    assert of(KRAKEN, convention="torch").totals.params == 4_016_523
    assert shapes(KRAKEN)[12] == [1, 1, None, 960]


@pytest.mark.parametrize(
    ("element", "out"),
    [
        ("Cr3,3,8,2,2", [1, 15, 20, 8]),
        ("Cr4,4,8,1,1", [1, 29, 39, 8]),
        ("Cr3,3,8,1,1,2,2", [1, 30, 40, 8]),
        ("CTr3,3,8,2,2", [1, 59, 79, 8]),
        ("Mp3,3,2,2", [1, 14, 19, 4]),
        ("Gn2", [1, 30, 40, 4]),
        ("(I Clr3,3,8)", [1, 30, 40, 12]),
        ("A3,2", [1, 30, 40, 2]),
        ("S1(5x6)1,3", [1, 5, 40, 24]),
        ("S1(5x6)3,1", [1, 6, 40, 20]),
        ("S3(0x2)3,2", [1, 30, 80, 2]),
        ("Lbys{down}5 Do", [1, 1, 40, 10]),
    ],
)
def test_shapes_of_kraken(element: str, out: list[object]) -> None:
    assert shapes(f"[1,30,40,4 {element} Do0.1]")[-1] == out


def test_names_in_braces_are_names() -> None:
    assert [row.name for row in of("[1,30,40,4 Cr{one}3,3,8 Lbx{two}5]").layers][1:] == ["one", "two"]


def test_classes_that_the_spec_does_not_say_are_a_name() -> None:
    assert str(of("[1,1,0,16 LS48]").totals.params) == "241*classes + 12480"
    found = of("[1,1,0,16 LS48]", values={"classes": 111})
    assert found.totals.params == 39_231
    assert not found.diagnostics


def test_a_width_can_be_named() -> None:
    found = of(CLASSIC, input_shape=(36, "W", 1))
    assert str(found.outputs[0].shape) == str((1, 1, found.outputs[0].shape[2], 111))
    assert str(found.outputs[0].shape[2]) == "W//3"


def test_an_even_window_is_remarked() -> None:
    found = [one for one in of("[1,36,0,1 Ct4,3,16 O2s3]").diagnostics if one.code == "W150"]
    assert "5×3" in found[0].message
    assert of("[1,36,0,1 Ct4,4,16 O2s3]").totals == of("[1,36,0,1 Ct5,5,16 O2s3]").totals


def refused(spec: str) -> seqshape.Diagnostic:
    with pytest.raises(seqshape.SeqshapeError) as caught:
        of(spec)
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("01c111", "O1c111"),
        ("Olc111", "O1c111"),
        ("lfx96", "Lfx96"),
        ("CT3;3,16", "Ct3,3,16"),
        ("ct3x3x16", "Ct3,3,16"),
        ("mp3,3", "Mp3,3"),
        ("Lfx96;", "Lfx96"),
        ("Lfx", None),
        ("Q5", None),
        ("W{a}1,2,0.1,3", None),
    ],
)
def test_slips_are_mended(slip: str, meant: str | None) -> None:
    found = refused(f"[1,36,0,1 Lfys48 {slip} Lfx8]")
    start = found.labels[0].span.start
    assert (found.code, start) == ("E150", 17)
    assert found.help
    assert found.replacement == (meant and f"[1,36,0,1 Lfys48 {meant} Lfx8]")


@pytest.mark.parametrize(
    ("spec", "code", "replacement"),
    [
        ("[1,36,0,1 Lfys48", "E114", "[1,36,0,1 Lfys48]"),
        ("[1,36,0,1 (Lfys48]", "E114", None),
        ("[1,36,0,1 Lfys48]]", "E114", "[1,36,0,1 Lfys48]"),
        ("", "E110", None),
        ("[Lfys48]", "E150", None),
        ("[1,36,0,0 Lfys48]", "E150", None),
        ("[1,36,0,1 R0Lfx8]", "E122", None),
        ("[1,36,0,1 R99999[R99999Lfx8]]", "E122", None),
        ("[1,36,0,1 Rx]", "E150", None),
        ("[1,36,0,1 ()]", "E150", None),
        ("[1,36,0,1 Lfx0]", "E104", None),
        ("[1,36,0,1 Ft20]", "E204", None),
        ("[1,0,0,1 O1c20]", "E204", None),
        ("[1,36,0,1 LE20]", "E206", None),
        ("[1,36,0,1 LS20 Do]", "E150", None),
        ("[1,36,0,1 Lfxo20]", "E150", None),
        ("[1,4,4,1 Mp5,5]", "E203", None),
        ("[1,36,0,1 " + "[" * 2000 + "Lfx8" + "]" * 2000 + "]", "E115", None),
    ],
)
def test_faults_have_their_code(spec: str, code: str, replacement: str | None) -> None:
    found = refused(spec)
    assert (found.code, found.replacement) == (code, replacement)


def test_nothing_ends_in_a_traceback() -> None:
    rng = random.Random(5)
    letters = "[]() 0123456789,CtMpLfxysrRO1cSlDoGnAI{}._"
    found: list[seqshape.Diagnostic] = []
    for _ in range(3000):
        middle = "".join(rng.choice(letters) for _ in range(rng.randint(0, 14)))
        try:
            of(f"[1,36,0,1 Lfx8 {middle}]")
        except seqshape.SeqshapeError as error:
            found += error.diagnostics
    assert len(found) > 1000
    assert all(one.code and one.labels for one in found)


def test_every_element_has_a_form_that_it_reads() -> None:
    for element in ELEMENTS:
        example = element.form.rpartition(": ")[2].rpartition(" ")[2]
        assert element.pattern.fullmatch(example), element.form
