"""The life of one complaint, from receipt to the last follow-up visit.

A complaint is a conversation: staff, customer, court and calendar may speak in any order. So it is taken in turns.
A turn is one command; the records rule on it and keep the ruling, once. This workflow listens, wakes at deadlines,
and carries out what was ruled. The rules live in `domain/`, the state in the records.
"""

import asyncio
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from domain.commands import INTERNAL, BadCommand, read
    from domain.lifecycle import TABLE, out_of_stage
    from domain.texts import TEXT_ID, texts_in
    from domain.turns import Decision, Outcome, Sheet, Start, Turn, Wake
    from workflows import asked as telling
    from workflows import names
    from workflows.asked import Asked


@workflow.defn(name=names.COMPLAINT_WORKFLOW)
class Complaint:
    """One complaint's conversation. Starts from the number alone, so it can be started again at any time."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self.start = start
        self.number = start.number
        self.sheet: Sheet | None = None
        self.inbox: list[Asked] = []
        self.heard = 0
        self.busy = False
        self.alarms: dict[Wake, asyncio.Task[None]] = {}
        self.errand: asyncio.Task[None] | None = None
        self.unsent = False
        self.chapter_is_full = False
        self.first_chapter = False

    @workflow.run
    async def run(self, start: Start) -> None:
        """Load the sheet, then listen and take turns until the complaint has ended or this chapter is full."""
        if start.clock_offset and workflow.info().namespace != names.REHEARSAL:
            raise ApplicationError(names.NO_OFFSET, type=names.BAD_INPUT, non_retryable=True)
        self.lay(await self.load())
        self.first_chapter = self.sheet is not None and self.sheet.turn == 1
        while asked := await self.listen():
            await self.take(asked)
        if self.sheet is not None and not self.sheet.ended:
            workflow.continue_as_new(start)

    @workflow.update(
        description="Say a command to the complaint; answers with the decision once it is on record."
    )
    async def submit(self, command: Any) -> Decision:
        """A person speaks. A refusal is an answer too: `accepted` is false, with reason and rule."""
        info = workflow.current_update_info()
        return await self.hear(info.id if info else "", command)

    @submit.validator
    def refuse_at_the_door(self, command: Any) -> None:
        """Refuse what is malformed, and what is out of stage while no turn is running or waiting.

        Only in the first chapter, where the server itself still knows every update id: later, a repeated command may
        be out of stage and yet have its answer in the ledger.
        """
        try:
            said = read(command)
        except BadCommand as bad:
            raise ApplicationError(str(bad), type=names.BAD_INPUT, non_retryable=True) from None
        info = workflow.current_update_info()
        if info is None or not telling.is_key(info.id):
            raise ApplicationError(telling.NO_KEY, type=names.BAD_INPUT, non_retryable=True)
        if said.kind in INTERNAL:
            raise ApplicationError(
                f"Nobody can say {said.kind}.", "§1", type=names.REFUSED, non_retryable=True
            )
        if not all(TEXT_ID.match(text) for _, text in texts_in(said)):
            raise ApplicationError(
                "Words go to the records first; a command carries their ids.", "CUS-10", type=names.BAD_INPUT
            )
        if self.sheet is not None and self.first_chapter and not self.busy and not self.inbox:
            sentence = out_of_stage(self.sheet.stage, said.kind)
            if sentence:
                rule = TABLE[said.kind].source
                raise ApplicationError(sentence, rule, type=names.REFUSED, non_retryable=True)

    @workflow.signal(
        description="A machine feed, a batch or an operator says a command under an id of its own."
    )
    def report(self, id: Any = None, command: Any = None, *_more: Any) -> None:
        """Taken as a turn like any other; what cannot be read is refused on record, nothing is thrown back.

        What comes without an id that can be kept is heard under one of ours, so it is not known again.
        """
        key = str(id) if telling.is_key(str(id)) and id is not None else f"/signal/{workflow.uuid4()}"
        self.hear(key, telling.plain(command))

    @workflow.signal(description="Begin a new chapter (continue as new) as soon as the complaint is at rest.")
    def checkpoint(self, *_more: Any) -> None:
        self.chapter_is_full = True

    @workflow.query(name="sheet", description="Where the complaint stands, as the workflow knows it.")
    def show_sheet(self) -> Sheet | None:
        return self.sheet

    @workflow.query(
        name="deadlines", description="The deadlines for which a timer runs, and when each wakes."
    )
    def show_deadlines(self) -> list[Wake]:
        return self.sheet.wakes if self.sheet else []

    def now(self) -> datetime:
        """Business time: workflow time, minus the rehearsal's offset."""
        return self.start.business_time(workflow.now())

    def hear(self, id: str, command: Any, wake: Wake | None = None) -> asyncio.Future[Decision]:
        """Stamp a command when it is heard and put it in line."""
        self.heard += 1
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        moment, rank = (wake.at, 1) if wake else (self.start.heard_at(workflow.now()), 0)
        heappush(self.inbox, Asked(moment, rank, self.heard, id, command, answer, wake))
        return answer

    async def listen(self) -> Asked | None:
        """What comes first in line; None when this chapter may end."""
        await workflow.wait_condition(lambda: bool(self.inbox) or self.may_rest())
        return heappop(self.inbox) if self.inbox else None

    def may_rest(self) -> bool:
        """Nothing waits, nothing is under way, and the complaint has ended or a new chapter is due."""
        over = self.sheet is not None and self.sheet.ended
        full = self.chapter_is_full or workflow.info().is_continue_as_new_suggested()
        under_way = self.errand is not None and not self.errand.done()
        return (over or full) and not under_way and workflow.all_handlers_finished()

    async def take(self, asked: Asked) -> None:
        """One turn: ruled on and recorded, then carried out. Answers the asker whatever happens."""
        self.busy = True
        outcome = await self.rule(asked) if self.still_due(asked) else None
        while outcome is not None and outcome.decision is None:
            self.lay(outcome.sheet)
            outcome = await self.rule(asked) if self.still_due(asked) else None
        self.busy = False
        if outcome is None or outcome.decision is None:
            return
        self.lay(outcome.sheet)
        asked.answer.set_result(outcome.decision)
        if asked.wake is not None and asked.wake in outcome.sheet.wakes:
            self.alarms[asked.wake] = asyncio.create_task(self.ring(asked.wake, telling.SNOOZE))
        if outcome.messages:
            self.send_off()

    def still_due(self, asked: Asked) -> bool:
        """A deadline that an earlier turn has settled, moved or passed needs no turn of its own."""
        return asked.wake is None or self.sheet is None or asked.wake in self.sheet.wakes

    async def rule(self, asked: Asked) -> Outcome:
        """Have the turn ruled on and recorded: locally, or remotely without end, or set aside if the fault is ours."""
        sheet = self.laid()
        turn = Turn(
            number=self.number,
            turn=sheet.turn + 1,
            id=asked.id,
            command=asked.command,
            heard_at=asked.heard_at,
            noticed_at=self.now(),
        )
        try:
            ruled: Outcome = await workflow.execute_local_activity(
                names.DECIDE_AND_RECORD,
                turn,
                result_type=Outcome,
                start_to_close_timeout=telling.ONE_WRITE,
                retry_policy=telling.QUICK,
                summary=asked.summary,
            )
            return ruled
        except FailureError:  # of a local activity, the bare failure
            workflow.logger.warning("The turn goes on as a remote activity")
        try:
            return await self.remotely(names.DECIDE_AND_RECORD, asked.summary, turn)
        except ActivityError as error:
            fault = (
                error.cause.message
                if isinstance(error.cause, ApplicationError)
                else type(error.cause).__name__
            )
            workflow.logger.error("The turn is set aside", extra={"fault": fault})
        try:
            return await self.remotely(names.SET_ASIDE, f"set aside: {asked.summary}", turn, fault)
        except ActivityError:
            workflow.logger.error("The turn cannot be put on record at all", extra={"fault": fault})
            return telling.unrecorded(sheet)

    async def remotely(self, activity: str, summary: str, *args: Turn | str) -> Outcome:
        """The same work as a remote activity, waited for without end."""
        ruled: Outcome = await workflow.execute_activity(
            activity,
            args=args,
            result_type=Outcome,
            start_to_close_timeout=telling.ONE_WRITE,
            retry_policy=telling.ENDLESS,
            summary=summary,
        )
        return ruled

    async def load(self) -> Sheet:
        """The present sheet from the records."""
        sheet: Sheet
        try:
            sheet = await workflow.execute_local_activity(
                names.LOAD_SHEET,
                self.number,
                result_type=Sheet,
                start_to_close_timeout=telling.ONE_WRITE,
                retry_policy=telling.QUICK,
                summary="load the sheet",
            )
        except FailureError:
            sheet = await workflow.execute_activity(
                names.LOAD_SHEET,
                self.number,
                result_type=Sheet,
                start_to_close_timeout=telling.ONE_WRITE,
                retry_policy=telling.ENDLESS,
                summary="load the sheet",
            )
        return sheet

    def laid(self) -> Sheet:
        """The sheet laid last."""
        if self.sheet is None:
            raise RuntimeError("no turn is taken before the sheet is loaded")
        return self.sheet

    def lay(self, sheet: Sheet) -> None:
        """Take a sheet and carry out what changed: search attributes, the case sheet, timers."""
        self.sheet = sheet
        changes = telling.attribute_changes(sheet, workflow.info().typed_search_attributes)
        if changes:
            workflow.upsert_search_attributes(changes)
        workflow.set_current_details(telling.case_sheet(sheet))
        for wake in [wake for wake in self.alarms if wake not in sheet.wakes]:
            self.alarms.pop(wake).cancel()
        for wake in sheet.wakes:
            if wake not in self.alarms:
                self.alarms[wake] = asyncio.create_task(self.ring(wake))

    async def ring(self, wake: Wake, snooze: timedelta = timedelta()) -> None:
        """Sleep until a deadline wakes, then have the calendar speak. snooze: at least so long, after a failed turn."""
        if (left := max(wake.at - self.now(), snooze)) > timedelta():
            await workflow.sleep(left, summary=f"{wake.name} · {telling.local(wake.at)}")
        command = {"kind": "deadline_passed", "by": "feed:calendar", "deadline": wake.id}
        self.hear(f"/deadline/{wake.id}@{wake.at.isoformat()}", command, wake)

    def send_off(self) -> None:
        """Have the messages of the turn delivered; the next turn does not wait for it."""
        self.unsent = True
        if self.errand is None or self.errand.done():
            self.errand = asyncio.create_task(self.deliver())

    async def deliver(self) -> None:
        """A short errand. What it leaves unsent, the Schedule `outbox` delivers."""
        while self.unsent:
            self.unsent = False
            try:
                await workflow.execute_activity(
                    names.DELIVER,
                    args=[self.number, self.now()],
                    task_queue=names.NOTICES_QUEUE,
                    start_to_close_timeout=telling.ONE_DELIVERY,
                    schedule_to_close_timeout=telling.DELIVERY,
                    retry_policy=telling.FEW,
                    summary="deliver messages",
                )
            except ActivityError:
                workflow.logger.warning("Messages are left to the outbox schedule")
