"""A message to one address, and what can become of it when it is handed over."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

#: Base64 where text is not plain ASCII, so that no server on the way has to change a byte.
_ON_THE_WIRE = SMTP.clone(cte_type="7bit")
_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(f"{_LOCAL_PART}@{_DOMAIN}", re.ASCII)
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254


@dataclass(frozen=True)
class Message:
    """One message to one address. `key` is the business key: the same key is the same message, however often it is sent.

    language: BCP 47, such as "zh-CN". subject: one line. body: plain text.
    """

    to: str
    subject: str
    body: str
    language: str
    key: str


@dataclass(frozen=True)
class Delivery:
    """A message was accepted. provider_id: by which the provider knows it; detail: its words, without addresses."""

    provider_id: str
    detail: str


class NotDelivered(Exception):
    """A message was not accepted. The text says why, without addresses or words of the message."""


class Undeliverable(NotDelivered):
    """It will never be accepted: there is no such address, or it refuses us."""


class TryLater(NotDelivered):
    """It was not accepted now; nothing was sent."""


class AnswerLost(NotDelivered):
    """It was handed over and the answer never came: it may or may not have been accepted."""


class Sender(Protocol):
    """A way out. `way` is its name in the records.

    again_is_harmless: sending the same key any number of times leaves one message at the receiver.
    """

    @property
    def way(self) -> str: ...

    @property
    def again_is_harmless(self) -> bool: ...

    async def send(self, message: Message) -> Delivery:
        """Hand the message over. Raises Undeliverable, TryLater, AnswerLost."""
        ...


def fingerprint(key: str) -> str:
    """32 hexadecimal digits that stand for a business key where its own letters cannot."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def mail_address(written: str) -> str:
    """The address as servers take it, an international domain in its ASCII form. Raises Undeliverable."""
    local, at, domain = written.strip().rpartition("@")
    try:
        address = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Undeliverable("what was given is no mail address") from None
    if not _ADDRESS.fullmatch(address) or len(local) > _LONGEST_LOCAL_PART or len(address) > _LONGEST_ADDRESS:
        raise Undeliverable("what was given is no mail address")
    return address


def as_mail(message: Message, to: str | Address, sender: str, at: datetime) -> bytes:
    """The message as a mail from `sender`, dated `at` (aware). Its Message-ID follows from the business key alone, so
    that a mail sent twice is seen to be one. A header cannot be injected: a line break in one is no mail (ValueError)."""
    mail = EmailMessage(policy=_ON_THE_WIRE)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{fingerprint(message.key)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body, charset="utf-8")
    mail["Content-Language"] = message.language
    return mail.as_bytes()
