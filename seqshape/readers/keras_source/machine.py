"""The machine: work is done in generators that yield the work they wait for, so no program can use up Python's stack.

Whatever else a generator yields is sent straight back, so that a value that is known at once costs little.

Every step counts against a budget, so that no program runs for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from types import GeneratorType
from typing import Any, TypeGuard

from seqshape.ambient import Channel
from seqshape.diagnostics import Span
from seqshape.readers.keras_source.values import Value, Work

# What Python's own functions raise when they are handed what they do not take.
NONSENSE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Exceptions of the reader's own code, each of them a fault of it: the statement is not followed. Tests listen.
UNFORESEEN: Channel[Exception] = Channel("unforeseen")
MOST_STEPS = 1_200_000  # under two seconds
STEPS_A_LAYER = 60  # that a program may take more for each layer that it makes
MOST_LAYERS = 30_000  # that earn them
MOST_FRAMES = 400  # functions that wait for each other


class Spent(Exception):
    """The budget of steps is used up."""


class Signal(Exception):
    """Something that leaves statements before their end."""


class Returned(Signal):
    """``return``. Not ``is_sure`` where nothing tells whether the program leaves here: what follows may be done too."""

    def __init__(self, value: Value, span: Span = Span(), *, is_sure: bool = True) -> None:
        super().__init__()
        self.value = value
        self.span = span
        self.is_sure = is_sure


class Unsure(Signal):
    """``break`` or ``continue`` in a branch that nothing decides: this turn may end here, or the loop."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


class Broken(Signal):
    """``break``."""


class Continued(Signal):
    """``continue``."""


class Raised(Signal):
    """An exception of the interpreted program: the value, its class name, what it says, and where."""

    def __init__(self, value: Value, kind: str, message: str, span: Span, *, is_ours: bool = False) -> None:
        super().__init__(message)
        self.is_ours = is_ours  # raised by an operator here, on a value that may only be taken for what it is
        self.value = value
        self.kind = kind
        self.message = message
        self.span = span


def _not_taken(error: Exception) -> Raised:
    return Raised(None, type(error).__name__, str(error), Span(), is_ours=True)


def on_behalf(operation: Callable[..., Value], *args: Value, **kwargs: Value) -> Value:
    """What an operation of Python gives that the program asks for. Raises Raised where it does not take these values."""
    try:
        return operation(*args, **kwargs)
    except NONSENSE as error:
        raise _not_taken(error) from None


class Given:
    """What a generator of the program yields: its work stands still until the next value is asked for."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class Machine:
    """Runs work, and counts its steps."""

    def __init__(self) -> None:
        self.left = MOST_STEPS
        self.frames = 0
        self.earning = MOST_LAYERS
        self.generators = 0  # that wait for each other

    @property
    def taken(self) -> int:
        """How many steps have been taken."""
        return MOST_STEPS + STEPS_A_LAYER * (MOST_LAYERS - self.earning) - max(self.left, 0)

    def spend(self, steps: int) -> None:
        """Count work that is done outside of steps. Raises Spent."""
        self.left -= steps
        if self.left < 0:
            raise Spent

    def earn(self) -> None:
        """A layer has been made: a program that makes many is long, and no loop that goes on for ever."""
        if self.earning > 0:
            self.earning -= 1
            self.left += STEPS_A_LAYER

    def run(self, work: Work) -> Any:
        """The value of a piece of work. Raises Spent, or a Signal that nothing inside has caught."""
        return self.resume([work])

    def resume(self, stack: list[Work]) -> object:
        """Run work that waits, the innermost last: its value, or what it gives and waits again, ``stack`` as it is then."""
        value: object = None
        problem: BaseException | None = None
        while stack:
            self.left -= 1
            if self.left < 0:
                raise Spent
            try:
                wanted = stack[-1].send(value) if problem is None else stack[-1].throw(problem)
            except StopIteration as done:
                stack.pop()
                value, problem = done.value, None
            except Signal as signal:
                stack.pop()
                value, problem = None, signal
            except NONSENSE as error:  # of the reader itself: the program is not to be blamed, nor its user to see it
                stack.pop()
                UNFORESEEN.say(error)
                value, problem = None, _not_taken(error)
            else:
                value, problem = None, None
                if type(wanted) is GeneratorType:
                    stack.append(wanted)
                elif type(wanted) is Given:
                    return wanted
                else:
                    value = wanted
        if problem is not None:
            raise problem
        return value


def is_work(value: object) -> TypeGuard[Work]:
    """Whether something is work that has still to be done."""
    return isinstance(value, GeneratorType)
