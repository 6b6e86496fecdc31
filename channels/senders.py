"""Which way messages go out: by the mail server that is named, or else into the spool."""

from pathlib import Path

from channels.message import Sender
from channels.smtp import SmtpSender, read_relay
from channels.spool import Spool


def sender_for(smtp_url: str | None, spool: Path, sender: str | None = None) -> Sender:
    """smtp_url: REDRESS_SMTP_URL, see `channels.smtp.Relay`. spool: REDRESS_SPOOL_DIR, used when there is no url.

    sender: the sender's address where the url names none. Raises ValueError for a url that names no mail server.
    """
    return SmtpSender(read_relay(smtp_url, sender)) if smtp_url else Spool(spool)
