"""A few dozen lives to fill a company with: said to the real ledger once, then copied with new numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CLERK, LEAD, DIRECTOR, LAWYER = "cs_specialist-1", "project_manager-1", "cs_director-1", "legal-1"
PROJECTS = ("锦澜苑", "云栖府", "江畔里", "望山居", "东城汇")
TOPICS = {
    "PRODUCT": ("leakage", "cracks", "late_handover", "lift", "noise_pump_room"),
    "SERVICE": ("pets", "occupied_public_space"),
    "CONTRACT": ("brochure_as_annex", "loan_difficulties"),
    "PRICE": ("price_cut_after_purchase", "refusal_of_property_fee"),
    "LEGAL": ("trip_injury_manhole_cover",),
}
Step = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Template:
    """One life. age: how long ago its last step was said; ended: of those that are over."""

    name: str
    steps: tuple[Step, ...]
    age: timedelta
    ended: bool
    project: str
    channel: str = "telephone"
    every: timedelta = field(default=timedelta(hours=3))


def _steps(kind: str, severity: str, now: datetime, place: int = 0) -> list[Step]:
    """The whole way of a complaint that is agreed on, visited and archived. place: of the life, for its topic."""
    topic = TOPICS[kind][place % len(TOPICS[kind])]
    solution = {"solution": "S1", "measures": ["维修并复查"]}
    items = [
        {"id": "A1", "what": "维修", "owner": "MAINTENANCE", "due": (now + timedelta(days=9)).isoformat()}
    ]
    department, lead = (
        ("engineering", "PROJECT_MANAGER") if kind in ("PRODUCT", "SERVICE") else ("legal", "LEGAL")
    )
    side = LEAD if lead == "PROJECT_MANAGER" else LAWYER
    return [
        (CLERK, "register", {}),
        (CLERK, "classify", {"type": kind, "cause": "ENGINEERING", "severity": severity, "topic": topic}),
        (CLERK, "assign", {"department": department, "lead": lead}),
        (
            CLERK,
            "record_response",
            {"channel": "telephone", "effective": True, "text": "已联系客户,约定上门时间。"},
        ),
        (side, "accept_handover", {}),
        (side, "add_evidence", {"kind": "photographs"}),
        (side, "confirm_findings", {"root_cause": "防水层开裂", "prevention": "增加验收"}),
        (side, "propose_solution", solution),
        (CLERK, "record_round", {"round": 1, "solution": "S1", "reply": "pending"}),
        (CLERK, "record_round", {"round": 1, "solution": "S1", "reply": "accepted"}),
        (side, "record_agreement", {"kind": "negotiated", "items": items}),
        (side, "complete_item", {"item": "A1"}),
        (side, "submit_review", {"summary": "处理完毕"}),
        (DIRECTOR, "decide_review", {"decision": "approved"}),
        (CLERK, "record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": True, "score": 4}),
        (CLERK, "record_follow_up", {"satisfied": True, "score": 4}),
        (CLERK, "archive", {"result": "BOTH_SATISFIED"}),
    ]


def _turns_off(now: datetime) -> dict[str, tuple[int, list[Step]]]:
    """What happens beside the way: after how many steps, and what is said then."""
    later = (now + timedelta(days=6)).isoformat()
    return {
        "held": (3, [(CLERK, "hold", {"reason": "等客户", "waiting_for": "customer", "until": later})]),
        "hazard": (3, [(CLERK, "set_flag", {"flag": "HAZARD", "value": True, "reason": "瓷砖松动"})]),
        "promised": (4, [(CLERK, "make_promise", {"promise": "P1", "what": "书面答复", "due": later})]),
        "helped": (5, [(CLERK, "request_help", {"id": "H1", "to": "FINANCE", "question": "应退多少"})]),
        "major": (6, [(DIRECTOR, "set_flag", {"flag": "MAJOR", "value": True, "reason": "媒体关注"})]),
        "offer": (
            7,
            [(LEAD, "propose_solution", {"solution": "S2", "measures": ["赔"], "compensation": "5000.00"})],
        ),
        "sued": (
            9,
            [(LAWYER, "file_or_register_suit", {"filed_by": "customer", "ground": "质量"})],
        ),
        "again": (
            14,
            [
                (
                    CLERK,
                    "record_feedback",
                    {"attempt": 1, "channel": "telephone", "satisfied": False, "score": 2},
                ),
                (CLERK, "open_second_handling", {"further_demand": "再赔"}),
            ],
        ),
    }


def open_lives(now: datetime) -> Iterator[Template]:
    """Lives that have come to every stage, some hours or days ago."""
    ages = [timedelta(hours=hours) for hours in (1, 5, 11, 20, 30, 50, 90, 200)]
    for place, length in enumerate((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)):
        kind = ("PRODUCT", "SERVICE", "CONTRACT", "PRICE")[place % 4]
        severity = "complex" if place % 3 == 0 else "simple"
        for turn, age in enumerate(ages[place % 2 :: 2]):
            steps = tuple(_steps(kind, severity, now, place // 4)[:length])
            project = PROJECTS[(place + turn) % len(PROJECTS)]
            yield Template(f"{length} steps, {age}", steps, age, False, project)
    for place, (name, (length, more)) in enumerate(_turns_off(now).items()):
        for age in ages[place % 3 :: 3]:
            steps = (*_steps("PRODUCT", "complex", now)[:length], *more)
            yield Template(f"{name}, {age}", steps, age, False, PROJECTS[place % len(PROJECTS)], "wechat")


def ended_lives(now: datetime) -> Iterator[Template]:
    """Lives that are over: archived, withdrawn, duplicates, over the last years."""
    for place in range(20):
        kind = ("PRODUCT", "SERVICE", "CONTRACT", "LEGAL")[place % 4]
        age = timedelta(days=20 + 33 * place)
        steps = tuple(_steps(kind, "simple" if place % 2 else "complex", now - age, place // 4))
        project = PROJECTS[place % len(PROJECTS)]
        yield Template(f"archived {age}", steps, age, True, project, every=timedelta(hours=7))
        given_up = (*steps[: 1 + place % 6], (CLERK, "mark_withdrawn", {"reason": "客户撤回"}))
        yield Template(f"withdrawn {age}", given_up, age, True, project, "email")
