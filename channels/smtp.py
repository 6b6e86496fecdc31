"""Mail by SMTP (SLA-11). One connection a message; TLS as the url asks for it."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib

from channels.message import (
    AnswerLost,
    Delivery,
    Message,
    TryLater,
    Undeliverable,
    as_mail,
    fingerprint,
    mail_address,
)

SCHEMES = ("smtp", "starttls", "smtps")
_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}
#: Seconds for addressing a message, and again for handing it over; the lease of a claim is longer than both.
PATIENCE = 20.0
_FAREWELL = 5.0
_PERMANENT = 500
_LONGEST_DETAIL = 200
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)


@dataclass(frozen=True)
class Relay:
    """A mail server and how to speak to it, as REDRESS_SMTP_URL writes it.

    `smtp://` takes the TLS that the server offers, `starttls://` insists on it, `smtps://` begins with it. With a user
    or where TLS is insisted on, the certificate is checked. `?from=` is the sender's address, `?ca=` a certificate
    file of the company's own authority.
    """

    scheme: Literal["smtp", "starttls", "smtps"]
    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    authority: str | None = None

    @property
    def checks_certificate(self) -> bool:
        return self.scheme != "smtp" or self.user is not None

    @property
    def start_tls(self) -> bool | None:
        """Whether to upgrade the connection; None where the server decides."""
        return {"smtp": None, "starttls": True, "smtps": False}[self.scheme]


def read_relay(url: str, sender: str | None = None) -> Relay:
    """The relay of a url such as `starttls://user:password@mail.example.com:587?from=care@example.com`.

    sender: the sender's address where the url names none. Raises ValueError with a sentence that does not repeat the url, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("REDRESS_SMTP_URL: is no url with a port from 1 to 65535.") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(f"REDRESS_SMTP_URL: wanted is {'://, '.join(SCHEMES)}:// with a host.")
    options = parse_qs(parts.query)
    if unknown := sorted(set(options) - {"from", "ca"}):
        raise ValueError(f"REDRESS_SMTP_URL: unknown option {', '.join(unknown)}; accepted are from, ca.")
    user = unquote(parts.username) if parts.username else None
    return Relay(
        scheme=parts.scheme,  # type: ignore[arg-type]  # one of SCHEMES
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        sender=_sender(options.get("from", [sender])[0], user, parts),
        user=user,
        password=unquote(parts.password) if parts.password else None,
        authority=options.get("ca", [None])[0],
    )


def _sender(named: str | None, user: str | None, parts: SplitResult) -> str:
    """The sender's address: as named, or the user where that is an address, or redress at the server's name."""
    try:
        if named is not None:
            return mail_address(named)
        with suppress(Undeliverable):
            return mail_address(user or "")
        return mail_address(f"redress@{parts.hostname}")
    except Undeliverable:
        raise ValueError("REDRESS_SMTP_URL: the sender (from) is no mail address.") from None


class SmtpSender:
    """Sends through one relay. The Message-ID of a key never changes, which is all that SMTP knows of doing it once."""

    way = "smtp"
    again_is_harmless = False

    def __init__(self, relay: Relay, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._relay = relay
        self._clock = clock

    async def send(self, message: Message) -> Delivery:
        """Hand the message to the relay. Raises Undeliverable, TryLater, AnswerLost."""
        to = mail_address(message.to)
        mail = as_mail(message, to, self._relay.sender, self._clock())
        connection = self._connection()
        try:
            await self._address(connection, to)
            answer = await self._hand_over(connection, mail)
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit(timeout=_FAREWELL)
        finally:
            connection.close()
        return Delivery(fingerprint(message.key), without_addresses(f"{answer.code} {answer.message}"))

    def _connection(self) -> aiosmtplib.SMTP:
        relay = self._relay
        return aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            use_tls=relay.scheme == "smtps",
            start_tls=relay.start_tls,
            validate_certs=relay.checks_certificate,
            cert_bundle=relay.authority,
            timeout=PATIENCE,
        )

    async def _address(self, connection: aiosmtplib.SMTP, to: str) -> None:
        """Everything before the message itself: whatever fails here, nothing was sent."""
        try:
            async with asyncio.timeout(PATIENCE):
                await connection.connect()
                await connection.mail(self._relay.sender)
                await connection.rcpt(to)
        except aiosmtplib.SMTPRecipientRefused as refused:
            raise _refusal(refused, "the address") from None
        except aiosmtplib.SMTPResponseException as refused:
            raise TryLater(f"the mail server does not take us: {_code(refused)}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TryLater(f"the mail server cannot be reached: {type(error).__name__}") from None

    async def _hand_over(self, connection: aiosmtplib.SMTP, mail: bytes) -> aiosmtplib.SMTPResponse:
        try:
            async with asyncio.timeout(PATIENCE):
                return await connection.data(mail)
        except aiosmtplib.SMTPDataError as refused:
            raise _refusal(refused, "the message") from None
        except (aiosmtplib.SMTPException, OSError):
            raise AnswerLost("the mail server took the message and did not answer") from None


def _refusal(refused: aiosmtplib.SMTPResponseException, what: str) -> Undeliverable | TryLater:
    if refused.code >= _PERMANENT:
        return Undeliverable(f"{what} was refused: {_code(refused)}")
    return TryLater(f"{what} is not taken now: {_code(refused)}")


def _code(refused: aiosmtplib.SMTPResponseException) -> str:
    """The server's code, and the enhanced one if it gives one; its words may name the receiver."""
    enhanced = _ENHANCED.search(refused.message)
    return f"{refused.code} {enhanced[0]}" if enhanced else str(refused.code)


def without_addresses(words: str) -> str:
    """A server's words for the records: on one line, cut, and without anything that looks like an address."""
    return re.sub(r"\S*@\S*", "…", " ".join(words.split()))[:_LONGEST_DETAIL]
