"""The worker's own doors: /healthz, /readyz, /metrics, and on a laptop the codec for Temporal's UI and command line."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import uvicorn
from google.protobuf.json_format import MessageToDict, Parse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

Probe = Callable[[], Awaitable[str | None]]


def health_app(
    probes: dict[str, Probe], registry: CollectorRegistry, codec: PayloadCodec | None
) -> Starlette:
    """The application. probes: part → what is wrong with it, or None. codec: only where Temporal's UI and command line
    on this machine may have payloads decoded and encoded.
    """

    async def alive(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(request: Request) -> Response:
        troubles = {part: await probe() for part, probe in probes.items()}
        well = not any(troubles.values())
        return JSONResponse(
            {part: trouble or "ok" for part, trouble in troubles.items()}, status_code=200 if well else 503
        )

    async def metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]
    middleware = []
    if codec is not None:
        routes.append(Route("/codec/decode", _recoding(codec.decode), methods=["POST"]))
        routes.append(Route("/codec/encode", _recoding(codec.encode), methods=["POST"]))
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origin_regex=r"http://(localhost|127\.0\.0\.1)(:\d+)?",
                allow_methods=["POST"],
                allow_headers=["content-type", "x-namespace", "authorization"],
            )
        )
    return Starlette(routes=routes, middleware=middleware)


def _recoding(
    recode: Callable[[Sequence[Payload]], Awaitable[list[Payload]]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            given = Parse(await request.body(), Payloads())
            made = Payloads(payloads=await recode(given.payloads))
        except Exception as error:  # noqa: BLE001  (whatever the body holds, the asker is told, and nothing else)
            return JSONResponse({"error": f"cannot be decoded: {type(error).__name__}"}, status_code=400)
        return Response(json.dumps(MessageToDict(made)), media_type="application/json")

    return answer


@asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[None]:
    """Serve the app on a port of its own while the block runs; port 0 serves nothing. Raises OSError if it is taken."""
    if port == 0:
        yield
        return
    with socket.create_server((host, port), family=_family(host)) as listening:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(sockets=[listening]))  # noqa: SLF001  (serve() would take our signals)
        try:
            yield
        finally:
            server.should_exit = True
            await task


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
