"""A service for the walks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import PATIENCE, Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service that is set up and does not run yet; what runs at the end is killed."""
    service = Service(tmp_path / "home")
    yield service
    if service.process:
        service.process.kill()
        service.process.wait(PATIENCE)
