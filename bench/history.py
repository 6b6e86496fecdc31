"""What a history says about cost: events, Cloud actions, bytes. Counted, so the same in every run."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

#: protobuf's generated enums are numbers to the type checker
Events: TypeAlias = Sequence[Any]

#: US dollars: per action (the first five million a month), per GB-hour of open and of closed history.
PER_ACTION, PER_OPEN_GB_HOUR, PER_KEPT_GB_HOUR = 50e-6, 0.042, 0.00105
#: How long a complaint is open, and how long its history is kept, in hours.
OPEN_HOURS, KEPT_HOURS = 45 * 24, 90 * 24

_BILLED = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
)
_LOCAL = "core_local_activity"
#: what the SDK writes into a marker beside the payloads; its digits depend on the clock
_CLOCK = re.compile(rb'"(seconds|nanos)":\d+')


@dataclass(frozen=True)
class HistoryCount:
    """What one history comes to. bytes: as stored. timeless_bytes: without clock readings and counters of the server,
    whose written length varies. payload: the largest single one, in bytes."""

    events: int
    actions: int
    bytes: int
    timeless_bytes: int
    payload: int

    @property
    def dollars(self) -> float:
        """What Temporal Cloud charges for it: actions, 45 days open, 90 days kept."""
        gigabytes = self.bytes / 1e9
        storage = gigabytes * (OPEN_HOURS * PER_OPEN_GB_HOUR + KEPT_HOURS * PER_KEPT_GB_HOUR)
        return self.actions * PER_ACTION + storage


def count(events: Events) -> HistoryCount:
    """Count a whole history."""
    return HistoryCount(
        events=len(events),
        actions=actions(events),
        bytes=sum(event.ByteSize() for event in events),
        timeless_bytes=sum(_timeless(event).ByteSize() for event in events),
        payload=max((payload.ByteSize() for payload in payloads(events)), default=0),
    )


def actions(events: Iterable[Any]) -> int:
    """Billed actions: what is listed above, and one for all local activities of a workflow task together."""
    billed, with_local = 0, set()
    for event in events:
        if event.event_type in _BILLED:
            billed += 1
        elif event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            if marker.marker_name == _LOCAL:
                with_local.add(marker.workflow_task_completed_event_id)
    return billed + len(with_local)


def payloads(events: Iterable[Any]) -> Iterator[Payload]:
    """Every payload in these events."""
    for event in events:
        yield from (part for part in _parts(event) if isinstance(part, Payload))


def _parts(message: Message) -> Iterator[Message]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = [part for part in value.values() if isinstance(part, Message)]
        else:
            inner = list(value) if field.is_repeated else [value]
        for part in inner:
            yield part
            yield from _parts(part)


def _timeless(event: Any) -> Any:
    """The event without what the clock wrote into it: instants, durations, and the server's running numbers."""
    still = HistoryEvent.FromString(event.SerializeToString())
    for part in [still, *_parts(still)]:
        for field, _ in part.ListFields():
            kind = field.message_type.full_name if field.message_type else ""
            if kind in ("google.protobuf.Timestamp", "google.protobuf.Duration") or field.name in (
                "task_id",
                "history_size_bytes",
                "resource_version",
            ):
                part.ClearField(field.name)
        if isinstance(part, Payload):
            part.data = _CLOCK.sub(rb'"\1":0', part.data)
    return still
