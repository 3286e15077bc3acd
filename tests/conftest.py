"""Where the real frameworks are not installed, the tests that need them are left out, and the head of the run says so."""

from __future__ import annotations

import signal
from functools import partialmethod
from importlib.util import find_spec
from inspect import signature

import pytest
from click.testing import CliRunner, Result

MISSING = [name for name in ("keras", "jax", "torch") if find_spec(name) is None]
NEEDY = ("oracle", "slow")
# These import a framework as they are loaded.
collect_ignore = ["test_conventions.py", "test_exports.py", "test_fuzz.py", "test_torch.py"] if MISSING else []

if "mix_stderr" in signature(CliRunner).parameters:  # click 8.1 has to be told to keep both streams apart
    CliRunner.__init__ = partialmethod(CliRunner.__init__, mix_stderr=False)
    Result.output = property(lambda self: self.stdout + self.stderr)


if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # a shell's background job does not hear Ctrl-C, nor what it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str | None:
    return f"without {', '.join(MISSING)}: tests against real frameworks are left out" if MISSING else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not MISSING:
        return
    left_out = [one for one in items if any(one.get_closest_marker(name) for name in NEEDY)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if not any(one.get_closest_marker(name) for name in NEEDY)]
