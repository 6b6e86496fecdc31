"""The timers of a history, by their labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter


@dataclass(frozen=True)
class Timers:
    """Labels of timers: every one ever started, those called off, those that rang, and those that run now."""

    started: list[str]
    canceled: list[str]
    fired: list[str]

    @property
    def running(self) -> list[str]:
        left = list(self.started)
        for label in self.canceled + self.fired:
            left.remove(label)
        return sorted(left)


async def timers(history: WorkflowHistory, converter: DataConverter) -> Timers:
    labels: dict[int, str] = {}
    canceled: list[str] = []
    fired: list[str] = []
    for event in history.events:
        match event.event_type:
            case EventType.EVENT_TYPE_TIMER_STARTED:
                labels[event.event_id] = await read(event.user_metadata.summary, converter)
            case EventType.EVENT_TYPE_TIMER_CANCELED:
                canceled.append(labels[event.timer_canceled_event_attributes.started_event_id])
            case EventType.EVENT_TYPE_TIMER_FIRED:
                fired.append(labels[event.timer_fired_event_attributes.started_event_id])
    return Timers(list(labels.values()), canceled, fired)


async def summaries(history: WorkflowHistory, converter: DataConverter) -> Iterator[tuple[int, str]]:
    """Event type and summary of every event that has one."""
    told = [
        (event.event_type, await read(event.user_metadata.summary, converter))
        for event in history.events
        if event.user_metadata.HasField("summary")
    ]
    return iter(told)


async def read(payload: Payload, converter: DataConverter) -> Any:
    """One payload as a value, decrypted."""
    (value,) = await converter.decode([payload])
    return value
