"""Laws of sizes: whatever is said of a formula has to be true of the numbers that it stands for."""

# ruff: noqa: SIM300 (T is a size, and on which side of an order it stands is what is tested)

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seqshape.diagnostics import Fault
from seqshape.dims import (
    UNKNOWN,
    Condition,
    Dim,
    Inconclusive,
    Need,
    Poly,
    Size,
    Unknown,
    ceil_div,
    evaluate,
    from_json,
    maximum,
    merge_needs,
    names,
    parse_poly,
    pretty,
    product,
    recording,
    require,
    require_divides,
    require_equal,
    sized,
    symbol,
    to_json,
    value_of,
)

F, T, U = symbol("F"), symbol("T"), symbol("U")
NAMES = ("F", "T", "U")

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

valuations = st.fixed_dictionaries({name: st.integers(1, 60) for name in NAMES})
divisors = st.integers(1, 7)


def expressions(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas as text, so that Python itself says what they are worth."""

    def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.tuples(smaller, st.sampled_from(["+", "-", "*"]), smaller).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})")
        divided = st.tuples(smaller, st.sampled_from(["//", "%"]), divisors).map(lambda p: f"({p[0]}) {p[1]} {p[2]}")
        return pairs | divided | smaller.map(lambda text: f"-({text})")

    return st.recursive(leaves, larger, max_leaves=6)


texts = expressions(st.sampled_from(NAMES) | st.integers(-9, 9).map(lambda number: f"({number})"))
strides = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), max_size=4)


def built(text: str) -> Size:
    return eval(text, {"F": F, "T": T, "U": U})  # type: ignore[no-any-return]


def worth(text: str, valuation: dict[str, int]) -> int:
    return eval(text, {}, dict(valuation))  # type: ignore[no-any-return]


# --- arithmetic ------------------------------------------------------------------------------------------------------


@given(texts, valuations)
def test_arithmetic_on_names_then_numbers_is_arithmetic_on_numbers(text: str, valuation: dict[str, int]) -> None:
    assert evaluate(built(text), valuation) == worth(text, valuation)


@given(texts, valuations)
def test_names_can_be_filled_in_one_by_one(text: str, valuation: dict[str, int]) -> None:
    size = built(text)
    for name in NAMES:
        size = evaluate(size, {name: valuation[name]})
    assert size == worth(text, valuation)
    assert isinstance(size, int)


@given(texts, texts, valuations)
def test_a_formula_can_be_put_for_a_name(text: str, inner: str, valuation: dict[str, int]) -> None:
    substituted = evaluate(built(text), {"T": built(inner)})
    assert evaluate(substituted, valuation) == worth(text, {**valuation, "T": worth(inner, valuation)})


@given(texts)
def test_a_constant_is_a_plain_int(text: str) -> None:
    size = built(text)
    assert isinstance(size, int) or names(size)
    assert size - size == 0
    assert isinstance(size * 0, int)


@given(texts, texts, texts)
def test_normal_forms_obey_the_laws_of_a_ring(first: str, second: str, third: str) -> None:
    a, b, c = built(first), built(second), built(third)
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * (b + c) == a * b + a * c
    assert hash(a * (b + c)) == hash(a * b + a * c)


@given(st.tuples(*[st.integers(-9, 9)] * 4), divisors, divisors, st.integers(-9, 9))
def test_nested_floors_merge(coefficients: tuple[int, ...], first: int, second: int, shift: int) -> None:
    size = product([coefficients[0], T, F]) + coefficients[1] * T + coefficients[2] * F + coefficients[3]
    assert (size // first + shift) // second == (size + first * shift) // (first * second)


@given(texts, divisors, divisors, st.integers(-9, 9))
def test_nested_floors_of_floors_are_never_told_apart(text: str, first: int, second: int, shift: int) -> None:
    size = built(text)
    try:
        same = (size // first + shift) // second == (size + first * shift) // (first * second)
    except Inconclusive:
        return
    assert same


@given(strides)
def test_chains_of_strided_windows_have_one_floor(windows: list[tuple[int, int]]) -> None:
    length: Size = T
    for width, stride in windows:
        length = (length - width) // stride + 1
    assert str(length).count("//") <= 1


@given(strides, strides)
def test_equal_chains_of_windows_are_equal_formulas(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    def through(windows: list[tuple[int, int]], length: Size) -> Size:
        for width, stride in windows:
            length = (length - width) // stride + 1
        return length

    points = [*range(1, 700)]
    agree = all(through(first, point) == through(second, point) for point in points)
    assert (through(first, T) == through(second, T)) is agree


@given(texts, divisors)
def test_ceilings_can_be_written_in_two_ways(text: str, divisor: int) -> None:
    size = built(text)
    assert ceil_div(size, divisor) == -(-size // divisor)
    assert ceil_div(T, divisor) == (T + divisor - 1) // divisor


@given(texts, texts)
def test_exact_division_undoes_multiplication(first: str, second: str) -> None:
    a, b = built(first), built(second)
    assume(not isinstance(b, int))
    assert a * b // b == a
    assert a * b % b == 0


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (T - 2, "T - 2"),
        (20 * F + 120, "20*F + 120"),
        ((T - 3) // 2 + 1, "(T - 1)//2"),
        (((T - 3) // 2 + 1 - 2) // 2, "(T - 5)//4"),
        (ceil_div(T, 2), "(T + 1)//2"),
        (-(-T // 2), "(T + 1)//2"),
        (T // 2 + 1, "T//2 + 1"),
        (4 * T * F, "4*F*T"),
        (4 * T**2 - F, "4*T**2 - F"),
        (-T + 3, "-T + 3"),
        (8 * F * ((T - 3) // 2 + 1), "8*F*((T - 1)//2)"),
        (-(T // 2), "-(T//2)"),
        ((4 * T + 6) // 2, "2*T + 3"),
        ((6 * T + 5) // 4, "T + T//2 + 1"),
        (T % 2, "T - 2*(T//2)"),
        (T % 1, "0"),
        ((T % 3) // 3, "0"),
        (2 * T // 3, "2*T//3"),
        ((T * F + F) // (2 * F), "(T + 1)//2"),
        ((T**2 - 1) // (T - 1), "T + 1"),
        (T // -2, "-((T + 1)//2)"),
        (T**0, "1"),
        (0 // T, "0"),
    ],
)
def test_examples_of_the_normal_form(size: Size, text: str) -> None:
    assert str(size) == text


def test_division_that_is_not_exact_is_not_guessed() -> None:
    with pytest.raises(Inconclusive, match="whether F divides T depends on the sizes of F and T"):
        T // F
    with pytest.raises(Inconclusive):
        5 // T
    with pytest.raises(ZeroDivisionError):
        T // 0


def test_sizes_are_no_machine_numbers() -> None:
    for conversion in (int, range, float):
        with pytest.raises(TypeError):
            conversion(T)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        T + 0.5  # type: ignore[operator]
    with pytest.raises(ValueError, match="no name"):
        symbol("2T")
    with pytest.raises(ValueError, match="raised"):
        T**-1


def test_plain_numbers_stay_plain() -> None:
    for size in (ceil_div(7, 2), product([2, 3]), maximum(2, 3), evaluate(5, {"T": 1}), from_json(5)):
        assert type(size) is int


def test_formulas_can_be_copied_and_pickled() -> None:
    size = (T - 3) // 2 * F
    assert pickle.loads(pickle.dumps(size)) == copy.deepcopy(size) == size
    assert pickle.loads(pickle.dumps(UNKNOWN)) is copy.deepcopy(UNKNOWN) is UNKNOWN


# --- equality and order ----------------------------------------------------------------------------------------------


@given(texts, texts, st.lists(valuations, min_size=12, max_size=12))
def test_equality_is_never_wrong(first: str, second: str, points: list[dict[str, int]]) -> None:
    try:
        answer = built(first) == built(second)
    except Inconclusive:
        return
    if answer:
        assert all(worth(first, point) == worth(second, point) for point in points)
        assert hash(built(first)) == hash(built(second))


@given(texts, texts)
def test_inequality_has_a_witness_among_numbers(first: str, second: str) -> None:
    assume("*" not in first + second and "F" not in first + second and "U" not in first + second)
    try:
        answer = built(first) == built(second)
    except Inconclusive:
        answer = True
    points = range(1, 900)
    assert answer is all(worth(first, {"T": point}) == worth(second, {"T": point}) for point in points)


@given(texts, texts, st.sampled_from(["<", "<=", ">", ">="]), st.lists(valuations, min_size=8, max_size=8))
def test_order_is_never_wrong(first: str, second: str, relation: str, points: list[dict[str, int]]) -> None:
    answer = eval(f"a {relation} b", {"a": built(first), "b": built(second)})
    for point in points:
        true = eval(f"{worth(first, point)} {relation} {worth(second, point)}")
        if isinstance(answer, Condition):
            assert answer.need("message").holds(point) is true
        else:
            assert answer is true


@pytest.mark.parametrize(
    "true",
    [
        T >= 1,
        T > 0,
        T * F >= F,
        T + F > T,
        T // 2 >= 0,
        T % 3 < 3,
        T % 3 >= 0,
        T - T // 2 >= 1,
        F * T // 2 >= 0,
        T**2 >= T,
        ceil_div(T, 4) >= 1,
        2 * ceil_div(T, 2) >= T,
        F * (T // 2) * 2 <= F * T,
        T * F * U - T * F - U + 1 >= 0,
        1 <= T,
        not T < 1,
        not 0 >= T,
    ],
)
def test_bounds_decide(true: object) -> None:
    assert true is True


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (T - 2 >= 1, "T >= 3"),
        ((T - 3) // 2 + 1 >= 1, "T >= 3"),
        (((T - 3) // 2 + 1) // 2 >= 1, "T >= 5"),
        (T // 2 <= 3, "T <= 7"),
        (2 * T <= 7, "T <= 3"),
        (3 - T > 0, "T <= 2"),
        (F * (T - 2) >= 1, "T >= 3"),
        (T >= F, "F <= T"),
        (T > F, "F <= T - 1"),
        (T * F >= 9, "F*T >= 9"),
        (5 < T, "T >= 6"),
    ],
)
def test_an_open_question_is_written_in_its_simplest_form(question: Condition, text: str) -> None:
    assert question.text == text
    with pytest.raises(Inconclusive, match="depends on the size") as caught:
        bool(question)
    assert caught.value.condition is question
    assert text in caught.value.message


def test_equality_with_other_things_is_false() -> None:
    assert (T == None) is False  # noqa: E711
    assert (T == "T") is False
    assert (T == UNKNOWN) is False
    assert (UNKNOWN == T) is False
    assert T != 3
    assert T != T + 1
    assert T // 7 != (T - 1) // 7
    assert {T - 2: "a"}[symbol("T") - 2] == "a"


def test_what_cannot_be_shown_is_inconclusive() -> None:
    # Hermite: true for every T, but the normal form does not see it.
    with pytest.raises(Inconclusive, match="always holds"):
        bool(T // 2 + (T + 1) // 2 == T)


def test_truth_of_a_formula() -> None:
    assert T
    assert -T
    with pytest.raises(Inconclusive, match="whether T - 1 is zero depends on the size of T"):
        bool(T - 1)


def test_maximum() -> None:
    assert maximum(T, 1) == T
    assert maximum(T // 2, T) == T
    with pytest.raises(Inconclusive, match="F and T"):
        maximum(T, F)


# --- unknown ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [3, T, T // 2, sized("d", 4), UNKNOWN], ids=str)
def test_unknown_absorbs(other: Dim) -> None:
    results = [UNKNOWN + other, other + UNKNOWN, UNKNOWN - other, other - UNKNOWN, UNKNOWN * other, other * UNKNOWN]
    results += [UNKNOWN // other, other // UNKNOWN, UNKNOWN % other, other % UNKNOWN, -UNKNOWN]
    results += [product([other, UNKNOWN]), ceil_div(UNKNOWN, other), evaluate(UNKNOWN, {"T": 3})]
    assert all(result is UNKNOWN for result in results)


def test_unknown_is_only_itself() -> None:
    assert (str(UNKNOWN), repr(UNKNOWN)) == ("None", "UNKNOWN")
    assert UNKNOWN == UNKNOWN
    assert UNKNOWN != 3
    assert len({UNKNOWN, UNKNOWN, T, 3}) == 3
    assert value_of(UNKNOWN) is None
    with pytest.raises(Inconclusive):
        bool(UNKNOWN)


@pytest.mark.parametrize("question", [UNKNOWN >= 3, UNKNOWN < T, 3 > UNKNOWN, T <= UNKNOWN, sized("d", UNKNOWN) > 2])
def test_a_question_about_unknown_passes_when_required(question: Condition) -> None:
    assert question.unknown
    with pytest.raises(Inconclusive, match=r"None|d"):
        bool(question)
    with recording() as needs:
        require(question, "never said")
    assert needs == []


# --- sizes with a value ----------------------------------------------------------------------------------------------


@given(texts, valuations)
def test_a_value_goes_along_with_its_formula(text: str, valuation: dict[str, int]) -> None:
    valued = eval(text, {name: sized(name, number) for name, number in valuation.items()})
    assert value_of(valued) == worth(text, valuation)
    assert str(valued) == str(built(text))


@given(texts, texts, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), valuations)
def test_a_value_answers_every_question(first: str, second: str, relation: str, valuation: dict[str, int]) -> None:
    scope = {name: sized(name, number) for name, number in valuation.items()}
    answer = eval(f"({first}) {relation} ({second})", scope)
    assert answer is eval(f"{worth(first, valuation)} {relation} {worth(second, valuation)}")


@given(texts, texts, valuations)
def test_division_of_values_that_is_not_exact_keeps_a_formula(
    first: str, second: str, valuation: dict[str, int]
) -> None:
    assume(worth(second, valuation) != 0 and isinstance(built(second), Poly))
    scope = {name: sized(name, number) for name, number in valuation.items()}
    quotient = eval(f"({first}) // ({second})", scope)
    expected = worth(first, valuation) // worth(second, valuation)
    assert value_of(quotient) == expected
    assert eval(str(quotient), dict(valuation)) == expected
    assert evaluate(quotient, valuation) == expected


def test_examples_with_a_value() -> None:
    units, heads = sized("units", 5), sized("heads", 2)
    assert (str(units * 4), value_of(units * 4)) == ("4*units", 20)
    assert units == 5
    assert hash(units) == hash(5)
    assert (units > 3) is True
    assert isinstance(units - units, int)
    assert bool(units - 5) is False
    assert value_of(units * T) is None
    assert (str(units // heads), value_of(units // heads)) == ("(units)//(heads)", 2)
    assert pretty(3 * (units // heads)) == "3·⌊units/heads⌋"
    assert maximum(units, heads) is units
    assert repr(units + 1) == "Poly(units + 1 = 6)"
    unknown = sized("T", UNKNOWN)
    assert isinstance(value_of(unknown * 2 - 1), Unknown)
    assert unknown * 2 == 2 * unknown
    assert unknown != 3


# --- needs -----------------------------------------------------------------------------------------------------------


def needs_of(*questions: object) -> list[str]:
    with recording() as needs:
        for question in questions:
            require(question, "message")  # type: ignore[arg-type]
    return [need.text for need in needs]


def test_require_on_numbers() -> None:
    with recording() as needs:
        require(3 >= 1, "never said")
        require(T >= 1, "never said")
        with pytest.raises(Fault, match="too short") as caught:
            require(0 >= 1, "too short", arg="kernel_size", help="make it shorter", code="E207")
    fault = caught.value
    assert (fault.arg, fault.help, fault.code, needs) == ("kernel_size", "make it shorter", "E207", [])


def test_require_on_names_takes_note() -> None:
    assert needs_of(T - 2 >= 1, T - 4 >= 1) == ["T >= 3", "T >= 5"]
    with pytest.raises(Inconclusive, match="T >= 3"):
        require(T - 2 >= 1, "nobody listens")


def test_the_innermost_recording_hears() -> None:
    with recording() as outer:
        require(T >= 2, "message")
        with recording() as inner:
            require(T >= 3, "message")
        require(T >= 4, "message")
    assert [need.text for need in outer] == ["T >= 2", "T >= 4"]
    assert [need.text for need in inner] == ["T >= 3"]


@pytest.mark.parametrize("question", [T < 1, 3 - 2 * T >= 2, -(T * F) >= 0, T // 2 < 0])
def test_what_no_size_can_meet_is_a_fault(question: bool | Condition) -> None:
    with recording(), pytest.raises(Fault):
        require(question, "never")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (2 * T, 6, ["T = 3"]),
        (T, F, ["F = T"]),
        (4, T - 2, ["T = 6"]),
        (F * T, 2 * F, ["T = 2"]),
        ((T - 3) // 2 + 1, 4, ["(T - 1)//2 = 4"]),
        (T, T, []),
        (T, UNKNOWN, []),
        (5, 5, []),
        (sized("a", 5), 5, []),
        (sized("T", 5), T, []),
    ],
)
def test_require_equal(left: Dim, right: Dim, expected: list[str]) -> None:
    with recording() as needs:
        require_equal(left, right, "differ")
    assert [need.text for need in needs] == expected


@pytest.mark.parametrize(
    ("left", "right"), [(5, 6), (T, T + 1), (T, 0), (2 * T, 5), (4 * T, 2 * F + 1), (T + F, 1), (sized("a", 5), 6)]
)
def test_require_equal_of_what_never_is(left: Dim, right: Dim) -> None:
    with recording(), pytest.raises(Fault, match="differ"):
        require_equal(left, right, "differ")


@pytest.mark.parametrize(
    ("divisor", "size", "expected"),
    [
        (4, 12, []),
        (4, 8 * T, []),
        (4, T * F, ["4 | F*T"]),
        (4, 6 * T + 2, ["2 | T + 1"]),
        (4, 3 * T + 1, ["4 | T - 1"]),
        (6, 2 * T, ["3 | T"]),
        (F, T * F, []),
        (F, T, ["F | T"]),
        (3, UNKNOWN, []),
        (sized("g", 2), 4, []),
    ],
)
def test_require_divides(divisor: Dim, size: Dim, expected: list[str]) -> None:
    with recording() as needs:
        require_divides(divisor, size, "no divisor")
    assert [need.text for need in needs] == expected


@pytest.mark.parametrize(("divisor", "size"), [(4, 6), (4, 2 * T + 1), (0, 3), (sized("g", 2), 5), (0, T)])
def test_require_divides_of_what_never_does(divisor: Dim, size: Dim) -> None:
    with recording(), pytest.raises(Fault, match="no divisor"):
        require_divides(divisor, size, "no divisor")


@given(texts, texts, st.integers(1, 9), st.lists(valuations, min_size=8, max_size=8))
def test_a_need_says_what_was_required(first: str, second: str, divisor: int, points: list[dict[str, int]]) -> None:
    a, b = built(first), built(second)
    laws = [
        (lambda: require(a >= b, ""), lambda x, y: x >= y),
        (lambda: require_equal(a, b, ""), lambda x, y: x == y),
        (lambda: require_divides(divisor, a, ""), lambda x, _: x % divisor == 0),
    ]
    for ask, truth in laws:
        with recording() as needs:
            try:
                ask()
            except Fault:
                needs.append(Need(0, "=", 1))
        for point in points:
            holds = all(need.holds(point) for need in needs)
            assert holds is truth(worth(first, point), worth(second, point))


@given(st.lists(st.tuples(texts, st.sampled_from(["ge", "eq", "divides"]), st.integers(1, 9)), max_size=5), valuations)
def test_merging_needs_changes_nothing(asked: list[tuple[str, str, int]], valuation: dict[str, int]) -> None:
    with recording() as needs:
        for text, kind, number in asked:
            size = built(text)
            try:
                if kind == "ge":
                    require(size >= number, "")
                elif kind == "eq":
                    require_equal(size, number, "")
                else:
                    require_divides(number, size, "")
            except Fault:
                continue
    merged = merge_needs(needs)
    assert len(merged) <= len(needs)
    assert all(need.holds(valuation) for need in merged) is all(need.holds(valuation) for need in needs)


def test_examples_of_merging() -> None:
    with recording() as needs:
        for least in (3, 5, 5, 4):
            require(T >= least, "")
        require_divides(2, T, "")
        require_divides(4, T, "")
        require_equal(F, 7, "")
        require(F >= 2, "")
        require(F <= 9, "")
    assert [need.text for need in merge_needs(needs)] == ["T >= 5", "4 | T", "F = 7"]


def test_a_need_is_data() -> None:
    with recording() as (needs):
        require(T - F >= 1, "T must be longer")
    (need,) = needs
    assert (need.text, need.names, need.message) == ("F <= T - 1", {"F", "T"}, "T must be longer")
    assert need.holds({"T": 3, "F": 2})
    assert not need.holds({"T": 2, "F": 2})
    with pytest.raises(Inconclusive):
        need.holds({"F": 2})
    for open_need in (Need(T, "=", 3), Need(2, "|", T)):
        with pytest.raises(Inconclusive, match="depends on the size of T"):
            open_need.holds({})


# --- text ------------------------------------------------------------------------------------------------------------

PLAIN = str.maketrans(
    {"·": "*", "−": "-", "⌊": "(", "⌋": ")", "/": "//", **{s: f"**{n}" for n, s in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}}
)


@given(texts, valuations)
def test_text_is_python(text: str, valuation: dict[str, int]) -> None:
    assert worth(str(built(text)), valuation) == worth(text, valuation)


@given(texts)
def test_json_round_trip(text: str) -> None:
    size = built(text)
    back = from_json(to_json(size))
    assert back == size
    assert str(back) == str(size)
    assert type(back) is type(size)


@given(texts)
def test_formulas_are_read_as_python_reads_them(text: str) -> None:
    assert parse_poly(text) == built(text)


@given(texts, valuations)
def test_pretty_text_has_the_same_value(text: str, valuation: dict[str, int]) -> None:
    size = built(text)
    assert worth(pretty(size, ascii=True), valuation) == worth(text, valuation)
    assert pretty(size, ascii=True).isascii()
    assert worth(pretty(size).translate(PLAIN), valuation) == worth(text, valuation)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (4 * U * (F + U + 1), "4·U·(F + U + 1)"),
        (U * (F + 1), "U·(F + 1)"),
        (20 * F + 120, "20·F + 120"),
        (3 * T + 3 * F + 6, "3·(F + T + 2)"),
        ((T - 3) // 2 + 1, "⌊(T − 1)/2⌋"),
        (T // 2 * F + T // 2, "⌊T/2⌋·(F + 1)"),
        (T**2 - 2, "T² − 2"),
        (-4 * F * T, "−4·F·T"),
        (-F * T - F, "−F·(T + 1)"),
        (-F - T - U, "−F − T − U"),
        (1234567, "1234567"),
        (-3, "−3"),
    ],
)
def test_examples_of_pretty_text(size: Size, text: str) -> None:
    assert pretty(size) == text


def test_json_of_the_other_dims() -> None:
    assert (to_json(UNKNOWN), from_json(None)) == (None, UNKNOWN)
    assert (to_json(7), from_json(7), from_json("7")) == (7, 7, 7)
    for wrong in (True, 1.5, [1]):
        with pytest.raises(Fault, match="is no size"):
            from_json(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T +",
        "(T",
        "T)",
        "2T",
        "T T",
        "T/2",
        "T//0",
        "T**-1",
        "T**T",
        "2**3**2",
        "T//F",
        "9" * 5000,
        "(" * 500 + "T" + ")" * 500,
        "T**999999",
        "((9**64)**64)**64",
        "((T + F + 1)**30)**30",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_formula_is_a_fault(text: str) -> None:
    with pytest.raises(Fault, match="is no size"):
        parse_poly(text)


def test_evaluate_takes_shapes() -> None:
    assert evaluate((UNKNOWN, T - 2, 8), {"T": 10}) == (UNKNOWN, 8, 8)
    assert evaluate((UNKNOWN, T - 2, 8), {}) == (UNKNOWN, T - 2, 8)
    assert names((T - 3) // 2 * F) == {"F", "T"}
    assert names(3) == names(UNKNOWN) == frozenset()
    assert product([]) == 1
    assert divmod(T * F, F) == (T, 0)
