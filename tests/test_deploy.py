"""What is written for running Loket fits the program: containers, units, proxies. None is started here."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from handlers import secrets
from handlers.cli import main
from handlers.settings.loading import OVERRIDES
from handlers.web import streams, uploads

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one.get("image") == "loket"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CADDY = (ROOT / "docs" / "deploy" / "Caddyfile").read_text("utf-8")
PAGES = {
    name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.id.md", "docs/operations.md")
}
_STARTED = re.compile(r"^ExecStart=/opt/loket/\.venv/bin/loket (.+)$", re.MULTILINE)
_IN_COMPOSE = re.compile(r"^docker compose run --rm (?:--volume \S+ )?worker (.+)$", re.MULTILINE)
KNOWN = {"LOKET_CONFIG", "LOKET_LOG", secrets.SECRET_KEY, *OVERRIDES}


def _default(command: str, option: str) -> Any:
    found = main.get_command(click.Context(main), command)
    assert found is not None
    return next(one.default for one in found.params if one.name == option)


def _accepted(words: list[str]) -> None:
    """Raises when the program would refuse these words."""
    command = main.get_command(click.Context(main), words[0])
    assert command is not None, words
    while isinstance(command, click.Group):
        words = words[1:]
        inner = command.get_command(click.Context(command), words[0])
        assert inner is not None, words
        command = inner
    command.make_context(words[0], words[1:], resilient_parsing=False)


@pytest.mark.parametrize("name", OURS)
def test_a_container_runs_a_command_that_exists(name: str) -> None:
    _accepted([str(word) for word in OURS[name]["command"]])


@pytest.mark.parametrize("name", OURS)
def test_a_container_is_told_what_the_program_reads(name: str) -> None:
    sample = set(re.findall(r"env:(\w+)", (ROOT / "config.yaml").read_text("utf-8")))
    for variable, value in OURS[name]["environment"].items():
        plain = variable.removesuffix("_FILE")
        assert plain in KNOWN | sample, variable
        if variable.endswith("_FILE"):
            assert Path(value).name in OURS[name]["secrets"]
    assert secrets.SECRET_KEY + "_FILE" in OURS[name]["environment"]
    assert all(secret in COMPOSE["secrets"] for secret in OURS[name]["secrets"])


def test_volumes_secrets_and_files_are_there() -> None:
    kept = {volume.partition(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    assert {name for name in kept if not name.startswith(".")} == set(COMPOSE["volumes"])
    for name in kept - set(COMPOSE["volumes"]):
        assert (ROOT / name).exists(), name
    assert "data_dir: /var/lib/loket" in PAGES["docs/operations.md"]
    assert all("files:/var/lib/loket" in one["volumes"] for one in OURS.values())
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].removeprefix("./") in PAGES["docs/operations.md"]
    assert "/secrets/" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_the_order_of_starting() -> None:
    ready = {"condition": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"database": ready}
    assert SERVICES["migrate"]["restart"] == "no"
    done = {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["web"]["depends_on"] == SERVICES["worker"]["depends_on"] == done
    assert SERVICES["proxy"]["depends_on"] == {"web": ready}


def test_the_proxy_reaches_the_pages_from_the_same_machine() -> None:
    """Only so is what it says of a visitor's address believed."""
    where = f"{_default('web', 'host')}:{_default('web', 'port')}"
    assert SERVICES["proxy"]["network_mode"] == "service:web"
    assert f"reverse_proxy {where}" in CADDY
    assert f"http://{where}/readyz" in SERVICES["web"]["healthcheck"]["test"][-1]
    assert "{$LOKET_HOST}" in CADDY
    assert "LOKET_HOST" in SERVICES["proxy"]["environment"]
    assert OURS["web"]["environment"]["LOKET_PUBLIC_URL"].startswith("https://${LOKET_HOST")


def test_the_image_holds_what_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    copied = {
        word for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert all((ROOT / name).exists() for name in copied)
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*wheel, "templates", "standards", "config.yaml", "requirements.lock"} <= copied
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert copied == allowed
    base = re.search(r"^FROM python:(\d+)\.(\d+)-slim$", DOCKERFILE, re.MULTILINE)
    least = project["project"]["requires-python"].removeprefix(">=").split(".")
    assert base is not None
    assert [int(part) for part in base.groups()] >= [int(part) for part in least]
    assert "USER loket" in DOCKERFILE


@pytest.mark.parametrize("page", PAGES)
def test_units_and_containers_start_commands_that_exist(page: str) -> None:
    started = [*_STARTED.findall(PAGES[page]), *_IN_COMPOSE.findall(PAGES[page])]
    assert started
    for words in started:
        _accepted(shlex.split(words))


def test_units_and_proxies_allow_for_open_pages() -> None:
    operations = PAGES["docs/operations.md"]
    files = re.search(r"^LimitNOFILE=(\d+)$", operations, re.MULTILINE)
    assert files is not None
    assert int(files[1]) // 2 >= streams.MOST_STREAMS
    silence = re.search(r"proxy_read_timeout (\d+)s", operations)
    assert silence is not None
    assert int(silence[1]) > 2 * streams.BEAT_EVERY
    assert "proxy_buffering off" in operations


def test_nginx_of_debian_reads_what_is_to_be_copied() -> None:
    """``http2 on;`` is known since 1.25.1; older ones refuse all of their configuration for it."""
    blocks = [
        block for page in PAGES.values() for block in re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    ]
    assert blocks
    assert not any(re.search(r"\bhttp2\s+on\b", block) for block in blocks)
    assert any("listen 443 ssl http2;" in block for block in blocks)
    assert "From 1.25.1 on it is" in PAGES["docs/operations.md"]


def test_proxies_let_an_answer_with_its_files_through() -> None:
    """nginx counts in MiB, Caddy in MB."""
    limits = [
        *(
            int(most) * 2**20
            for name in PAGES
            for most in re.findall(r"client_max_body_size (\d+)m;", PAGES[name])
        ),
        *(int(most) * 10**6 for most in re.findall(r"max_size (\d+)MB", CADDY)),
    ]
    assert len(limits) == 3
    assert all(most >= uploads.LARGEST_ANSWER for most in limits)
