"""A running installation, and its command line as people and scripts use it."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embedded.processes import Identity
from embedded.supervisor import read_run_file
from starter.cli.app import obey

#: Seconds a whole installation may take to start or to stop on a busy machine.
PATIENCE = 120


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without any setting of Redress or Temporal, and with these."""
    ours = ("REDRESS_", "TEMPORAL_")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(ours)}, **more}


@dataclass(frozen=True)
class Answer:
    """What a command came to: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


Redress = Callable[..., Answer]


def in_a_process(home: Path, *arguments: object) -> Answer:
    """A command in a process of its own, told the data directory and nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", "from starter.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=clean_environment(REDRESS_HOME=str(home)),
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


class Installation:
    """`redress up` as a process of its own on a data directory."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from starter.cli import main; main()",
                    "--home",
                    str(home),
                    "up",
                    *options,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=clean_environment(),
            )

    def said(self) -> str:
        """All it has printed so far."""
        return self.log.read_text()

    def wait_until_said(self, words: str) -> None:
        """Wait until it has printed these words."""
        self.until(lambda: words in self.said(), words)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fails when the installation ends first or patience runs out."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, f"it ended instead of: {what}\n{self.said()}"
            assert time.monotonic() < deadline, f"waited in vain for: {what}\n{self.said()}"
            time.sleep(0.05)

    def parts(self) -> dict[str, Identity]:
        """The processes it keeps now, by name."""
        return {
            part["name"]: Identity(part["pid"], part["born"])
            for part in read_run_file(self.home).get("parts", [])
        }

    def stop(self) -> int:
        """SIGTERM, as a service manager sends it; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def clear(self) -> None:
        """End whatever a failed test has left."""
        if self.process.poll() is None:
            self.stop()
        for identity in self.parts().values():
            if identity.alive():
                os.kill(identity.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def installation(server_directory: Path) -> Iterator[Installation]:
    """An installation that runs, for all tests that leave it as well as they found it."""
    running = Installation(server_directory / "installation")
    try:
        running.wait_until_said("In a second terminal")
        yield running
    finally:
        running.clear()


@contextmanager
def logs_as_they_were() -> Iterator[None]:
    """A service logs to the standard error of its process; here that is a stream which ends with the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.fixture
def redress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Redress:
    """The command line in this process, as the entry point calls it: arguments in, an `Answer` out.

    `environ` sets variables for this one call. No setting of the surroundings gets in.
    """
    for name in [name for name in os.environ if name.startswith(("REDRESS_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)

    def call(*arguments: object, environ: Mapping[str, str] | None = None) -> Answer:
        capsys.readouterr()
        with monkeypatch.context() as patched, ThreadPoolExecutor(1) as elsewhere, logs_as_they_were():
            for name, value in (environ or {}).items():
                patched.setenv(name, value)
            code = elsewhere.submit(obey, [str(one) for one in arguments]).result(timeout=PATIENCE)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def here(redress: Redress, installation: Installation) -> Redress:
    """The command line on the running installation."""

    def call(*arguments: object, environ: Mapping[str, str] | None = None) -> Answer:
        return redress("--home", installation.home, *arguments, environ=environ)

    return call


@pytest.fixture
def complaint(here: Redress, complaint_file: Path) -> str:
    """The number of a complaint just opened and registered."""
    opened = here("open", complaint_file, "--received", "now", "--json")
    assert opened.code == 0, opened.err
    number = str(opened.data[0]["number"])
    assert here("do", number, "register").code == 0
    return number


SUBMISSION: dict[str, Any] = {
    "channel": "telephone",
    "received_at": "2026-03-02T09:20:00+08:00",
    "customer": {"name": "林女士", "contact": "000-0000-0001", "language": "zh-CN"},
    "place": {"project": "示例·锦澜苑", "unit": "3栋1单元802"},
    "text": "厨房吊顶漏水，没有人回电话。",
}


@pytest.fixture
def complaint_file(tmp_path: Path) -> Path:
    """One complaint in the form of the HTTP POST."""
    return written(tmp_path / "complaint.json", SUBMISSION)


def written(path: Path, data: Any) -> Path:
    """The file, with this data as JSON in it."""
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path
