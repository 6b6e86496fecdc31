"""`/healthz`, `/readyz` and `/metrics` of a console process. Nothing in them is about a person or a complaint."""

import asyncio
import ipaddress
import time
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.service import RPCError

from console.desk import Desk

#: how long Temporal may take to say that it is well
_PATIENCE = timedelta(seconds=3)
#: seconds for which an answer about readiness holds
READY_FOR = 1.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meter:
    """Counts requests by route template, method and status, one a process. Addresses themselves are never kept."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "redress_console_requests",
            "requests answered",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "redress_console_request_seconds",
            "seconds until an answer began",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Metered:
    """Notes every request of an application in `app.state.meter`, which `/metrics` shows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        meter, begun = meter_of(scope), time.monotonic()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                meter.note(
                    _template(scope), _method(scope["method"]), message["status"], time.monotonic() - begun
                )
            await send(message)

        await self.app(scope, receive, sending)


def meter_of(scope: Scope) -> Meter:
    """The meter of the application that hears this request."""
    state = scope["app"].state
    if not hasattr(state, "meter"):
        state.meter = Meter()
    meter: Meter = state.meter
    return meter


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method(written: str) -> str:
    return written if written in _METHODS else "other"


def _template(scope: Scope) -> str:
    """The route's template, never the address; "-" for an address that leads nowhere."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    if path is None:
        return "/static" if scope.get("root_path", "").endswith("/static") else "-"
    return f"{scope.get('root_path', '')}{path}"


def root_routes(desk: Desk) -> list[BaseRoute]:
    """The routes for the root of the console's application, which `Metered` wraps.

    `/readyz` and `/metrics` are there for callers inside alone: they stand on the port that customers reach.
    """
    readiness = _Readiness(desk)

    async def alive(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(request: Request) -> Response:
        _require_inside(request)
        troubles = await readiness.troubles()
        status = 503 if any(troubles.values()) else 200
        return JSONResponse({part: trouble or "ok" for part, trouble in troubles.items()}, status)

    async def metrics(request: Request) -> Response:
        _require_inside(request)
        return Response(generate_latest(meter_of(request.scope).registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


class _Readiness:
    """What is wrong with the parts a console needs, asked at most once a second however many ask."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asking = asyncio.Lock()
        self._found: dict[str, str | None] = {}
        self._good_until = 0.0

    async def troubles(self) -> dict[str, str | None]:
        """Part → what is wrong with it, or None."""
        async with self._asking:
            if time.monotonic() >= self._good_until:
                self._found = {
                    "temporal": await _temporal(self._desk),
                    "records": await self._desk.office.trouble(),
                }
                self._good_until = time.monotonic() + READY_FOR
            return self._found


def _require_inside(request: Request) -> None:
    """Raises HTTPException 404 for whoever calls, or is said by a proxy to call, from outside the own network."""
    headers = request.headers
    said = [*headers.getlist("x-forwarded-for"), *headers.getlist("x-real-ip")]
    callers = [part.strip() for line in said for part in line.split(",")]
    here = request.client.host if request.client else ""
    if "forwarded" in headers or not all(_is_inside(one) for one in (here, *callers)):
        raise HTTPException(404)


def _is_inside(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return found.is_private or found.is_loopback


async def _temporal(desk: Desk) -> str | None:
    """What is wrong with the way to Temporal now, or None."""
    try:
        well = await desk.door.client.service_client.check_health(timeout=_PATIENCE)
    except (RPCError, RuntimeError) as away:
        return f"cannot be reached: {type(away).__name__}"
    return None if well else "is not serving"
