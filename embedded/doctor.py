"""For every part Redress needs: found where, which version, healthy or what to do. Changes nothing."""

import asyncio
import os
import platform
import shutil
import smtplib
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from embedded.doctor_records import examine_records
from embedded.doctor_temporal import examine_temporal
from embedded.findings import Finding
from embedded.home import home_directory, setting
from embedded.ports import free_port
from embedded.postgres import DEFAULT_PORT as POSTGRES_PORT
from embedded.postgres import URL_VARIABLE, PostgresServer
from embedded.postgres_programs import choose_programs
from embedded.processes import PartError
from embedded.supervisor import running_addresses
from embedded.temporal import ADDRESS_VARIABLE, DEFAULT_PORT, DEFAULT_UI_PORT
from embedded.temporal_program import find_program
from workflows import names

OLDEST_PYTHON = (3, 11)
#: Bytes. PostgreSQL and Temporal stop working, each in its own way, on a full disk.
ENOUGH_SPACE = 1024**3
CONSOLE_PORT = 8080
START = "It does not run: start it with `redress up`"


async def examine(
    home: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    master_key: Path | bytes | None = None,
) -> list[Finding]:
    """Examine everything, in the order in which parts need one another. Takes a few seconds at most.

    home: the data directory, by default that of the settings.
    master_key: the key file or the key, by default REDRESS_MASTER_KEY_FILE or `master_key` in the home.
    """
    home = home or home_directory(environ)
    key = master_key or Path(environ.get("REDRESS_MASTER_KEY_FILE") or home / "master_key")
    programs = await asyncio.to_thread(lambda: [_python(), _postgres_programs(), _temporal_program(environ)])
    servers = await asyncio.gather(_records(home, environ, key), _temporal(home, environ))
    rest = await asyncio.to_thread(lambda: [_mail(environ), _customers(environ), _space(home), *_ports(home)])
    return [*programs, *servers[0], *servers[1], *rest]


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", "ill", sys.executable, version, "Redress needs Python 3.11 or newer.")
    return Finding("Python", "well", sys.executable, version)


def _postgres_programs() -> Finding:
    try:
        programs = choose_programs(None)
    except PartError as error:
        return Finding("PostgreSQL programs", "ill", advice=str(error))
    return Finding(
        "PostgreSQL programs", "well", f"{programs.directory} ({programs.found})", programs.version
    )


def _temporal_program(environ: Mapping[str, str]) -> Finding:
    try:
        program = find_program(environ)
    except PartError as error:
        return Finding("Temporal program", "ill", advice=str(error))
    if program is None:
        advice = "None was found; the Temporal SDK will download one at the first start."
        return Finding("Temporal program", "idle", advice=advice)
    version = f"{program.version} (server {program.server_version})"
    return Finding("Temporal program", "well", f"{program.path} ({program.found})", version)


async def _records(home: Path, environ: Mapping[str, str], master_key: Path | bytes) -> list[Finding]:
    server = PostgresServer(home / "postgres", environ={})
    try:
        if url := setting(URL_VARIABLE, environ):
            return await examine_records(url, URL_VARIABLE, master_key)
        if not server.running:
            return [Finding("database", "idle", advice=f"{START}, or set {URL_VARIABLE}.")]
        url = server.url()
    except PartError as error:
        return [Finding("database", "ill", advice=str(error))]
    return await examine_records(url, f"{server.directory}, port {server.port}", master_key)


async def _temporal(home: Path, environ: Mapping[str, str]) -> list[Finding]:
    namespace = environ.get("TEMPORAL_NAMESPACE") or names.NAMESPACE
    if address := environ.get(ADDRESS_VARIABLE):
        return await examine_temporal(address, environ, f"{address} ({ADDRESS_VARIABLE})", namespace)
    running = running_addresses(home) or {}
    if "temporal" not in running:
        return [Finding("Temporal server", "idle", advice=f"{START}, or set {ADDRESS_VARIABLE}.")]
    return await examine_temporal(running["temporal"], None, running["temporal"], namespace)


def _mail(environ: Mapping[str, str]) -> Finding:
    """Greets and, when the address carries a user, logs in; sends nothing."""
    url = setting("REDRESS_SMTP_URL", environ)
    if url is None:
        return Finding(
            "mail", "idle", advice="Notices go to the spool directory; set REDRESS_SMTP_URL to send mail."
        )
    parts = urlsplit(url)
    place = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 25)}"
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname or "", parts.port or 0, timeout=5) as mail:
            mail.ehlo()
            if parts.scheme == "smtp" and mail.has_extn("starttls"):
                mail.starttls()
                mail.ehlo()
            if parts.username:
                mail.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        advice = (
            f"The mail server does not take us ({error}): correct REDRESS_SMTP_URL; notices wait meanwhile."
        )
        return Finding("mail", "ill", place, advice=advice)
    return Finding("mail", "well", place)


def _customers(environ: Mapping[str, str]) -> Finding:
    """What customers read of us."""
    unset = [name for name in ("REDRESS_COMPANY", "REDRESS_HOTLINE") if not environ.get(name)]
    if unset:
        told = {"REDRESS_COMPANY": "the company's name", "REDRESS_HOTLINE": "a number to call"}
        lacking = " and ".join(told[name] for name in unset)
        advice = f"Customers' pages lack {lacking}; set {' and '.join(unset)}."
        return Finding("customers' pages", "idle", advice=advice)
    return Finding("customers' pages", "well", f"{environ['REDRESS_COMPANY']}, {environ['REDRESS_HOTLINE']}")


def _space(home: Path) -> Finding:
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    shown = f"{free / 1024**3:.1f} GiB free"
    if free < ENOUGH_SPACE:
        return Finding("disk", "ill", str(there), shown, "Make room, or set REDRESS_HOME to a larger disk.")
    return Finding("disk", "well", str(there), shown)


def _ports(home: Path) -> list[Finding]:
    """Whether the default ports are free; a taken one is no trouble, another is picked."""
    if running_addresses(home) is not None:
        return []
    wanted = {
        "PostgreSQL": POSTGRES_PORT,
        "Temporal": DEFAULT_PORT,
        "Temporal UI": DEFAULT_UI_PORT,
        "console": CONSOLE_PORT,
    }
    taken = [f"{port} ({name})" for name, port in wanted.items() if free_port(port) != port]
    if taken:
        advice = f"Taken: {', '.join(taken)}; free ones are picked instead."
        return [Finding("ports", "idle", "127.0.0.1", advice=advice)]
    return [Finding("ports", "well", "127.0.0.1", ", ".join(map(str, wanted.values())))]
