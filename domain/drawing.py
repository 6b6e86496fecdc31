"""Draws docs/lifecycle.md from the tables the rules run by, so that the picture cannot differ from what happens."""

from __future__ import annotations

from collections.abc import Iterable

from domain.codes import ENDED, OPEN, Stage
from domain.commands import INTERNAL
from domain.deadline_rules import DeadlineRule
from domain.deadline_table import TABLE as DEADLINES
from domain.lifecycle import TABLE, Row, seats_of
from domain.roles import right_to

#: what is done in a stage, in one line
_ABOUT: dict[Stage, str] = {
    Stage.REGISTERED: "The complaint is in. `register` completes the register; then it is classified.",
    Stage.CLASSIFIED: "Type, cause and severity are known; a department and its lead are named next.",
    Stage.ASSIGNED: "The department takes the case over or returns it; beginning to work takes it over too.",
    Stage.INVESTIGATING: "Facts are found: visits, evidence, contributions, findings (or their waiver).",
    Stage.SOLUTION_DRAFTED: "There is an offer; where compensation is due, somebody approves it.",
    Stage.NEGOTIATING: "Offers are put to the customer, round by round.",
    Stage.MEDIATING: "A third party helps both sides to agree, once both have consented.",
    Stage.ARBITRATING: "An outside body or an internal review has the matter.",
    Stage.LITIGATING: "A court has the matter.",
    Stage.FULFILLING: "What was agreed or decided is done, item by item.",
    Stage.CLOSING_REVIEW: "Somebody else looks at it before the customer is told that it is settled.",
    Stage.FEEDBACK: "The customer is asked whether that is so.",
    Stage.SECOND_HANDLING: "The matter is handled again: another round, new findings, another reviewer.",
    Stage.AWAITING_VISIT: "Within a month the customer is visited or called; then the case is filed.",
    Stage.ARCHIVED: "Filed with one of three results. It can be opened again.",
    Stage.WITHDRAWN: "The customer does not pursue it.",
    Stage.DUPLICATE: "The same matter is handled under another number.",
}

_HOW_TO = """\
## How to change it

Change the table first, then make the tests say what you meant: `tests/rules/test_table.py`, `test_deadlines.py` and
`test_rights.py` are written from the contract and complete, so each of the three steps below makes one of them fail
until it has a case of its own. `make docs` draws this page anew.

**A command.** Add its model to the group in `domain/commands.py` (every string is a `Text`, `Note` or a code), its row
to `TABLE` in `domain/lifecycle.py`, its right to `RIGHTS` in `domain/roles.py` (without one, a person on the case may
say it), and what it means to a file in `domain/stages/`: a function marked `@hears("kind", guard)` that changes `h.c`
and states facts. Whatever refuses raises `Refused` with a sentence that can be read aloud and a rule. The API, the CLI
and the list of possible actions know it from then on.

**A deadline.** Add a row to `TABLE` in `domain/deadline_table.py`: the facts that open it, the facts that meet it, who
is told at due and who then, the stages it lives in. Put its length under that key into `domain/policy_keys.py` and a
new policy version, its warnings into `escalations` there. No timer code: the driver keeps a timer for whatever
`Deadline.wake` says.

**A stage.** Add it to `Stage` in `domain/codes.py`, name it in the rows of `domain/lifecycle.py` that hold in it, and
give at least one command a move into it and one a move out of it. Some deadline must run in it: the state machine in
`tests/rules/test_machine.py` finds every stage in which nothing waits. Then name it in `steps_shown` of the policy,
which the customer sees.
"""


def lifecycle_markdown() -> str:
    """The whole page as Markdown: the diagram, a table per stage, the deadlines, and how to change them.

    Lengths and warnings are named by their policy keys, because the page holds for every policy version.
    """
    parts = [
        "# The life of a complaint\n",
        "Drawn by `make docs` from `domain/lifecycle.py`, `domain/deadline_table.py` and `domain/roles.py`; do not edit.",
        "A command is what somebody says to a complaint; a fact is what has happened; a deadline answers to facts.\n",
        _diagram(),
        _everywhere(),
        *(_stage(stage) for stage in Stage),
        _deadlines(),
        _HOW_TO,
    ]
    return "\n".join(parts)


def _diagram() -> str:
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> REGISTERED: received"]
    for start in Stage:
        for end in Stage:
            kinds = [kind for kind, row in _particular() if end in row.targets(start)]
            if kinds:
                lines.append(f"    {start} --> {end}: {', '.join(kinds)}")
    lines += [f"    {end} --> [*]" for end in Stage if end in ENDED]
    general = ", ".join(
        f"`{kind}` leads to {to}" for kind, row in TABLE.items() if _general(row) for _froms, to in row.moves
    )
    return "\n".join([*lines, "```", "", f"From any open stage: {general}.", ""])


def _general(row: Row) -> bool:
    """A move that can be made from nearly everywhere and would only darken the picture."""
    return any(len(froms) >= len(OPEN) - 1 for froms, _to in row.moves)


def _particular() -> list[tuple[str, Row]]:
    return [(kind, row) for kind, row in TABLE.items() if not _general(row)]


def _said_everywhere() -> list[str]:
    return [
        kind
        for kind, row in TABLE.items()
        if set(OPEN) <= row.stages and not row.moves and kind not in INTERNAL
    ]


def _everywhere() -> str:
    rows = [(f"`{kind}`", _seats(kind), _rule(kind)) for kind in _said_everywhere()]
    head = "## In every open stage\n\nThese move nothing.\n"
    return f"{head}\n{_table(('command', 'who', 'rule'), rows)}\n"


def _stage(stage: Stage) -> str:
    left_out = set(_said_everywhere()) if stage in OPEN else set()
    rows = [
        (f"`{kind}`", ", ".join(row.targets(stage)) or "stays", _seats(kind), _rule(kind))
        for kind, row in TABLE.items()
        if stage in row.stages and kind not in INTERNAL and kind not in left_out
    ]
    here = [rule.name for rule in DEADLINES if stage in rule.within]
    runs = f"\nRuns here: {', '.join(f'`{name}`' for name in here)}.\n" if here else ""
    return f"## {stage}\n\n{_ABOUT[stage]}\n{runs}\n{_table(('command', 'leads to', 'who', 'rule'), rows)}\n"


def _deadlines() -> str:
    rows = [
        (
            f"`{_name(rule)}`",
            _starts(rule),
            _length(rule),
            _words(rule.met_by),
            *_told(rule),
            _warns(rule),
            _ends(rule),
            rule.source,
        )
        for rule in DEADLINES
    ]
    head = (
        "deadline",
        "starts",
        "length",
        "met by",
        "told",
        "then",
        "warned beforehand",
        "cancelled, paused",
        "rule",
    )
    text = (
        "## Deadlines\n\n"
        "Starts and answers are facts; `entered:FEEDBACK` is the fact that the stage was entered. Lengths are policy keys,\n"
        "warnings and the time until the next level are rows of the policy's `escalations` (the row `default` where there\n"
        "is none of that name). Each opening fires at most once. An end cancels all. A deadline that has fired is told\n"
        "again each working morning until it is answered or acknowledged.\n"
    )
    return f"{text}\n{_table(head, rows)}\n"


def _name(rule: DeadlineRule) -> str:
    return f"{rule.name}/…" if rule.each else rule.name


def _starts(rule: DeadlineRule) -> str:
    since = {"received": ", counted from receipt", "registered": ", counted from registration", "fact": ""}
    condition = f". {_first_line(rule.when.__doc__)}" if rule.when else ""
    return f"{_words(rule.opens_on)}{since[rule.start]}{condition}"


def _length(rule: DeadlineRule) -> str:
    if rule.at_once:
        return "none: the limit itself"
    return f"`{rule.span}`" if rule.span else "given"


def _told(rule: DeadlineRule) -> tuple[str, str]:
    if callable(rule.told):
        first, _, then = _first_line(rule.told.__doc__).partition("; then ")
        return first, then
    first_level, *more = [", ".join(level) for level in rule.told]
    return ("nobody", "") if rule.quiet else (first_level, "; ".join(more))


def _warns(rule: DeadlineRule) -> str:
    if rule.at_once:
        return "nobody"
    if rule.warned:
        return ", ".join(rule.warned)
    return "those told" if not rule.quiet or callable(rule.told) else ", ".join(rule.told[0])


def _ends(rule: DeadlineRule) -> str:
    parts = [f"leaving {', '.join(stage for stage in Stage if stage in rule.within)}"] if rule.within else []
    if rule.cancelled_by:
        parts.append(_words(rule.cancelled_by))
    if rule.pausable:
        parts.append("stops on hold")
    return "; ".join(parts)


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "nothing"


def _seats(kind: str) -> str:
    return ", ".join(seats_of(kind))


def _rule(kind: str) -> str:
    rules = dict.fromkeys((TABLE[kind].source, right_to(kind).rule))
    return ", ".join(rule for rule in rules if rule)


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0].rstrip(".")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
