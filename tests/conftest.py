"""Where the real frameworks are not installed, the tests that need them are left out, and the head of the run says so."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

MISSING = [name for name in ("keras", "jax", "torch") if find_spec(name) is None]
NEEDY = ("oracle", "slow")
# These import a framework as they are loaded.
collect_ignore = ["test_conventions.py", "test_exports.py", "test_fuzz.py", "test_torch.py"] if MISSING else []


def pytest_report_header() -> str | None:
    return f"without {', '.join(MISSING)}: tests against real frameworks are left out" if MISSING else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not MISSING:
        return
    left_out = [one for one in items if any(one.get_closest_marker(name) for name in NEEDY)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if not any(one.get_closest_marker(name) for name in NEEDY)]
