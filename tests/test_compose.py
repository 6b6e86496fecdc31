"""The installation in `docker-compose.yml`, judged as data: no container engine is needed, none is started.

Where `docker compose` is at hand, it reads the file too.
"""

from __future__ import annotations

import base64
import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import programs
from starter.codec import read_ring
from starter.settings import read_settings
from tools import ROOT
from workflows import names

SECRETS = {
    "postgres_password", "temporal_password", "redress_password", "redress_database_url", "master_key", "codec_keys",
    "smtp_url",
}  # fmt: skip
ONE_SHOT = {"databases", "temporal-schema", "bootstrap", "trial-people"}
#: addresses without a secret in them
ADDRESSES = {"REDRESS_PUBLIC_URL", "REDRESS_TEMPORAL_UI_URL"}
WORKERS = {
    f"worker-{queue}": queue for queue in (names.COMPLAINTS_QUEUE, names.NOTICES_QUEUE, names.REVIEWS_QUEUE)
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8")))


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(compose["services"])


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """A copy of what an installation is made from, with its secrets made."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=lambda *_: [*SECRETS, "__pycache__"])
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    subprocess.run([tmp_path / "deploy" / "make-secrets", "--trial"], check=True, capture_output=True)
    return tmp_path


def test_every_service_is_there(services: dict[str, dict[str, Any]]) -> None:
    servers = {"postgres", "temporal", "temporal-ui", "trial-mailbox", "console"}
    assert set(services) == servers | ONE_SHOT | set(WORKERS)
    trial = {name for name, service in services.items() if service.get("profiles") == ["trial"]}
    assert trial == {"trial-people", "trial-mailbox"}


def test_there_is_a_worker_for_every_queue(services: dict[str, dict[str, Any]]) -> None:
    assert {name: services[name]["command"] for name in WORKERS} == {
        name: ["worker", queue] for name, queue in WORKERS.items()
    }


def test_versions_are_named_and_belong_together(services: dict[str, dict[str, Any]]) -> None:
    images = {name: service["image"] for name, service in services.items()}
    assert all(re.search(r":[^:]*\d", image) and ":latest" not in image for image in images.values())
    assert images["temporal"] == f"temporalio/server:{programs.TEMPORAL}"
    assert images["temporal-schema"] == f"temporalio/admin-tools:{programs.TEMPORAL}"
    assert images["temporal-ui"] == f"temporalio/ui:{programs.UI}"
    assert images["postgres"] == images["databases"] == "postgres:18"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {images[name] for name in (*WORKERS, "bootstrap", "console")} == {
        f"redress:${{REDRESS_VERSION:-{version}}}"
    }


def test_services_start_in_order_and_come_back(services: dict[str, dict[str, Any]]) -> None:
    order = {
        "databases": {"postgres": "service_healthy"},
        "temporal-schema": {"databases": "service_completed_successfully"},
        "temporal": {"temporal-schema": "service_completed_successfully"},
        "temporal-ui": {"temporal": "service_healthy"},
        "bootstrap": {"databases": "service_completed_successfully", "temporal": "service_healthy"},
        **{name: {"bootstrap": "service_completed_successfully"} for name in (*WORKERS, "console")},
    }
    for name, expected in order.items():
        found = {other: on["condition"] for other, on in services[name]["depends_on"].items()}
        assert found == expected, name
    for name, service in services.items():
        assert service["restart"] == ("on-failure:5" if name in ONE_SHOT else "unless-stopped"), name
        assert ("healthcheck" in service) == (name not in ONE_SHOT | {"trial-mailbox"}), name


def test_data_outlives_the_containers(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    assert services["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert set(compose["volumes"]) == {"postgres", "redress-home"}
    assert services["temporal"]["environment"]["NUM_HISTORY_SHARDS"] == "512"


def test_no_password_stands_in_the_file(compose: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|KEY|SECRET|_URL", variable) and variable not in ADDRESSES:
                assert variable.endswith("_FILE"), (name, variable)
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, variable)
        assert set(service.get("secrets", ())) <= SECRETS, name
    assert {name: one["file"] for name, one in compose["secrets"].items()} == {
        name: f"./deploy/secrets/{name}" for name in SECRETS
    }
    assert {"/deploy/secrets/*", "/.env"} <= set((ROOT / ".gitignore").read_text("utf-8").splitlines())


def test_only_this_host_reaches_the_ports(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(ports) == {"temporal-ui", "trial-mailbox", "console"}
    assert all(port.startswith("127.0.0.1:") for mapped in ports.values() for port in mapped)
    assert compose["networks"]["data"] == {"internal": True}
    assert services["postgres"]["networks"] == ["data"]


def test_what_is_mounted_is_there_and_the_scripts_are_well_formed(
    services: dict[str, dict[str, Any]],
) -> None:
    mounted = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", ())
        if volume.startswith("./")
    }
    assert mounted
    for place in mounted:
        assert (ROOT / place).is_file(), place
        if place.endswith(".sh"):
            subprocess.run(["sh", "-n", ROOT / place], check=True)


def test_the_image_holds_every_package() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = packages["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = re.findall(r"^COPY (\w+) \1$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    let_in = re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    assert copied == wheel
    assert set(wheel) <= set(let_in)


def test_secrets_are_made_once_and_keys_are_closed_to_others(installation: Path) -> None:
    made = {
        path.name: path for path in (installation / "deploy" / "secrets").iterdir() if path.name in SECRETS
    }
    assert set(made) == SECRETS
    assert stat.S_IMODE(made["master_key"].parent.stat().st_mode) == 0o700
    for name in ("master_key", "codec_keys"):
        assert stat.S_IMODE(made[name].stat().st_mode) == 0o600
    assert len(base64.b64decode(made["master_key"].read_bytes(), validate=False)) == 32
    assert re.fullmatch(r"\d{8}:[0-9a-f]{64}\n", made["codec_keys"].read_text())
    password = made["redress_password"].read_text()
    assert (
        made["redress_database_url"].read_text() == f"postgresql://redress:{password}@postgres:5432/redress"
    )
    settings = (installation / ".env").read_text()
    before = {name: path.read_bytes() for name, path in made.items()}
    assert len(set(before.values())) == len(before)
    subprocess.run([installation / "deploy" / "make-secrets"], check=True, capture_output=True)
    assert {name: path.read_bytes() for name, path in made.items()} == before
    assert (installation / ".env").read_text() == settings
    assert re.fullmatch(r"REDRESS_UID=\d+\nREDRESS_GID=\d+\n", settings)


class Heard(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, *given: dict[str, str]) -> None:
        super().__init__(*given)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """As a mapping does, and remembered."""
        self.asked.add(key)
        return super().get(key, default)


def as_read_here(environment: dict[str, str], secrets: Path) -> Heard:
    """A service's environment with the secrets where they are on this machine, and defaults filled in."""
    return Heard(
        {
            name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value).replace("/run/secrets", str(secrets))
            for name, value in environment.items()
        }
    )


def test_the_code_reads_every_setting_of_the_services(
    services: dict[str, dict[str, Any]], installation: Path
) -> None:
    secrets = installation / "deploy" / "secrets"
    for service in (*WORKERS, "bootstrap", "trial-people", "console"):
        environment = as_read_here(services[service]["environment"], secrets)
        settings = read_settings(environment)
        ours = {name for name in environment if name.startswith("REDRESS_")}
        assert ours <= environment.asked, f"{service}: nothing reads {ours - environment.asked}"
        assert settings.production == (service != "trial-people")
        assert settings.database_url == (secrets / "redress_database_url").read_text()
        assert (settings.master_key, settings.codec_keys) == (secrets / "master_key", secrets / "codec_keys")
        assert str(settings.smtp_url) == "smtp://trial-mailbox:1025"
        assert (
            f"http://127.0.0.1:{settings.health_port}/readyz"
            in services["worker-notices"]["healthcheck"]["test"][-1]
        )
        assert f":{settings.console_port}/readyz" in services["console"]["healthcheck"]["test"][-1]
        assert services["console"]["ports"][0].endswith(f":{settings.console_port}")
        assert environment["TEMPORAL_NAMESPACE"] == names.NAMESPACE
        assert read_ring(settings.codec_keys)


def test_the_sample_settings_are_those_the_code_reads(installation: Path) -> None:
    lines = (ROOT / "deploy" / "redress.env.example").read_text("utf-8").splitlines()
    sample = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    environment = as_read_here(
        {name: value.replace("/etc/redress/secrets", "/run/secrets") for name, value in sample.items()},
        installation / "deploy" / "secrets",
    )
    assert read_settings(environment).production
    assert {name for name in environment if name.startswith("REDRESS_")} <= environment.asked


def docker_compose() -> list[str] | None:
    """How `docker compose` is called here; None where it is not at hand."""
    for call in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(call[0]):
            asked = subprocess.run([*call, "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                return call
    return None


@pytest.mark.skipif(
    docker_compose() is None, reason="docker compose is not on this machine; the file is judged as data"
)
def test_docker_compose_reads_the_file(installation: Path) -> None:
    call = docker_compose() or []
    read = subprocess.run(
        [*call, "--profile", "trial", "config", "--quiet"],
        cwd=installation,
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
