"""Threads do not hear each other: what a network says in one of many equals what it says alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

import pytest

from seqshape.ambient import Channel
from seqshape.analysis.advice import advise
from seqshape.analysis.check import Expectations, check
from seqshape.analysis.equivalence import compare_networks
from seqshape.analysis.explain import explain
from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import keras_json as json_exporter
from seqshape.exporters import keras_python as python_exporter
from seqshape.exporters import spec as spec_exporter
from seqshape.exporters import torch as torch_exporter
from seqshape.network import Network
from seqshape.summary import to_dict
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.oracle.spec_writer import is_writable, spec

THREADS = 8
NAMED = [(f"Conv1D(8,{kernel})>LSTM(4)", "T,3") for kernel in range(2, 8)]
FAULTY = [("LSTM(5)>TD(Dense(1))", "5,1"), ("Conv1D(4,9)>TD(Dense(2))", "5,1"), ("x = LSTM(3); x > x", None)]
REMARKED = [
    ("Dense(True)>MHA(2,2)", "4"),
    ("Pipeline([Resizing(4,4)])", "8,8,3"),
    ("Bi(LSTM(4,seq))>TD(Conv1D(2,2))", "5,4,3"),
]
QUESTIONS: dict[str, Callable[[Network], object]] = {
    "summary": lambda network: to_dict(network.summary()),
    "advice": advise,
    "explain": explain,
    "timesteps": lambda network: timesteps(network).matrix,
    "spec": spec_exporter.write,
    "torch": torch_exporter.write,
    "keras-json": json_exporter.write,
    "keras-python": python_exporter.write,
    "check": lambda network: check(network.summary(), Expectations({"params": 100})),
    "compare": lambda network: compare_networks(network, network),
}


def networks(number: int) -> list[tuple[str, str | None]]:
    """Random networks as specs, and some that say much while they are walked."""
    recipes = (recipe(RandomChoices(f"threads-{seed}")) for seed in range(number))
    return [*NAMED, *FAULTY, *REMARKED, *((spec(found), None) for found in recipes if is_writable(found))]


def answer(source: tuple[str, str | None], question: str) -> str:
    """What one network gives, or its complaint, as text."""
    try:
        return repr(QUESTIONS[question](analyse(source[0], source[1])))
    except SeqshapeError as error:
        return repr(error.diagnostics)


@contextmanager
def switching_often() -> Iterator[None]:
    """Threads take turns after a microsecond, in the place of 5 ms."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("question", QUESTIONS)
def test_threads_say_what_one_alone_says(question: str) -> None:
    asked = networks(25)
    alone = {source: answer(source, question) for source in asked}
    shuffled = [source for seed in range(3) for source in Random(seed).sample(asked, len(asked))]
    with switching_often(), ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda source: (source, answer(source, question)), shuffled))
    assert [source for source, found in together if found != alone[source]] == []


FIRST = """
import sys, threading
import seqshape
sys.setswitchinterval(1e-6)
start, wrong = threading.Barrier(12), []
SPECS = ["LSTM(5,seq)>TD(Dense(1))", "Dense(2)>ops.relu", "Conv1D(4,2)>Flatten", "GRU(3,seq)>ops.mean(axis=1)"]
def work(spec):
    start.wait()
    try:
        found = seqshape.summarize(spec, input_shape=(5, 1)).totals.params
    except BaseException as problem:
        found = repr(problem)
    if not isinstance(found, int):
        wrong.append((spec, found))
threads = [threading.Thread(target=work, args=(SPECS[number % 4],)) for number in range(12)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not wrong, wrong
"""


def test_threads_that_all_come_first() -> None:
    """A fresh process, in which the first threads load the layers while others ask for them."""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", FIRST], check=True, timeout=60)


def test_the_innermost_listener_hears() -> None:
    channel: Channel[int] = Channel("numbers")
    assert not channel.say(0)
    with channel.listening() as outer:
        channel.say(1)
        with channel.listening() as inner:
            channel.say(2)
        channel.say(3)
    assert (outer, inner, channel.say(4)) == ([1, 3], [2], False)


def test_a_shared_list_would_be_seen() -> None:
    """The promise is worth something: one list for all threads mixes what they say."""
    heard: list[int] = []
    together = threading.Barrier(2)

    def work(number: int) -> bool:
        before = len(heard)
        together.wait(60)  # both are at it: what a switch of threads in the middle does
        heard.extend([number] * 50)
        together.wait(60)
        return [one for one in heard[before:] if one != number] == []

    with ThreadPoolExecutor(2) as pool:
        assert not any(pool.map(work, range(2)))
