"""The terminal of ``seqshape play``: two fields, what they stand for below. What is shown comes from :mod:`.play`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import has_completions
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import BufferControl, Float, FloatContainer, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.output import Output

from seqshape.analysis.completion import going_on
from seqshape.cli.play import seen
from seqshape.cli.printing import color_wanted, is_ascii
from seqshape.renderers import Options
from seqshape.renderers.text import harmless

Fields = tuple[str, str]
_KEYS = "Tab completes  ↑↓ spec, input  Enter prints the command  ^C leaves"
_FRAME = 4  # lines that are not those of the table


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
    first = Buffer(document=Document(spec), completer=Words(), complete_while_typing=True, history=InMemoryHistory())
    fields = (first, Buffer(document=Document(shape)))
    kept: dict[object, ANSI] = {}

    def lines() -> ANSI:
        size = app.output.get_size()
        key = (*(field.text for field in fields), size)
        if key not in kept:
            kept.clear()
            options = Options(max(size.columns - 1, 1), color_wanted("auto", sys.stdout), is_ascii(sys.stdout))
            text = "\n".join(seen(fields[0].text, fields[1].text, options, max(size.rows - _FRAME, 1)))
            kept[key] = ANSI(harmless(text, styled=True))
        return kept[key]

    rows = [_field("spec  ", fields[0]), _field("input ", fields[1])]
    table = Window(FormattedTextControl(lines))
    keys = Window(FormattedTextControl(_KEYS), height=1, style="reverse")
    body = FloatContainer(
        HSplit([*rows, Window(height=1), table, keys]),
        [Float(CompletionsMenu(max_height=8), xcursor=True, ycursor=True)],
    )
    layout = Layout(body, focused_element=rows[0])
    app: Application[Fields | None] = Application(
        layout, key_bindings=_bindings(fields), full_screen=True, erase_when_done=True, input=input, output=output
    )
    return app


def _field(label: str, buffer: Buffer) -> Window:
    return Window(
        BufferControl(buffer),
        wrap_lines=True,
        dont_extend_height=True,
        get_line_prefix=lambda number, wrapped: label if not (number or wrapped) else " " * len(label),
    )


def _bindings(fields: tuple[Buffer, Buffer]) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=(fields[0].text, fields[1].text))

    @keys.add("c-c")
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=None)

    @keys.add("tab")
    def _(event: KeyPressEvent) -> None:
        buffer = event.app.current_buffer
        if buffer.completer is None or buffer is fields[1]:
            event.app.layout.focus_next()
        elif buffer.complete_state:
            buffer.complete_next()
        else:
            buffer.start_completion(insert_common_part=True)

    @keys.add("down", filter=~has_completions)
    @keys.add("up", filter=~has_completions)
    @keys.add("s-tab")
    def _(event: KeyPressEvent) -> None:
        other = fields[event.app.current_buffer is fields[0]]
        event.app.layout.focus(other)

    return keys
