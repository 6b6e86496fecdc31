"""How a complaint looks on the terminal: its sheet, lists, deadlines, history."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from domain.complaint import Complaint, Deadline
from records.views import CaseLine, CaseSheet, Counts, TurnLine
from starter.cases.table import printable
from starter.cli.paper import ZONE, console, local, localised, put_table

#: Characters of the customer's account that a sheet shows.
_EXCERPT = 600


def put_sheet(sheet: CaseSheet) -> None:
    """One complaint: its head, the customer's account, what runs, what was promised."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column(overflow="fold")
    for name, value in _head(sheet):
        head.add_row(name, Text(printable(value)))
    out = console()
    out.print(Text(f"Complaint {sheet.number} · {sheet.stage}", "bold"))
    out.print(head)
    account = "the words were erased" if sheet.text is None else sheet.text
    shown = account[:_EXCERPT] + ("…" if len(account) > _EXCERPT else "")
    out.print(Text("\n".join(printable(line) for line in shown.splitlines())), style="italic")
    running = [one for one in sheet.deadlines if one.unsettled]
    if running:
        put_table(
            ("!Deadline", "State", "!Due", "Why"),
            [(one.name, one.state, one.due, why(one)) for one in running],
            title="What runs",
        )
    if sheet.promises:
        put_table(
            ("!Promise", "State", "!Due", "By"),
            [(one.id, one.state, one.due, one.by) for one in sheet.promises],
            title="Promises",
        )


def _head(sheet: CaseSheet) -> list[tuple[str, str]]:
    kind = (
        " · ".join(filter(None, (sheet.type, sheet.cause, sheet.severity, *sheet.flags)))
        or "not classified yet"
    )
    lead = " · ".join(filter(None, (sheet.desk, sheet.lead, sheet.lead_person)))
    customer = sheet.customer
    rows = [
        ("customer", f"{customer.name or 'erased'} · {customer.contact or 'erased'} · {customer.language}"),
        ("place", " · ".join(filter(None, (sheet.project, sheet.unit))) or "–"),
        (
            "came in",
            f"{local(sheet.received_at)} by {sheet.channel}, registered {local(sheet.registered_at)}",
        ),
        ("kind", kind),
        ("owner", sheet.owner or f"{sheet.opened_by} (first contact)"),
        ("desk", lead),
        ("round", f"{sheet.round} · turn {sheet.turn}"),
        ("policy", f"{sheet.policy_version}, calendar {sheet.calendar_version}"),
        ("next deadline", local(sheet.next_deadline)),
    ]
    optional = {
        "ran out": ", ".join(sheet.breached),
        "on hold until": local(sheet.on_hold_until) if sheet.on_hold_until else "",
        "wishes": sheet.desired or "",
        "result": sheet.result or "",
        "duplicate of": sheet.duplicate_of or "",
        "group": sheet.group or "",
        "way": " → ".join(sheet.route),
    }
    return rows + [(name, value) for name, value in optional.items() if value]


def put_list(lines: Sequence[CaseLine], counts: Counts) -> None:
    """Complaints by their next deadline."""
    now = datetime.now(UTC)
    put_table(
        ("!Number", "!Stage", "Kind", "Desk", "Owner", "!Next deadline", "In", "Ran out"),
        [
            (
                line.number,
                str(line.stage),
                " ".join(filter(None, (line.type, line.severity, *line.flags))),
                line.desk,
                line.owner,
                f"{local(line.next_deadline)} {line.next_deadline_name or ''}".strip(),
                _distance(line.next_deadline, now),
                Text(", ".join(line.breached), "red") if line.breached else "",
            )
            for line in lines
        ],
        note=f"{len(lines)} shown · {counts.running} open of {counts.total} · {counts.overdue} with a deadline that ran out",
    )


def _distance(instant: datetime | None, now: datetime) -> str:
    if instant is None:
        return ""
    hours = (instant - now).total_seconds() / 3600
    return f"{hours:.0f} h" if abs(hours) < 48 else f"{hours / 24:.0f} d"


def why(deadline: Deadline) -> str:
    """Why this date: the span and its start, the rule, and the versions it was reckoned with."""
    begun = "" if deadline.span == "given" else f" from {local(deadline.start)}"
    span = "as given" if deadline.span == "given" else deadline.span
    return f"{span}{begun} · {deadline.rule} · policy {deadline.policy_version} · calendar {deadline.calendar_version}"


def put_deadlines(complaint: Complaint, found: Sequence[Deadline]) -> None:
    """Every deadline with its reason and everything that happened to it."""
    put_table(
        ("!Deadline", "!State", "!Start", "!Due", "Why this date", "What happened to it"),
        [
            (one.name, one.state, one.start, one.due, why(one), "\n".join(_happened(one)) or None)
            for one in found
        ],
        title=f"Complaint {complaint.number} · {complaint.stage} · turn {complaint.turn}",
        note=f"Times in {ZONE.key}",
    )


def _happened(one: Deadline) -> list[str]:
    lines = [
        f"paused {local(pause.start)} – {local(pause.end) if pause.end else 'now'}" for pause in one.pauses
    ]
    lines += [
        f"moved {local(move.before)} → {local(move.after)} ({move.why}, {move.by}, {local(move.at)})"
        for move in one.moves
    ]
    now = datetime.now(UTC)
    lines += [f"{'warned' if sent.at <= now else 'warns'} {local(sent.at)}" for sent in one.warnings]
    lines += [
        f"level {place + 1} told {', '.join(level.to)} {local(level.at)}{_late(level.late_by)}"
        for place, level in enumerate(one.levels)
    ]
    if one.fired_at:
        lines.append(f"ran out {local(one.fired_at)}{_late(one.late_by)}")
    if one.acknowledged_at:
        lines.append(f"taken note of {local(one.acknowledged_at)}")
    if one.settled_at:
        lines.append(f"settled {local(one.settled_at)}")
    return lines


def _late(seconds: int | None) -> str:
    """How long after its instant something was noticed; nothing for what was noticed at once."""
    if not seconds:
        return ""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f", noticed {seconds // length} {unit} late"
    return f", noticed {seconds} s late"


def put_history(number: str, turns: Sequence[TurnLine]) -> None:
    """The ledger of a complaint, oldest first."""
    put_table(
        (">Turn", "!Heard", "Who", "Said", "What came of it"),
        [(turn.turn, turn.heard_at, _who(turn), turn.kind, _outcome(turn)) for turn in turns],
        title=f"Complaint {number}",
        note=f"Times in {ZONE.key} · {sum(not turn.accepted for turn in turns)} of {len(turns)} turns refused",
    )


def _who(turn: TurnLine) -> str:
    instead = ", ".join(sorted(set((turn.standing_in or {}).values())))
    return f"{turn.said_by} (for {instead})" if instead else turn.said_by


def _outcome(turn: TurnLine) -> Text:
    if not turn.accepted:
        rule = f" ({turn.rule})" if turn.rule else ""
        return Text(f"REFUSED: {printable(turn.reason or '')}{rule}", "red")
    facts = [_fact(fact["kind"], fact["subject"], fact["data"]) for fact in turn.facts]
    return Text(printable(" · ".join(facts)))


def _fact(kind: str, subject: str | None, data: dict[str, object]) -> str:
    told = ", ".join(f"{name} {localised(value)}" for name, value in data.items() if _is_code(value))
    head = f"{kind} {subject}" if subject else kind
    return f"{head} ({told})" if told else head


def _is_code(value: object) -> bool:
    return isinstance(value, int) or (
        isinstance(value, str) and not value.startswith("txt_") and len(value) <= 64
    )
