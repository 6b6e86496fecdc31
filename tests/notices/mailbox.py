"""A real mail server on loopback that keeps what it is sent, and can be told to be difficult."""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """What has arrived, and how the server answers next.

    refuse_receiver, refuse_message: address → answer, such as "550 5.1.1 no such user" or "451 come back later".
    vanish: how many messages it takes and then hangs up on without an answer.
    gate: when set, answers wait until it opens; `waiting` tells that a message has arrived and waits for its answer.
    """

    def __init__(self) -> None:
        self.port = 0
        self.received: list[tuple[str, EmailMessage]] = []
        self.refuse_receiver: dict[str, str] = {}
        self.refuse_message: dict[str, str] = {}
        self.vanish = 0
        self.gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()
        self.tls_sessions = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?from=care@example.com"

    def ids(self) -> Mapping[str, int]:
        """How often each Message-ID has come."""
        return Counter(str(mail["Message-ID"]) for _, mail in self.received)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for receiver, mail in self.received if receiver == address]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse_receiver:
            return self.refuse_receiver[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (receiver,) = envelope.rcpt_tos
        if receiver in self.refuse_message:
            return self.refuse_message[receiver]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=default)
        self.received.append((receiver, mail))
        self.tls_sessions += session.ssl is not None
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        if self.vanish:
            self.vanish -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return f"250 2.0.0 queued as {len(self.received)} for {receiver}"


def _let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data.password == b"secret", handled=False)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, wrapped: bool = False, login: bool = False
) -> AsyncIterator[Mailbox]:
    """A mail server for the length of the block. tls: offered by STARTTLS, or spoken from the start if `wrapped`.
    login: nothing is taken without the password "secret"; needs tls."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": False, "loop": loop}
    if login:
        options |= {"authenticator": _let_in, "auth_required": True}
    if tls is not None and not wrapped:
        options |= {"tls_context": tls}
    server = await loop.create_server(
        lambda: SMTP(mailbox, **options), "127.0.0.1", 0, ssl=tls if wrapped else None
    )
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        await server.wait_closed()
