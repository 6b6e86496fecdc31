"""Single sign-on with an OpenID Connect provider: authorization code with PKCE, state and nonce.

The provider says who somebody is; who that is here stands in `identities`. The first time it is the one person with the
mail address the provider vouches for; nobody is ever made. ID tokens are verified by the provider's published keys.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.desk import Desk
from records import accounts
from records.accounts import Errand
from records.db import transaction

log = logging.getLogger(__name__)

BACK = "/sign-in/oidc/back"
SCOPE = "openid email profile"
#: signatures that are taken: by the provider's private key, never by a shared secret or none
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
]
#: how long somebody may take at the provider, and how far clocks may differ
UNDER_WAY, LEEWAY = timedelta(minutes=10), 60
_TIMEOUT = httpx2.Timeout(10.0)


class ProviderAway(Exception):
    """The identity provider cannot be reached, or does not answer as one."""


class NotVouched(Exception):
    """The provider did not say, or not provably, who somebody is."""


@dataclass(frozen=True)
class Leaving:
    """Somebody goes to the provider. address: where; state: for a cookie, so that only this browser comes back."""

    address: str
    state: str


@dataclass(frozen=True)
class Vouched:
    """Who came back. person: None where nobody here is meant."""

    person: str | None
    back_to: str


async def leave(desk: Desk, back_to: str) -> Leaving:
    """Send somebody to the provider. back_to: an own path for afterwards. Raises ProviderAway."""
    async with _client(desk) as client:
        told = await _metadata(client, desk)
        errand = Errand(secrets.token_urlsafe(32), secrets.token_urlsafe(48), back_to)
        state = secrets.token_urlsafe(32)
        address, _ = client.create_authorization_url(
            _text(told, "authorization_endpoint"),
            state=state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
        )
    async with transaction(desk.office.pool) as connection:
        await accounts.put_errand(connection, state, errand, desk.now() + UNDER_WAY)
    return Leaving(str(address), state)


async def come_back(desk: Desk, answer: Mapping[str, str], cookie: str | None) -> Vouched:
    """Who the provider says has come back. cookie: the state this browser left with.

    Raises ProviderAway, NotVouched: for an answer to another browser, a second time, too late, or not provable.
    """
    state = answer.get("state", "")
    if not state or not cookie or not secrets.compare_digest(state.encode(), cookie.encode()):
        raise NotVouched("the answer belongs to another browser")
    async with transaction(desk.office.pool) as connection:
        errand = await accounts.take_errand(connection, state, desk.now())
    if errand is None:
        raise NotVouched("the answer came twice or too late")
    if "code" not in answer:
        raise NotVouched("the provider refused")
    issuer = desk.settings.signing.issuer
    if answer.get("iss", issuer) != issuer:
        raise NotVouched("another provider answers")
    claims = await _claims(desk, answer["code"], errand)
    email = claims.get("email") if claims.get("email_verified") is True else None
    async with transaction(desk.office.pool) as connection:
        person = await accounts.person_of(
            connection, str(issuer), claims["sub"], email if isinstance(email, str) else None, desk.now()
        )
    return Vouched(person, errand.back_to)


async def _claims(desk: Desk, code: str, errand: Errand) -> dict[str, Any]:
    """What the provider vouches for: its ID token, and its userinfo where the token names no mail address."""
    async with _client(desk) as client:
        told = await _metadata(client, desk)
        try:
            token = await client.fetch_token(
                _text(told, "token_endpoint"),
                code=code,
                code_verifier=errand.verifier,
                grant_type="authorization_code",
            )
            keys = (await _read(client, _text(told, "jwks_uri"))).json()
            claims = _verified(str(token.get("id_token", "")), keys, desk, errand.nonce)
            if "email" not in claims and "userinfo_endpoint" in told:
                access = {"Authorization": f"Bearer {token['access_token']}"}
                more = (await _read(client, _text(told, "userinfo_endpoint"), access)).json()
                if more.get("sub") == claims["sub"]:
                    claims = {**more, **claims}
        except httpx2.HTTPError as error:
            raise ProviderAway(type(error).__name__) from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
            raise NotVouched(type(error).__name__) from error
    return claims


def _verified(id_token: str, keys: Any, desk: Desk, nonce: str) -> dict[str, Any]:
    """The claims of an ID token meant for us and this errand. Raises JoseError, NotVouched."""
    signing = desk.settings.signing
    decoded = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
    claims = dict(decoded.claims)
    jwt.JWTClaimsRegistry(
        now=int(datetime.now(UTC).timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": str(signing.issuer)},
        aud={"essential": True, "value": str(signing.client_id)},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != signing.client_id:
        raise NotVouched("the token is another's")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise NotVouched("the token names nobody")
    return claims


def _client(desk: Desk) -> AsyncOAuth2Client:
    signing = desk.settings.signing
    return AsyncOAuth2Client(
        signing.client_id,
        signing.client_secret,
        scope=SCOPE,
        redirect_uri=f"{desk.settings.public_url}{BACK}",
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if signing.client_secret else "none",
        timeout=_TIMEOUT,
    )


async def _metadata(client: AsyncOAuth2Client, desk: Desk) -> dict[str, Any]:
    """What the provider says about itself. Asked anew each time: signing in is rare, and keys and places change."""
    issuer = desk.settings.signing.issuer
    try:
        told: dict[str, Any] = (await _read(client, f"{issuer}/.well-known/openid-configuration")).json()
        if str(told["issuer"]).rstrip("/") != issuer:
            raise ProviderAway("another issuer answers")
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderAway(type(error).__name__) from error
    if desk.settings.signing.client_secret and "client_secret_basic" not in methods:
        client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  (the name of a method)
    return told


async def _read(
    client: AsyncOAuth2Client, address: str, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    """What is read there. Authlib's own way would first renew a token of less than a minute."""
    answer: httpx2.Response = await client.request("GET", address, headers=headers, withhold_token=True)
    return answer.raise_for_status()


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise ProviderAway(f"{name} is missing")
    return value
