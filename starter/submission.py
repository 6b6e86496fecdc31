"""What is handed in when a complaint is opened, judged by the limits of input (commands.md §7).

The shape is the body of `POST /api/v1/complaints`. Nothing is stored or numbered here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.codes import Channel, Line
from domain.commands import sentence
from domain.complaint import Receipt
from domain.texts import Contact, Note, Text, When
from records.opening import Incoming

#: How far receipt may lie from now: a clock that runs ahead, and an old paper found again.
EARLY, LATE = timedelta(days=3653), timedelta(minutes=5)
MOST_FILES = 200


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Customer(_Part):
    """Who complains, as they name themselves."""

    name: Note
    contact: Contact
    preferred: Note | None = None
    language: Note | None = None


class Place(_Part):
    """What the complaint is about, as written; it is settled against the master data later."""

    project: Note
    unit: Note | None = None


class Submission(_Part):
    """A complaint as handed in. `received_at` is aware and kept in UTC. `external_id` is unique in its channel."""

    external_id: Note | None = None
    channel: Channel
    received_at: When
    line: Line = Line.SALES
    customer: Customer
    place: Place
    text: Text
    desired: Text | None = None
    attachments: list[Note | dict[str, Any]] = Field(default=[], max_length=MOST_FILES)

    def incoming(self, request_key: str | None = None) -> Incoming:
        """As the records take it in. request_key: under which the same submission is one complaint."""
        return Incoming(
            channel=self.channel,
            received_at=self.received_at,
            name=self.customer.name,
            contact=self.customer.contact,
            text=self.text,
            project=self.place.project,
            unit=self.place.unit,
            desired=self.desired,
            line=self.line,
            preferred=self.customer.preferred,
            language=self.customer.language or "zh-CN",
            external_id=self.external_id,
            request_key=request_key,
        )

    def receipt(self, policy_version: str, calendar_version: str) -> Receipt:
        """What the rules are told of it; the words stay behind."""
        return Receipt(
            channel=self.channel,
            received_at=self.received_at,
            line=self.line,
            project=self.place.project,
            policy_version=policy_version,
            calendar_version=calendar_version,
        )


class NotAccepted(ValueError):
    """A submission that does not get in. The message is one sentence naming the field and what is accepted."""


def read_submission(data: Mapping[str, Any], now: datetime) -> Submission:
    """The submission in this data. now: aware, the real clock. Raises NotAccepted."""
    try:
        submission = Submission.model_validate(data)
    except ValidationError as error:
        raise NotAccepted(sentence(error)) from None
    if submission.received_at > now + LATE:
        raise NotAccepted("received_at: lies in the future; accepted is up to five minutes from now.")
    if submission.received_at < now - EARLY:
        raise NotAccepted("received_at: lies more than ten years back; accepted are the last ten years.")
    return submission
