"""Settings are read once, and what is wrong with them is said plainly."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter import config
from newsletter.config import Listen, Settings
from newsletter.errors import ConfigurationError

SECRET = "a secret of thirty-two characters"
RELAY = "smtp://relay.example.org:587"


def load(tmp_path: Path, **values: str) -> Settings:
    environ = {"HOME": str(tmp_path), "SECRET_KEY": SECRET} | values
    return config.load({config.PREFIX + name: value for name, value in environ.items()})


def test_without_a_setting_everything_stays_on_this_machine(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.has_mailbox
    assert settings.base_url == "http://localhost:8000"
    assert settings.listen == Listen("127.0.0.1", 8000)
    assert settings.database_url == f"sqlite:///{tmp_path}/newsletter.sqlite3"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BASE_URL", "monitor.example.org"),
        ("BASE_URL", "ftp://monitor.example.org"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "https://monitor.example.org/?page=1"),
        ("BASE_URL", "https://monitor.example.org/#top"),
        ("BASE_URL", "https://anna@monitor.example.org"),
        ("BASE_URL", "https://monitor example.org"),
        ("BASE_URL", "https://[::1"),
        ("BASE_URL", "https://monitor.example.org:99999"),
        ("RETURN_DOMAIN", "mail example.org"),
        ("RETURN_DOMAIN", "example"),
        ("RETURN_DOMAIN", "a@example.org"),
        ("LISTEN", "8000"),
        ("LISTEN", ":8000"),
        ("LISTEN", "127.0.0.1:http"),
        ("LISTEN", "127.0.0.1:99999"),
        ("MAILBOX", "localhost"),
        ("CONNECTIONS", "0"),
        ("CONNECTIONS", "201"),
        ("CONNECTIONS", "ten"),
        ("BATCH_SIZE", "-1"),
        ("BATCH_SIZE", "1.5"),
        ("PROXIES", "-1"),
        ("KEEP_ORIGIN", "all"),
        ("ROLE_ADDRESSES", "yes"),
        ("DISPOSABLE", "no"),
        ("CHECK_DOMAINS", "maybe"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(ConfigurationError, match=config.PREFIX + name):
        load(tmp_path, **{"RELAY_URL": RELAY, name: text})


def test_an_empty_value_is_none(tmp_path: Path) -> None:
    assert load(tmp_path, CONNECTIONS=" ").connections == 10


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:8000",
        "http://monitor.localhost",
        "http://127.0.0.1",
        "http://127.8.8.8:80",
        "http://[::1]:8000",
    ],
)
def test_the_mailbox_is_for_an_installation_on_this_machine(tmp_path: Path, base_url: str) -> None:
    assert load(tmp_path, BASE_URL=base_url).has_mailbox


@pytest.mark.parametrize(
    "base_url",
    [
        "https://monitor.example.org",
        "http://192.168.1.2",
        "http://0.0.0.0:8000",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
    ],
)
def test_an_installation_that_others_reach_needs_a_relay(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="NEWSLETTER_RELAY_URL"):
        load(tmp_path, BASE_URL=base_url)
    assert not load(tmp_path, BASE_URL=base_url, RELAY_URL=RELAY).has_mailbox


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first = load(home, SECRET_KEY="").secret_key
    assert len(first) >= 32
    assert load(home, SECRET_KEY="").secret_key == first
    assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == ["secret.key"]


def test_all_who_start_at_once_have_the_same_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as processes:
        started = [processes.submit(load, tmp_path, SECRET_KEY="") for _ in range(32)]
    assert len({settings.result().secret_key for settings in started}) == 1


def test_a_home_that_is_no_folder_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="NEWSLETTER_HOME"):
        load(tmp_path / "file", SECRET_KEY="")


def test_secrets_do_not_show(tmp_path: Path) -> None:
    shown = repr(load(tmp_path, RELAY_URL="smtp://anna:password@relay.example.org"))
    assert SECRET not in shown
    assert "password" not in shown


def test_another_process_reads_the_same_settings(settings: Settings) -> None:
    settings = replace(settings, domain_rates="gmail.com=20/s,connections=4 outlook.com=600/min")
    assert config.load(settings.environ()) == settings


@pytest.mark.parametrize("listen", [Listen("127.0.0.1", 0), Listen("::1", 8000)])
def test_a_place_to_listen_is_written_as_it_is_read(tmp_path: Path, listen: Listen) -> None:
    assert load(tmp_path, LISTEN=str(listen)).listen == listen


@pytest.mark.parametrize("name", ["templates", "migrations"])
def test_the_files_that_belong_to_the_program_are_found(name: str) -> None:
    assert config.folder(name).is_dir()
    with pytest.raises(ConfigurationError, match="nothing"):
        config.folder("nothing")
