"""What was said to each complaint and what was ruled: the one place that writes a complaint.

A turn is one transaction: the complaint's row is locked, the rules are asked, and the turn, its facts, the complaint,
its deadlines, promises and tasks and the messages to send are written together or not at all. A command id that was
answered once gets that answer for ever; a turn number that does not fit gets the present sheet. The ledger itself
decides nothing: every ruling is `domain.lifecycle`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain import lifecycle
from domain.codes import Role
from domain.commands import BadCommand, Said, dump, read
from domain.complaint import Complaint, Task
from domain.facts import Fact, Notice, Ruling
from domain.roles import Asker
from domain.texts import TEXT_ID, texts_in, with_ids
from domain.turns import Decision, Outcome, Sheet, Turn
from records.db import Connection, Pool, reaching, to_json, transaction
from records.opening import Incoming, Opened, open_in
from records.organisation import asker
from records.policies import Library
from records.sql import statements
from records.texts import Texts
from records.writing import Held, NewerSchema, Spoken, UnknownComplaint, held_of, outcome, write

__all__ = ["Aside", "Ledger", "NewerSchema", "UnknownComplaint", "command_id"]

SQL = statements("ledger")

#: parts a client's key from the hash of the body in a command id, see `command_id`
_MARK = "~"
_UNKNOWN = Asker(id="feed:unknown")


@dataclass(frozen=True)
class Aside:
    """A command that waits for a newer build or an operator. fault: where the program failed, without data."""

    number: str
    command_id: str
    kind: str
    deadline: str | None
    fault: str
    build: str
    attempts: int
    at: datetime


def command_id(key: str, body: str) -> str:
    """The id a client's key and the hash of what it says make together, for Temporal and for the ledger.

    With it the same key with other words is told from a repetition, although every sending stores its words under
    new ids. key: without "~". body: `Texts.fingerprint` of what is said, words included, in hexadecimal.
    """
    return f"{key}{_MARK}{body}"


class Ledger:
    """The complaints of one database.

    build: the version of the running program; what it failed to rule on is tried again by another one.
    Every method raises RecordsUnreachable when PostgreSQL is away: nothing is known to be written then, and asking
    again with the same id is safe.
    """

    def __init__(self, pool: Pool, texts: Texts, library: Library, build: str) -> None:
        self._pool, self._texts, self._library, self._build = pool, texts, library, build

    async def open_complaint(
        self, incoming: Incoming, by: str, at: datetime, clock_offset: timedelta = timedelta()
    ) -> Opened:
        """Give a complaint its number and record its opening, turn 1 (INT-02, INT-04).

        by: user id or `feed:…`. at: business time, aware. clock_offset: real minus business time, for rehearsal.
        The same external id of a channel, or the same request key, gives the complaint there is (created False);
        raises OtherContent if it came with another content, Refused where the rules do not take it.
        """
        async with transaction(self._pool) as connection:
            return await open_in(
                connection, self._texts, self._library, incoming, by, at, clock_offset, self._build
            )

    async def decide_and_record(self, turn: Turn) -> Outcome:
        """Rule on a turn and record it, in one transaction (docs/decisions 1 and 2).

        A repeated command id is answered as the first time, and with a refusal (rule "idempotency") if its body is
        another; a turn number that does not fit gets the present sheet and no decision. A refusal is recorded like
        any ruling. Raises UnknownComplaint, NewerSchema; any other error is a fault of ours and nothing is written.
        """
        key, body = self._split(turn)
        async with transaction(self._pool) as connection:
            held, early = await self._take(connection, turn, key, body)
            if early is not None:
                return early
            spoken, ruling = await self._rule(connection, held, turn, key, body)
            decision, now = await write(connection, held, spoken, ruling)
        return outcome(decision, now, ruling, turn.heard_at, self._build)

    async def set_aside(self, turn: Turn, fault: str, attempts: int = 5) -> Outcome:
        """Record that an error of ours keeps a turn from being ruled on, and give an operator the task (docs/decisions 5).

        The asker's answer is a refusal with the rule "fault"; a deadline has no timer until another build runs, which
        tries it again. fault: kind and place of the error, never its data. Raises as `decide_and_record`.
        """
        key, body = self._split(turn)
        said = turn.command if isinstance(turn.command, Mapping) else {}
        deadline = said.get("deadline") if said.get("kind") == "deadline_passed" else None
        content = {name: said[name] for name in ("kind", "by", "deadline") if isinstance(said.get(name), str)}
        async with transaction(self._pool) as connection:
            held, early = await self._take(connection, turn, key, body)
            if early is not None:
                return early
            await connection.execute(
                SQL["set_aside"],
                turn.number,
                key,
                body,
                content.get("kind", "malformed"),
                deadline,
                content,
                turn.heard_at,
                fault,
                self._build,
                attempts,
            )
            aside = {**held.aside, deadline: self._build} if deadline else held.aside
            held = Held(held.complaint, held.state, held.head, held.clock_offset, aside)
            own_id = f"/aside/{self._build}/{turn.turn}/{key}" if deadline else key
            by = Asker(id=content.get("by", _UNKNOWN.id))
            spoken = Spoken(own_id, body, "set_aside", content, by, turn.heard_at, turn.noticed_at)
            ruling = _put_aside(held.complaint, turn, content.get("kind", "malformed"), fault)
            decision, now = await write(connection, held, spoken, ruling)
        return outcome(decision, now, ruling, turn.heard_at, self._build)

    async def waiting_aside(self) -> list[Aside]:
        """All commands that are set aside and not ruled on yet, oldest first, for operators."""
        with reaching():
            rows = await self._pool.fetch(SQL["waiting_aside"])
        return [Aside(**dict(row)) for row in rows]

    async def load_sheet(self, number: str) -> Sheet:
        """The present sheet of a complaint. Raises UnknownComplaint, NewerSchema."""
        return (await self._read(number)).sheet(self._build)

    async def complaint(self, number: str) -> Complaint:
        """The whole present state of a complaint. Raises UnknownComplaint, NewerSchema."""
        return (await self._read(number)).complaint

    async def answer_to(self, number: str, key: str, body: str) -> tuple[Complaint, Decision | None]:
        """The complaint, and the decision its ledger holds for this key, if any. Raises UnknownComplaint."""
        complaint = (await self._read(number)).complaint
        with reaching():
            async with self._pool.acquire() as connection:
                row = await connection.fetchrow(SQL["prior_answer"], number, key)
        return complaint, _again(row, body, complaint) if row else None

    async def _read(self, number: str) -> Held:
        with reaching():
            return held_of(number, await self._pool.fetchrow(SQL["read_complaint"], number))

    async def _take(
        self, connection: Connection, turn: Turn, key: str, body: str
    ) -> tuple[Held, Outcome | None]:
        """The complaint, locked; with the outcome where there is nothing to rule on: answered before, or out of turn."""
        row = await connection.fetchrow(SQL["take_complaint"], turn.number, key)
        held = held_of(turn.number, row)
        prior = row
        if row["prior_answer"] is None and turn.turn != held.complaint.turn + 1:
            # The row was locked after another turn: what that one answered was not in sight of the first look.
            prior = await connection.fetchrow(SQL["prior_answer"], turn.number, key)
        elif row["prior_answer"] is None:
            return held, None
        decision = _again(prior, body, held.complaint) if prior else None
        return held, Outcome(decision=decision, sheet=held.sheet(self._build))

    async def _rule(
        self, connection: Connection, held: Held, turn: Turn, key: str, body: str
    ) -> tuple[Spoken, Ruling]:
        """What was said, with its words encrypted, and the ruling on it."""
        complaint = held.complaint
        try:
            command = await self._understand(connection, turn)
        except BadCommand as bad:
            spoken = Spoken(key, body, "malformed", {}, _UNKNOWN, turn.heard_at, turn.noticed_at)
            after = complaint.model_copy(update={"turn": complaint.turn + 1})
            return spoken, Ruling(accepted=False, complaint=after, reason=str(bad), rule="§1")
        person = await asker(connection, command.by, turn.heard_at)
        content = dump(command)
        await self._library.hold(
            connection,
            {complaint.policy_version, *_named(content, "change_policy_version")},
            {complaint.calendar_version, *_named(content, "change_calendar_version")},
        )
        spoken = Spoken(key, body, command.kind, content, person, turn.heard_at, turn.noticed_at)
        return spoken, lifecycle.rule(
            complaint,
            command,
            person,
            turn.heard_at,
            self._library,
            turn.noticed_at,
            self._aside(held, content),
        )

    def _aside(self, held: Held, content: Mapping[str, Any]) -> frozenset[str]:
        """The deadlines this build cannot rule on and is not asked about now."""
        mine = {deadline for deadline, build in held.aside.items() if build == self._build}
        return frozenset(mine - {content.get("deadline")})

    def _split(self, turn: Turn) -> tuple[str, str]:
        """The key of a command id and the digest of its body; where the id has none, a keyed one of the command.

        Ids of words are left out of it: every sending stores its words under new ids.
        """
        key, mark, body = turn.id.rpartition(_MARK)
        if mark:
            return key, body
        told = to_json(_without_words(turn.command)).encode("utf-8", "surrogatepass")
        return turn.id, self._texts.fingerprint(told).hex()

    async def _understand(self, connection: Connection, turn: Turn) -> Said:
        """The command, its words replaced by ids: a feed may send them in the clear.

        Raises BadCommand, also for ids of words that are not this complaint's: they would come out with its own.
        """
        command = read(turn.command)
        words = dict(texts_in(command))
        stored = {path: text for path, text in words.items() if TEXT_ID.match(text)}
        if foreign := await self._texts.not_of(connection, turn.number, stored.values()):
            path = next(path for path, text in stored.items() if text in foreign)
            raise BadCommand(f"{command.kind}: {path}: this is the id of words of another complaint.")
        clear = {path: text for path, text in words.items() if path not in stored}
        if not clear:
            return command
        return read(with_ids(dump(command), await self._texts.store(connection, turn.number, clear)))


def _without_words(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _without_words(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_words(part) for part in value]
    return None if isinstance(value, str) and TEXT_ID.match(value) else value


def _again(prior: Mapping[str, Any], body: str, complaint: Complaint) -> Decision:
    """The first answer once more; for another body under the same key, why there is none."""
    if prior["prior_body"] == body:
        return Decision.model_validate(prior["prior_answer"])
    return Decision(
        accepted=False,
        number=complaint.number,
        turn=complaint.turn,
        stage=complaint.stage,
        rule="idempotency",
        reason="The same key was used before with another body; nothing was done. A new command needs a new key.",
    )


def _named(content: Mapping[str, Any], kind: str) -> list[str]:
    """The version a change of version asks for."""
    return [content["version"]] if content["kind"] == kind else []


def _put_aside(complaint: Complaint, turn: Turn, kind: str, fault: str) -> Ruling:
    """What follows from a command that cannot be ruled on: the fact, an operator's task, a message, and the refusal."""
    name = f"operator/{turn.turn}"
    task = Task(
        id=name, kind="operator", owner=Role.ADMIN, asked_by=_UNKNOWN.id, asked_at=turn.heard_at, subkind=kind
    )
    after = complaint.model_copy(
        update={"turn": complaint.turn + 1, "tasks": {**complaint.tasks, name: task}}
    )
    told = Notice(
        key=f"{complaint.number}/{turn.turn}:set_aside/{Role.ADMIN}",
        template="set_aside",
        to=Role.ADMIN,
        params={"kind": kind, "fault": fault},
    )
    fact = Fact(kind="set_aside", at=turn.heard_at, by=_UNKNOWN.id, subject=kind, data={"fault": fault})
    return Ruling(
        accepted=False,
        complaint=after,
        facts=(fact,),
        notices=(told,),
        rule="fault",
        reason="An error of ours keeps this from being ruled on; it is set aside and an operator has been told.",
    )
