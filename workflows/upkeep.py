"""The standing work: deliver what is due every minute, and every night find conversations that should run and do not
and sweep words that are of no use.

Started by the Schedules `outbox` and `reconcile`. What one run leaves, the next one takes up.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.errands import DELIVER_DUE, REPORT_FAILURES, START_MISSING, SWEEP_WORDS, Page, Round
    from workflows import names

#: One round is a batch of notices to a slow mail server at worst.
_ONE_ROUND = timedelta(minutes=3)
_ONE_PAGE = timedelta(minutes=2)
#: Tried for as long as a run is worth; then the next run of the Schedule begins afresh.
_PATIENCE = timedelta(minutes=15)
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1))
#: Rounds and pages of one run, so that its history stays small.
_ROUNDS, _PAGES = 100, 100


@workflow.defn(name=names.OUTBOX_WORKFLOW)
class Outbox:
    """Sends what is due until nothing is left, and has complaints told of what could not be sent."""

    @workflow.run
    async def run(self) -> int:
        """Returns how many notices were sent."""
        sent = 0
        for _ in range(_ROUNDS):
            done = await self._deliver()
            sent += done.sent
            if done.failures:
                await workflow.execute_activity(
                    REPORT_FAILURES,
                    done.failures,
                    task_queue=names.COMPLAINTS_QUEUE,
                    result_type=int,
                    start_to_close_timeout=_ONE_PAGE,
                    schedule_to_close_timeout=_PATIENCE,
                    retry_policy=_RETRIES,
                    summary=f"report {len(done.failures)} failed",
                )
            if not done.left:
                break
        return sent

    async def _deliver(self) -> Round:
        done: Round = await workflow.execute_activity(
            DELIVER_DUE,
            task_queue=names.NOTICES_QUEUE,
            result_type=Round,
            start_to_close_timeout=_ONE_ROUND,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRIES,
            summary="deliver what is due",
        )
        return done


@workflow.defn(name=names.RECONCILE_WORKFLOW)
class Reconcile:
    """Compares the open complaints of the records with the conversations that run, and starts what is missing;
    then has the words swept that no accepted command uses."""

    @workflow.run
    async def run(self, after: str = "", started: int = 0) -> int:
        """Returns how many conversations were started. after, started: where the chapter before this one ended."""
        looked = 0
        while (page := await self._next(after)).last is not None:
            after, started, looked = page.last, started + page.started, looked + 1
            if looked == _PAGES:
                workflow.continue_as_new(args=[after, started])
        await self._sweep()
        return started

    async def _next(self, after: str) -> Page:
        page: Page = await workflow.execute_activity(
            START_MISSING,
            after,
            task_queue=names.COMPLAINTS_QUEUE,
            result_type=Page,
            start_to_close_timeout=_ONE_PAGE,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRIES,
            summary=f"look at complaints after {after or 'the first'}",
        )
        return page

    async def _sweep(self) -> None:
        await workflow.execute_activity(
            SWEEP_WORDS,
            task_queue=names.COMPLAINTS_QUEUE,
            result_type=int,
            start_to_close_timeout=_ONE_PAGE,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRIES,
            summary="sweep words of no use",
        )
