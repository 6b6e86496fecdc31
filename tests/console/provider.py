"""An OpenID Connect provider of the test's own on loopback: discovery, authorization code with PKCE, signed ID tokens.

It checks what a provider checks (client, redirect address, code once, verifier), signs with a real key, and can be told
to misbehave in one way at a time.
"""

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "redress-desk", "client:secret/with+signs"


@dataclass
class Provider:
    """url: its issuer. claims: whom it vouches for. lie: how it misbehaves now, see `id_token`."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    in_token: bool = True
    lie: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    async def metadata(self, request: Request) -> Response:
        issuer = "https://elsewhere.example" if self.lie == "issuer" else self.url
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/me",
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303
        )

    async def token(self, request: Request) -> Response:
        form = dict(await request.form())
        scheme, _, given = request.headers["authorization"].partition(" ")
        client, _, secret = base64.b64decode(given).decode().partition(":")
        asked = self.codes.pop(str(form.get("code")), None)
        if (scheme, client, secret) != ("Basic", CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": 60,
                "id_token": self.id_token(asked["nonce"]),
            }
        )

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        told = self.claims if self.in_token else {"sub": self.claims["sub"]}
        changes: dict[str, dict[str, Any]] = {
            "audience": {"aud": "somebody-else"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "nonce": {"nonce": "another"},
            "party": {"aud": [CLIENT, "other"], "azp": "other"},
        }
        content = {**claims, **told, **changes.get(self.lie, {})}
        if self.lie == "key":
            other = RSAKey.generate_key(2048, {"kid": "k1"})
            return jwt.encode({"alg": "RS256", "kid": "k1"}, content, other)
        if self.lie == "shared":
            return jwt.encode({"alg": "HS256"}, content, OctKey.import_key(SECRET), algorithms=["HS256"])
        if self.lie == "none":
            parts = [base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()]
            parts.append(jwt.encode({"alg": "RS256", "kid": "k1"}, content, self.key).split(".")[1])
            return ".".join([*parts, ""])
        return jwt.encode({"alg": "RS256", "kid": "k1"}, content, self.key)

    async def keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def me(self, request: Request) -> Response:
        return JSONResponse({**self.claims, **({"sub": "another"} if self.lie == "userinfo" else {})})


@asynccontextmanager
async def a_provider() -> AsyncIterator[Provider]:
    """A provider that answers while the context lasts."""
    listening = socket.create_server(("127.0.0.1", 0))
    provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
    routes = [
        Route("/.well-known/openid-configuration", provider.metadata),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
        Route("/keys", provider.keys),
        Route("/me", provider.me),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False))
    task = asyncio.create_task(server._serve(sockets=[listening]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise AssertionError("the provider ended instead of serving")
            await asyncio.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        await task
