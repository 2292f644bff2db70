"""An installation of its own for every test of the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from newsletter.cli import newsletter
from terminal import Run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the installation, which is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """The variables that name the installation; wide enough that no table is folded."""
    return {"NEWSLETTER_HOME": str(home), "COLUMNS": "200"}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run one command: ``run("issue", "list")``."""
    runner = CliRunner(env=environ)
    return lambda *words: runner.invoke(newsletter, [str(word) for word in words])
