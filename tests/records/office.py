"""A company at work, and a life to live: what the tests of the ledger have in common."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.codes import Channel
from domain.turns import Decision, Outcome, Turn
from records.db import Pool
from records.ledger import Ledger
from records.opening import Incoming
from records.texts import Texts

RECEIVED = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
H, D = timedelta(hours=1), timedelta(days=1)
LIFE: list[tuple[timedelta, str, str, dict[str, Any]]] = [
    (0 * H, "register", "cs_specialist-1", {}),
    (1 * H, "classify", "cs_specialist-1", {"type": "CONTRACT", "cause": "SALES", "severity": "simple"}),
    (2 * H, "assign", "cs_specialist-1", {"department": "legal", "lead": "LEGAL"}),
    (3 * H, "accept_handover", "legal-1", {}),
    (4 * H, "record_response", "cs_specialist-1", {"channel": "telephone", "effective": True}),
    (5 * H, "make_promise", "cs_specialist-1", {"promise": "P1", "what": "书面答复", "due": 7 * D}),
    (24 * H, "add_evidence", "legal-1", {"subkind": "contract_annex"}),
    (3 * D, "confirm_findings", "legal-1", {"root_cause": "没有标准", "prevention": "列出清单"}),
    (4 * D, "propose_solution", "legal-1", {"solution": "S1", "measures": ["书面解释", "提供证明"]}),
    (5 * D, "record_round", "cs_specialist-1", {"round": 1, "solution": "S1", "reply": "accepted"}),
    (
        5 * D + H,
        "record_agreement",
        "legal-1",
        {
            "subkind": "negotiated",
            "items": [{"id": "A1", "what": "书面解释", "owner": "LEGAL", "due": "2026-03-09T01:20:00Z"}],
        },
    ),
    (6 * D, "complete_item", "legal-1", {"item": "A1", "keeps": "P1"}),
    (7 * D, "submit_review", "legal-1", {"summary": "处理完毕"}),
    (8 * D, "decide_review", "cs_director-1", {"decision": "approved"}),
    (
        8 * D + 4 * H,
        "record_feedback",
        "cs_specialist-1",
        {"attempt": 1, "channel": "telephone", "satisfied": True, "score": 4},
    ),
    (28 * D, "record_visit_attempt", "cs_specialist-1", {"reached": True}),
    (28 * D + H, "record_follow_up", "cs_specialist-1", {"satisfied": True, "score": 4}),
    (29 * D, "archive", "cs_specialist-1", {"result": "BOTH_SATISFIED"}),
]


class Office:
    """A company at work on one database: opens complaints and says commands, each at an instant of business time."""

    def __init__(self, pool: Pool, ledger: Ledger, texts: Texts) -> None:
        self.pool, self.ledger, self.texts = pool, ledger, texts
        self.said = 0

    @staticmethod
    def incoming(**changes: Any) -> Incoming:
        """A complaint as it comes in by telephone."""
        return incoming(**changes)

    async def open(self, by: str = "cs_specialist-1", at: datetime = RECEIVED, **changes: Any) -> str:
        """A new complaint; returns its number."""
        return (await self.ledger.open_complaint(incoming(**changes), by, at)).number

    async def say(
        self,
        number: str,
        kind: str,
        by: str,
        at: datetime = RECEIVED,
        *,
        id: str | None = None,
        **fields: Any,
    ) -> Decision:
        """One turn with the next turn number. Fails if the ledger gives no decision."""
        outcome = await self.take(number, kind, by, at, id=id, **fields)
        assert outcome.decision is not None
        return outcome.decision

    async def take(
        self,
        number: str,
        kind: str,
        by: str,
        at: datetime,
        *,
        id: str | None = None,
        turn: int | None = None,
        **fields: Any,
    ) -> Outcome:
        self.said += 1
        sheet = await self.ledger.load_sheet(number)
        command = {"kind": kind, "by": by, **fields}
        asked = Turn(
            number=number,
            turn=turn or sheet.turn + 1,
            id=id or f"test-{self.said}",
            command=command,
            heard_at=at,
            noticed_at=at,
        )
        return await self.ledger.decide_and_record(asked)

    async def texts_of(self, number: str, **words: str) -> dict[str, str]:
        """Words on their way to a command: kind → id."""
        async with self.pool.acquire() as connection:
            return await self.texts.store(connection, number, words)

    async def read(self, number: str, text_id: str) -> str | None:
        """The words of a complaint behind an id."""
        async with self.pool.acquire() as connection:
            return (await self.texts.read(connection, [text_id], "auditor-1", of=number))[text_id]

    async def let_pass(self, number: str, until: datetime) -> None:
        """Let every deadline that wakes before `until` speak, as the conversation would."""
        while wakes := (await self.ledger.load_sheet(number)).wakes:
            if wakes[0].at >= until:
                return
            await self.say(number, "deadline_passed", "feed:calendar", wakes[0].at, deadline=wakes[0].id)

    async def live(self, number: str, until: int | None = None) -> None:
        """The whole life of a contract complaint that is agreed on in the first round, up to a line of LIFE."""
        for at, kind, by, fields in LIFE[:until]:
            instant = RECEIVED + at
            given = {
                name: str(RECEIVED + value) if isinstance(value, timedelta) else value
                for name, value in fields.items()
            }
            await self.let_pass(number, instant)
            decision = await self.say(number, kind, by, instant, **given)
            assert decision.accepted, (kind, decision.reason)


def incoming(**changes: Any) -> Incoming:
    """A complaint as it comes in by telephone."""
    given: dict[str, Any] = {
        "channel": Channel.TELEPHONE,
        "received_at": RECEIVED,
        "name": "林女士",
        "contact": "000-0000-0001",
        "text": "橱柜换了没听说过的牌子。",
        "project": "示例·锦澜苑",
        "unit": "3栋1单元802",
        "desired": "书面解释条款",
    }
    return Incoming(**{**given, **changes})
