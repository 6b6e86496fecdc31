"""Conversations that must be running: told of failed notices, and started again where they are missing. And words that
are of no use: swept."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.errands import REPORT_FAILURES, START_MISSING, SWEEP_WORDS, Failure, Page
from domain.commands import NoticeFailed, dump
from domain.turns import Start
from records.office import Office
from records.upkeep import AtWork, Upkeep, report_id

log = logging.getLogger(__name__)

#: Names of the contract (design.md §3).
_WORKFLOW, _QUEUE, _SIGNAL, _NEW_CHAPTER = "Complaint", "complaints", "report", "checkpoint"
_PAGE = 200


class UpkeepActivities:
    """Activities that speak to the Temporal server themselves; on the task queue `complaints`."""

    def __init__(self, client: Client, office: Office) -> None:
        self._client = client
        self._upkeep = Upkeep(office.pool)

    def all(self) -> list[Callable[..., Any]]:
        """Every activity, to be given to a worker."""
        return [self.report_failures, self.start_missing, self.sweep_words]

    @activity.defn(name=REPORT_FAILURES)
    async def report_failures(self, failures: list[Failure]) -> int:
        """Tell each complaint of its failed notice by `report`, starting its conversation again where it has ended.

        The id follows from the notice, so that telling it twice makes one task (SLA-11). Returns how many were told;
        one that cannot be is left for the next round and holds up no other.
        """
        told = 0
        for failure in failures:
            try:
                await self._report(failure)
            except (RPCError, ValidationError) as fault:
                log.error(
                    "failed notice not reported",
                    extra={"number": failure.number, "fault": type(fault).__name__},
                )
                continue
            await self._upkeep.failures_reported([failure.notice])
            told += 1
        return told

    @activity.defn(name=START_MISSING)
    async def start_missing(self, after: str) -> Page:
        """Look at the next complaints after this number and start the workflow of each that should run and does not.

        A deadline set aside has no timer; a conversation that has one begins a new chapter, in which a build that did
        not fail on it tries it again (docs/decisions 5).
        """
        page = await self._upkeep.at_work(after, _PAGE)
        if not page:
            return Page()
        running = await self._running(page[0].number, page[-1].number)
        missing = [one for one in page if _workflow_id(one.number) not in running]
        started = [await self._started(one) for one in missing]
        for one in page:
            if one.aside and one not in missing:
                await self._client.get_workflow_handle(_workflow_id(one.number)).signal(_NEW_CHAPTER)
        return Page(last=page[-1].number, looked_at=len(page), started=sum(started))

    @activity.defn(name=SWEEP_WORDS)
    async def sweep_words(self) -> int:
        """Remove the words of refused commands, and those no command ever used; returns how many texts (CUS-10)."""
        return await self._upkeep.sweep_words(datetime.now(UTC))

    async def _report(self, failure: Failure) -> None:
        await self._client.start_workflow(
            _WORKFLOW,
            Start(number=failure.number, clock_offset=failure.clock_offset),
            id=_workflow_id(failure.number),
            task_queue=_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=_SIGNAL,
            start_signal_args=[report_id(failure.notice), dump(NoticeFailed(notice=failure.notice))],
            static_summary=f"Complaint {failure.number}",
        )

    async def _running(self, first: str, last: str) -> set[str]:
        """Workflow ids of the conversations that run, from one complaint number to another. The server's list may be
        a moment old; whoever it lacks is only asked to start, which does nothing where the conversation runs."""
        query = (
            f"WorkflowType = '{_WORKFLOW}' AND ExecutionStatus = 'Running' "
            f"AND WorkflowId >= '{_workflow_id(first)}' AND WorkflowId <= '{_workflow_id(last)}'"
        )
        return {execution.id async for execution in self._client.list_workflows(query)}

    async def _started(self, complaint: AtWork) -> bool:
        """Start the conversation of a complaint; False where it runs after all."""
        try:
            await self._client.start_workflow(
                _WORKFLOW,
                Start(number=complaint.number, clock_offset=complaint.clock_offset.total_seconds()),
                id=_workflow_id(complaint.number),
                task_queue=_QUEUE,
                static_summary=f"Complaint {complaint.number}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True


def _workflow_id(number: str) -> str:
    return f"complaint-{number}"
