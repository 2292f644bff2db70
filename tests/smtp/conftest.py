"""A certificate for relays that encrypt."""

import shutil
from pathlib import Path

import pytest

from relay import Certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that nobody has signed but itself."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here to make a certificate: install it")
    return Certificate.issue(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same certificate, trusted the way an operator would trust one of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate.file
