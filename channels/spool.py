"""Messages as files, one a message: what a company without a mail server, a test and a demonstration get."""

import asyncio
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

from channels.message import Delivery, Message, TryLater, Undeliverable, as_mail, fingerprint, mail_address

SENDER = "redress@localhost"
_LONGEST_NAME = 100


class Spool:
    """Writes each message as a mail file (`.eml`) named after its business key, so one key is one file for ever.

    The directory is made when first needed. It holds people's words in the clear, for its owner's eyes only.
    """

    way = "spool"
    again_is_harmless = True

    def __init__(self, directory: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._directory = directory
        self._clock = clock

    async def send(self, message: Message) -> Delivery:
        """Write the file, whole or not at all. Raises TryLater when the disk does not take it, Undeliverable
        without an address."""
        if not message.to.strip():
            raise Undeliverable("there is no address")
        name = file_name(message.key)
        mail = as_mail(message, _receiver(message.to), SENDER, self._clock())
        try:
            new = await asyncio.to_thread(self._write, name, mail)
        except OSError as error:
            raise TryLater(f"the spool cannot be written: {type(error).__name__}") from None
        return Delivery(name, "written" if new else "was written before")

    def _write(self, name: str, mail: bytes) -> bool:
        """Whether the file is new."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        final = self._directory / name
        if final.exists():
            return False
        draft = self._directory / f".{name}.{os.getpid()}.{id(mail):x}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(final)
        finally:
            draft.unlink(missing_ok=True)
        return True


def _receiver(contact: str) -> str | Address:
    """A mail address, or else a telephone number or an account name where the receiver's name would stand."""
    try:
        return mail_address(contact)
    except Undeliverable:
        return Address(display_name=" ".join(contact.split()))


def file_name(key: str) -> str:
    """The file of a business key: its letters as far as a file name takes them, then its fingerprint."""
    letters = re.sub(r"[^A-Za-z0-9.-]+", "_", key)[:_LONGEST_NAME].strip("._")
    return f"{letters}-{fingerprint(key)[:12]}.eml"
