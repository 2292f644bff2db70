"""A service for the walks."""

from collections.abc import Iterator
from importlib.resources import files
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


@pytest.fixture
def running(service: Service) -> Iterator[Service]:
    """A service that runs, with two publications, of one of which an issue was sent."""
    manuscript = Path(str(files("newsletter"))) / "demo" / "baltic-monitor.txt"
    service.furnish("init")
    for slug, name in (("baltic-monitor", "Baltic Monitor"), ("china-monitor", "China Monitor")):
        service.furnish(
            *("publication", "add", slug, "--name", name, "--zone", "Europe/Warsaw"),
            *("--author", "monitor@institute.example"),
        )
    service.furnish("subscriber", "add", "baltic-monitor", "reader@example.net")
    service.furnish("issue", "import", str(manuscript))
    service.do("issue", "send", "1")
    service.start()
    yield service
    assert service.stop() == 0
