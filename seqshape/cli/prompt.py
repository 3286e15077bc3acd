"""The terminal of ``seqshape play``: two fields, what they stand for below. What is shown comes from :mod:`.glimpse`."""

from __future__ import annotations

import sys
from asyncio import TimerHandle
from collections.abc import Iterator

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import has_completions
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.formatted_text.utils import split_lines
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    Dimension,
    Float,
    FloatContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.output import Output

from seqshape.analysis.completion import closed, going_on
from seqshape.cli.glimpse import is_sound, seen
from seqshape.cli.printing import color_wanted, is_ascii
from seqshape.registry import spellings
from seqshape.renderers import Options
from seqshape.renderers.text import harmless

Fields = tuple[str, str]
_KEYS = "^C leaves  Enter prints  Tab completes  ↑↓ spec, input  ^P ^N earlier, later"
_MOST = 3  # a field has at most one line in so many of the screen
_REST = 0.4  # seconds without a key after which mends and advice are looked for


class Words(Completer):
    """Completes the last word of the spec."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """What the word before the cursor may become; of an empty one only where that is asked for."""
        word, found = going_on(document.text_before_cursor)
        if word or complete_event.completion_requested:
            yield from (Completion(one, start_position=-len(word)) for one in found[:200])


def play(spec: str, shape: str, *, input: Input | None = None, output: Output | None = None) -> Fields | None:
    """Let both be typed; what they are at Enter, ``None`` if the user leaves."""
    return application(spec, shape, input=input, output=output).run()


def application(
    spec: str, shape: str, *, input: Input | None = None, output: Output | None = None
) -> Application[Fields | None]:
    """The application; its result is that of :func:`play`."""
    spellings()  # every layer is loaded now, not at the first key
    typed = Typed(spec, shape)
    rows = [_field("spec  ", typed.spec), _field("input ", typed.shape)]
    table = Window(Below(typed))
    keys = Window(FormattedTextControl(_KEYS), height=1, style="reverse")
    body = FloatContainer(
        HSplit([*rows, Window(height=1), table, keys]),
        [Float(CompletionsMenu(max_height=8), xcursor=True, ycursor=True)],
    )
    layout = Layout(body, focused_element=rows[0])
    app: Application[Fields | None] = Application(
        layout, key_bindings=_bindings(typed), full_screen=True, erase_when_done=True, input=input, output=output
    )
    for buffer in (typed.spec, typed.shape):
        buffer.on_text_changed += lambda _: typed.changed(app)
    return app


class Typed:
    """What is typed, and what is shown of it: at once as quick as it goes, and all there is to say at rest.

    The sound networks at which the keys rested are the history of the session.
    """

    def __init__(self, spec: str, shape: str) -> None:
        self.spec = Buffer(document=Document(spec), completer=Words(), complete_while_typing=True)
        self.shape = Buffer(document=Document(shape))
        self.past: list[Fields] = []
        self.place = 0
        self._rested: Fields | None = None
        self._waiting: TimerHandle | None = None
        self._drawn: tuple[object, list[StyleAndTextTuples]] = (None, [])

    @property
    def texts(self) -> Fields:
        """Both fields."""
        return self.spec.text, self.shape.text

    def lines(self, columns: int, rows: int) -> list[StyleAndTextTuples]:
        """What stands below the fields, where there is room for so much."""
        whole = self._rested == self.texts and not self._is_open()
        key = (self.texts, columns, rows, whole)
        if self._drawn[0] != key:
            options = Options(max(columns - 1, 1), color_wanted("auto", sys.stdout), is_ascii(sys.stdout))
            lines = seen(*self.texts, options, max(rows, 1), whole=whole)
            text = ANSI(harmless("\n".join(lines), styled=True))
            self._drawn = key, list(split_lines(to_formatted_text(text)))
        return self._drawn[1]

    def _is_open(self) -> bool:
        """Whether the spec is not at its end: what it is so far says more than that it is not closed."""
        return closed(self.spec.text)[0] != self.spec.text.rstrip()

    def changed(self, app: Application[Fields | None]) -> None:
        """A key has been pressed."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = app.loop.call_later(_REST, self.rest, app) if app.loop is not None else None

    def rest(self, app: Application[Fields | None]) -> None:
        """No key has been pressed for a while."""
        self._rested = self.texts
        if is_sound(*self.texts) and self.texts not in self.past:
            self.past.append(self.texts)
            self.place = len(self.past) - 1
        app.invalidate()

    def walk(self, step: int) -> None:
        """Go to an earlier or a later network of the session."""
        if not self.past:
            return
        if self.texts == self.past[self.place] or step > 0:
            self.place = min(max(self.place + step, 0), len(self.past) - 1)
        spec, shape = self.past[self.place]
        self.spec.document, self.shape.document = Document(spec), Document(shape)


class Below(UIControl):
    """Shows what is typed in the room that the fields leave."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed

    def create_content(self, width: int, height: int | None) -> UIContent:
        """The lines for so many columns and rows."""
        lines = self.typed.lines(width, height or get_app().output.get_size().rows)
        return UIContent(lambda number: lines[number], len(lines), show_cursor=False)


def _field(label: str, buffer: Buffer) -> Window:
    return Window(
        BufferControl(buffer),
        wrap_lines=True,
        height=lambda: Dimension(max=max(get_app().output.get_size().rows // _MOST, 1)),
        dont_extend_height=True,
        get_line_prefix=lambda number, wrapped: label if not (number or wrapped) else " " * len(label),
    )


def _bindings(typed: Typed) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=typed.texts)

    @keys.add("c-c")
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=None)

    @keys.add("tab")
    def _(event: KeyPressEvent) -> None:
        buffer = event.app.current_buffer
        if buffer.completer is None or buffer is typed.shape:
            event.app.layout.focus_next()
        elif buffer.complete_state:
            buffer.complete_next()
        else:
            buffer.start_completion(insert_common_part=True)

    @keys.add("down", filter=~has_completions)
    @keys.add("up", filter=~has_completions)
    @keys.add("s-tab")
    def _(event: KeyPressEvent) -> None:
        event.app.layout.focus(typed.shape if event.app.current_buffer is typed.spec else typed.spec)

    @keys.add("c-p")
    def _(event: KeyPressEvent) -> None:
        typed.walk(-1)

    @keys.add("c-n")
    def _(event: KeyPressEvent) -> None:
        typed.walk(1)

    return keys
