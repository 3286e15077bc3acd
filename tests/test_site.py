"""The documentation site builds without a warning, and has a page for every layer, code and command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from seqshape.cli import COMMANDS
from seqshape.codes import CODES
from seqshape.registry import layers
from tests.pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as CI builds it."""
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
    return folder


def test_every_layer_has_a_page(site: Path) -> None:
    for name in layers():
        assert "<h1 id=" in (site / "layers" / name / "index.html").read_text("utf-8"), name
    listed = (site / "layers" / "index.html").read_text("utf-8")
    assert all(f'href="{name}/"' in listed for name in layers())


def test_every_code_and_command_is_there(site: Path) -> None:
    codes = (site / "codes" / "index.html").read_text("utf-8")
    assert set(CODES) <= set(re.findall(r"[EWA]\d{3}", codes))
    commands = (site / "commands" / "index.html").read_text("utf-8")
    assert all(f'<h2 id="{name}">' in commands for name in COMMANDS)


def test_the_tutorial_is_there(site: Path) -> None:
    text = (site / "tutorial" / "index.html").read_text("utf-8")
    assert "LSTM(8,seq)" in text
    assert "320" in text
