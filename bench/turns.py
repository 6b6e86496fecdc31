"""The floor: a conversation with nothing in it but what durability costs.

A turn is an update, one recorded transaction, one search attribute, one deadline's timer replaced, the answer.
No rules, no encryption, no idempotency, no notices, no operator's view.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey

QUEUE = "bare"
RECORD = "record_bare_turn"
_NEXT = SearchAttributeKey.for_datetime("NextDeadline")
_SOON = timedelta(seconds=10)


@workflow.defn(name="BareTurns")
class BareTurns:
    """Takes turns for ever. remote: record in a remote activity instead of a local one."""

    @workflow.init
    def __init__(self, number: str, remote: bool) -> None:
        self.number, self.remote = number, remote
        self.turn = 0
        self.alarm: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, number: str, remote: bool) -> None:
        """Listen; whoever measures ends it."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def say(self, command: dict[str, Any]) -> int:
        """One turn; answers its number."""
        said = [self.number, command, workflow.now().isoformat()]
        if self.remote:
            self.turn = await workflow.execute_activity(RECORD, args=said, start_to_close_timeout=_SOON)
        else:
            self.turn = await workflow.execute_local_activity(RECORD, args=said, start_to_close_timeout=_SOON)
        wake = timedelta(days=5, seconds=self.turn)
        workflow.upsert_search_attributes([_NEXT.value_set(workflow.now() + wake)])
        if self.alarm is not None:
            self.alarm.cancel()
        self.alarm = asyncio.create_task(asyncio.sleep(wake.total_seconds()))
        return self.turn
