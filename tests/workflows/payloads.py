"""Every payload of a history, wherever it stands."""

from collections.abc import Iterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.client import WorkflowHistory


def payloads_in(part: WorkflowHistory | Message) -> Iterator[Payload]:
    """All payloads below; search attributes are none, the server reads them."""
    if isinstance(part, WorkflowHistory):
        for event in part.events:
            yield from payloads_in(event)
    elif isinstance(part, Payload):
        yield part
    elif not isinstance(part, SearchAttributes):
        for descriptor, value in part.ListFields():
            if descriptor.message_type is None:
                continue
            if descriptor.message_type.GetOptions().map_entry:
                entries = [value[key] for key in value]
                for entry in entries:
                    if isinstance(entry, Message):
                        yield from payloads_in(entry)
            elif isinstance(value, Message):
                yield from payloads_in(value)
            else:
                for entry in value:
                    yield from payloads_in(entry)
