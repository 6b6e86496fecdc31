"""The environment, read once into frozen settings. Only `workers/`, `starter/`, `embedded/` and the console read it."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

#: where the console is served, unless told otherwise
CONSOLE_PORT = 8080
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,28}[0-9]", re.ASCII)
_LONGEST_NAME = 60


class SettingError(ValueError):
    """A setting that cannot be used; the message names the variable and what is accepted."""


def home_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """The data directory: REDRESS_HOME, else the platform's place for a user's or (as root) a service's data.

    Not created here. As root it must be reachable by an unprivileged user, because PostgreSQL refuses to run as root.
    """
    if named := environ.get("REDRESS_HOME"):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/redress")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "redress"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "redress"


def setting(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """A setting, or the content of the file that NAME_FILE names (a container's secret); None when neither is set.

    Raises SettingError when the file cannot be read.
    """
    if value := environ.get(name):
        return value
    if not (file := environ.get(f"{name}_FILE")):
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SettingError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error


@dataclass(frozen=True)
class Signing:
    """How people sign in.

    idle, longest: how long a session lasts without a request, and at all. passwords: whether local passwords open the
    door. issuer, client_id, client_secret: of an OpenID Connect provider; None where there is none.
    """

    idle: timedelta = timedelta(hours=2)
    longest: timedelta = timedelta(hours=12)
    passwords: bool = True
    issuer: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    """What a process of ours needs to know. Paths are absolute; ports are 0 where none is served.

    files_url: where photos and papers lie, file:///directory or s3://bucket/prefix.
    public_url: where staff and customers reach the console, without a slash at the end; a production profile has none
    unless it is told, and messages then name no page. hotline: the telephone number that customers are told to call, as it
    is written; None where nobody is told to call. company: by what name customers' pages call us; None for that of the
    program. temporal_ui: the address of
    Temporal's own pages, for operators; None where they are not shown. trusted_proxies: addresses, by commas, whose word
    about a caller's own address and scheme is taken; empty for none.
    """

    home: Path
    production: bool
    database_url: str | None
    master_key: Path
    codec_keys: Path
    smtp_url: str | None
    sender: str
    spool: Path
    files_url: str
    host: str
    health_port: int
    metrics_port: int
    console_port: int
    public_url: str | None
    hotline: str | None
    company: str | None
    temporal_ui: str | None
    trusted_proxies: str
    codec_server: bool
    log_level: str
    cached_workflows: int
    deployment: str | None
    build: str | None
    signing: Signing = field(default_factory=Signing)

    @property
    def may_create_keys(self) -> bool:
        """Keys are made on the first local run only; a production profile must bring its own."""
        return not self.production


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in this environment. Raises SettingError naming the first variable that is wrong."""
    home = home_directory(environ)
    profile = environ.get("REDRESS_PROFILE", "local")
    if profile not in ("local", "production"):
        raise SettingError(f"REDRESS_PROFILE is {profile!r}; accepted are local and production.")
    production = profile == "production"
    host = environ.get("REDRESS_HOST", "127.0.0.1")
    console_port = _number("REDRESS_CONSOLE_PORT", environ, CONSOLE_PORT, 65535)
    return Settings(
        home=home,
        production=production,
        database_url=setting("REDRESS_DATABASE_URL", environ),
        master_key=Path(environ.get("REDRESS_MASTER_KEY_FILE") or home / "master_key"),
        codec_keys=Path(environ.get("REDRESS_CODEC_KEYS_FILE") or home / "codec_keys"),
        smtp_url=setting("REDRESS_SMTP_URL", environ),
        sender=environ.get("REDRESS_SENDER", "redress@localhost"),
        spool=Path(environ.get("REDRESS_SPOOL_DIR") or home / "spool"),
        files_url=setting("REDRESS_FILES_URL", environ) or (home / "files").as_uri(),
        host=host,
        health_port=_number("REDRESS_HEALTH_PORT", environ, 0, 65535),
        metrics_port=_number("REDRESS_METRICS_PORT", environ, 0, 65535),
        console_port=console_port,
        public_url=_address("REDRESS_PUBLIC_URL", environ)
        or (None if production else f"http://localhost:{console_port}"),
        hotline=_telephone("REDRESS_HOTLINE", environ),
        company=_name("REDRESS_COMPANY", environ),
        temporal_ui=_address("REDRESS_TEMPORAL_UI_URL", environ),
        trusted_proxies=environ.get("REDRESS_TRUSTED_PROXIES", ""),
        codec_server=environ.get("REDRESS_CODEC_SERVER", "") == "1",
        log_level=_level(environ.get("REDRESS_LOG", "info")),
        cached_workflows=_number("REDRESS_CACHED_WORKFLOWS", environ, 2000, 1_000_000),
        deployment=environ.get("TEMPORAL_DEPLOYMENT_NAME") or None,
        build=environ.get("TEMPORAL_WORKER_BUILD_ID") or None,
        signing=_signing(environ),
    )


def _signing(environ: Mapping[str, str]) -> Signing:
    issuer, client = _address("REDRESS_OIDC_ISSUER", environ), environ.get("REDRESS_OIDC_CLIENT_ID") or None
    if (issuer is None) != (client is None):
        raise SettingError(
            "REDRESS_OIDC_ISSUER and REDRESS_OIDC_CLIENT_ID belong together; set both or neither."
        )
    if (word := environ.get("REDRESS_PASSWORDS", "on")) not in ("on", "off"):
        raise SettingError(f"REDRESS_PASSWORDS is {word!r}; accepted are on and off.")
    if word == "off" and issuer is None:
        raise SettingError(
            "REDRESS_PASSWORDS is off and no REDRESS_OIDC_ISSUER is set: nobody could sign in."
        )
    longest = timedelta(hours=max(1, _number("REDRESS_SESSION_HOURS", environ, 12, 24 * 31)))
    idle = timedelta(minutes=max(1, _number("REDRESS_SESSION_IDLE_MINUTES", environ, 120, 60 * 24 * 31)))
    return Signing(
        idle=min(idle, longest),
        longest=longest,
        passwords=word == "on",
        issuer=issuer,
        client_id=client,
        client_secret=setting("REDRESS_OIDC_CLIENT_SECRET", environ),
    )


def _address(name: str, environ: Mapping[str, str]) -> str | None:
    written = environ.get(name, "")
    if not written:
        return None
    try:
        parts = urlsplit(written)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise SettingError(f"{name} is {written!r}; accepted is an address like https://redress.example.com.")
    return written.rstrip("/")


def _telephone(name: str, environ: Mapping[str, str]) -> str | None:
    written = environ.get(name, "").strip()
    if not written:
        return None
    if not _TELEPHONE.fullmatch(written):
        raise SettingError(f"{name} is {written!r}; accepted is a telephone number like 400-820-1234.")
    return written


def _name(name: str, environ: Mapping[str, str]) -> str | None:
    written = environ.get(name, "").strip()
    if len(written) > _LONGEST_NAME or not written.isprintable():
        raise SettingError(f"{name} is not accepted; it is one line of at most {_LONGEST_NAME} characters.")
    return written or None


def _number(name: str, environ: Mapping[str, str], otherwise: int, most: int) -> int:
    written = environ.get(name, "")
    if not written:
        return otherwise
    if not written.isascii() or not written.isdigit() or int(written) > most:
        raise SettingError(f"{name} is {written!r}; accepted is a whole number from 0 to {most}.")
    return int(written)


def _level(written: str) -> str:
    accepted = ("debug", "info", "warning", "error")
    if written.lower() not in accepted:
        raise SettingError(f"REDRESS_LOG is {written!r}; accepted are {', '.join(accepted)}.")
    return written.upper()
