"""The console as a service: it reaches records and Temporal, serves, and stops in good order."""

import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import uvicorn

from console.app import make_app
from console.desk import Desk
from console.files import open_files
from console.live.hub import Hub
from console.showing import Pages
from records.db import connect, reaching, require_schema
from records.office import Office, open_office
from starter.build import build_id
from starter.complaints import FrontDoor
from starter.connection import connect as connect_temporal
from starter.settings import SettingError, Settings

log = logging.getLogger(__name__)

#: seconds a request under way may take when the service is told to stop; pages that listen end at once
GRACE = 10


async def serve(settings: Settings, environ: Mapping[str, str] = os.environ) -> None:
    """Serve until SIGTERM or SIGINT.

    environ: the TEMPORAL_* settings. Pages can be read while Temporal is away. Raises SettingError, RecordsUnreachable,
    MigrationError, MasterKeyError, CodecKeyError: a service manager starts it again.
    """
    if settings.database_url is None:
        raise SettingError(
            "REDRESS_DATABASE_URL is not set; it names the database, postgresql://user:password@host/redress."
        )
    async with _office(settings, settings.database_url) as office:
        client = await connect_temporal(settings, environ=environ, lazy=True)
        desk = desk_for(settings, FrontDoor(client, office))
        app = make_app(desk)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.console_port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_graceful_shutdown=GRACE,
        )
        for doubt in doubts(settings):
            log.warning(doubt)
        log.info("serving", extra={"address": settings.public_url})
        await _Server(config, desk.hub).serve()


def doubts(settings: Settings) -> list[str]:
    """What in these settings is allowed and yet probably a mistake: a sentence each, for the log at the start."""
    told = []
    behind = (settings.public_url or "").startswith("https://")
    if settings.production and behind and not settings.trusted_proxies:
        told.append(
            "REDRESS_TRUSTED_PROXIES is not set, and https needs a proxy in front: every caller has the proxy's address, "
            "so one who tries passwords makes all others wait. Name the proxy's address there."
        )
    return told


class _Server(uvicorn.Server):
    """Pages that listen are ended before the server waits for requests under way, or it would wait for them in vain."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._hub.close()
        await super().shutdown(sockets)


def desk_for(settings: Settings, door: FrontDoor) -> Desk:
    """A desk on this front door."""
    return Desk(
        door=door,
        settings=settings,
        pages=Pages(door.now, settings.hotline, settings.company),
        files=open_files(settings),
        hub=Hub(door.office),
    )


@asynccontextmanager
async def _office(settings: Settings, url: str) -> AsyncIterator[Office]:
    with reaching():
        connection = await connect(url)
    try:
        await require_schema(connection)
    finally:
        await connection.close()
    async with open_office(
        url, settings.master_key, build=build_id(), may_create_key=settings.may_create_keys
    ) as office:
        yield office
