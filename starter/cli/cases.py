"""The verbs that concern one complaint, or a list of them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from starter.cli import given, paper
from starter.cli.here import Here, run
from starter.cli.options import AsUser, Json, Number

if TYPE_CHECKING:
    from domain.commands import Said
    from domain.turns import Decision
    from starter.cli.submissions import Handed
    from starter.complaints import FrontDoor


def open_(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Complaints as JSON or YAML, in the cases-file form or that of POST; - reads stdin.",
        ),
    ],
    received: Annotated[
        str | None,
        typer.Option(
            "--received",
            metavar="WHEN",
            help="When it was received, instead of what the file says: now, or RFC 3339.",
        ),
    ] = None,
    user: AsUser = None,
    json: Json = False,
) -> None:
    """Open complaints; each gets its number. The same external id of a channel is the same complaint."""
    here: Here = context.obj
    raise typer.Exit(run(_open(here, file, received, given.acting(user, here.settings.production), json)))


async def _open(here: Here, file: str, received: str | None, user: str, json: bool) -> int:
    from domain.facts import Refused
    from records.opening import OtherContent
    from starter.cli.submissions import read_complaints, received_at

    now = datetime.now(UTC)
    handed = read_complaints(given.text_of(file), file, now, received_at(received, now))
    told, refused = [], False
    async with here.front_door() as door:
        await require_known(door, user)
        for one in handed:
            _tell_what_is_left_out(one)
            try:
                opened = await door.open(one.incoming(), user)
            except (OtherContent, Refused) as refusal:
                paper.complain(str(refusal))
                refused = True
                continue
            stage = str(opened.sheet.stage)
            told.append({"id": one.name, "number": opened.number, "created": opened.created, "stage": stage})
            if not json:
                paper.put(
                    f"{opened.number}  {'opened' if opened.created else 'was there already'} · {stage} · {one.name}"
                )
    if json:
        paper.put_json(told)
    return 2 if refused else 0


async def require_known(door: "FrontDoor", user: str) -> None:
    """Raise Refused for a person who is not in the directory now. A connected system speaks for itself."""
    from domain.facts import Refused
    from domain.roles import FEED
    from records.organisation import is_known

    if user.startswith(FEED):
        return
    async with door.office.pool.acquire() as connection:
        if not await is_known(connection, user, door.now()):
            raise Refused(f"Nobody named {user} works here; `redress user list` shows who does.", "ORG-08")


def _tell_what_is_left_out(one: "Handed") -> None:
    if one.submission.attachments:
        paper.complain(
            f"{one.name}: its {len(one.submission.attachments)} attachments are not taken in; keep them."
        )


def do(  # noqa: PLR0913, PLR0917 (a verb's options are its parameters)
    context: typer.Context,
    number: Number,
    command: Annotated[
        str, typer.Argument(metavar="COMMAND", help="What to say, such as classify (docs/commands.md).")
    ],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]…", help="Its fields; a list takes the key again, or JSON."),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option("--json-body", metavar="FILE", help="Its fields as a JSON object; - reads stdin."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", metavar="ID", help="Your own id of this command: said again with it, it is done once."
        ),
    ] = None,
    if_turn: Annotated[
        int | None,
        typer.Option("--if-turn", metavar="N", min=0, help="Only if the complaint is still at this turn."),
    ] = None,
    report: Annotated[
        bool,
        typer.Option("--report", help="Send it as the Signal `report`, without waiting for the decision."),
    ] = False,
    user: AsUser = None,
    json: Json = False,
) -> None:
    """Say a command to a complaint and print the decision."""
    here: Here = context.obj
    by = given.acting(user, here.settings.production)
    said = _said(given.command_kind(command), by, fields or [], body, if_turn)
    number, key = given.complaint_number(number), given.command_key(uuid4().hex if key is None else key)
    if report:
        run(_report(here, number, said, key))
        _put_reported(number, key, json)
    else:
        raise typer.Exit(run(_do(here, number, said, key, json)))


def _said(kind: str, by: str, written: list[str], body: str | None, if_turn: int | None) -> "Said":
    from domain.commands import said

    fields: dict[str, Any] = {**(given.json_object(body) if body else {}), **given.pairs(kind, written)}
    if "by" in fields:
        raise given.BadInput("by: who acts is said with --as.")
    if if_turn is not None:
        fields["expected_turn"] = if_turn
    return said(kind, by, fields)


async def _do(here: Here, number: str, said: "Said", key: str, json: bool) -> int:
    from starter.complaints import TryAgain

    async with here.front_door() as door:
        await door.office.ledger.load_sheet(number)
        try:
            decision = await door.submit(number, said, key)
        except TryAgain as late:
            raise TryAgain(f"{late} Its key is {key}: --key {key}") from late
    return _put_decision(said.kind, decision, json)


def _put_decision(kind: str, decision: "Decision", json: bool) -> int:
    if json:
        paper.put_json(decision)
    if not decision.accepted:
        rule = f" ({decision.rule})" if decision.rule else ""
        paper.complain(f"Refused: {decision.reason}{rule}")
        return 2
    if not json:
        paper.put(f"{decision.number}  {kind} · turn {decision.turn} · {decision.stage}")
        if decision.facts:
            paper.put(f"  happened: {', '.join(decision.facts)}")
        if decision.deadlines:
            paper.put(
                f"  deadlines: {', '.join(name.partition(':')[2] or name for name in decision.deadlines)}"
            )
    return 0


async def _report(here: Here, number: str, said: "Said", key: str) -> None:
    async with here.front_door() as door:
        await door.report(number, said, key)


def _put_reported(number: str, key: str, json: bool) -> None:
    if json:
        paper.put_json({"number": number, "key": key, "reported": True})
    else:
        paper.put(f"{number}  reported under the key {key}; `redress history {number}` shows what came of it")


def show(context: typer.Context, number: Number, user: AsUser = None, json: Json = False) -> None:
    """The case sheet: where it stands, whose it is, what runs. Name and contact are masked, the reading is logged."""
    here: Here = context.obj
    by = given.acting(user, here.settings.production)
    sheet = run(_sheet(here, given.complaint_number(number), by))
    if json:
        paper.put_json(sheet)
    else:
        from starter.cli.sheets import put_sheet

        put_sheet(sheet)


async def _sheet(here: Here, number: str, reader: str) -> Any:
    from domain.facts import Refused
    from records.organisation import asker
    from records.views import case_sheet

    async with here.office() as office:
        complaint = await office.ledger.complaint(number)
        async with office.pool.acquire() as connection:
            person = await asker(connection, reader, datetime.now(UTC))
            if not (person.roles or person.standing_in):
                raise Refused(f"{reader} holds no seat here and may not read complaints.", "CUS-07")
            return await case_sheet(connection, office.texts, complaint, reader)


def list_(  # noqa: PLR0913, PLR0917 (a verb's options are its parameters)
    context: typer.Context,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="In this stage; may be repeated.")
    ] = None,
    desk: Annotated[str | None, typer.Option("--desk", help="On this department's desk.")] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="USER", help="Owned by this person.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--type", help="Of this main type.")] = None,
    project: Annotated[str | None, typer.Option("--project", help="Of this project.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="With a deadline that ran out and is not settled.")
    ] = False,
    ended: Annotated[bool, typer.Option("--all", help="The ended ones too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many lines.")] = 200,
    json: Json = False,
) -> None:
    """Complaints by their next deadline; the ended ones only with --all or by their stage."""
    from domain.codes import ComplaintType, Department, Stage
    from records.views import Filters
    from starter.cli.sheets import put_list

    here: Here = context.obj
    filters = Filters(
        stages=[Stage(given.one_of("--stage", name, list(Stage))) for name in stage or []],
        desk=given.one_of("--desk", desk, list(Department)) if desk else None,
        owner=owner,
        type=given.one_of("--type", kind, list(ComplaintType)) if kind else None,
        project=project,
        overdue=overdue,
        ended=ended,
        limit=limit,
    )
    lines, counts = run(_list(here, filters))
    if json:
        paper.put_json([line.model_dump(mode="json") for line in lines])
    else:
        put_list(lines, counts)


async def _list(here: Here, filters: Any) -> tuple[Any, Any]:
    from records.views import case_counts, list_cases

    async with here.office() as office, office.pool.acquire() as connection:
        return await list_cases(connection, filters), await case_counts(connection)


def deadlines(context: typer.Context, number: Number, json: Json = False) -> None:
    """Every deadline the complaint has had: its state, why that date, what moved it, when it was warned of and fired."""
    from starter.cli.sheets import put_deadlines

    here: Here = context.obj
    complaint = run(_complaint(here, given.complaint_number(number)))
    found = sorted(complaint.deadlines.values(), key=lambda one: (one.due, one.id))
    if json:
        paper.put_json([one.model_dump(mode="json", exclude_none=True) for one in found])
    else:
        put_deadlines(complaint, found)


async def _complaint(here: Here, number: str) -> Any:
    async with here.office() as office:
        return await office.ledger.complaint(number)


def history(context: typer.Context, number: Number, json: Json = False) -> None:
    """The ledger: every turn with who said it and what came of it, the refused ones marked."""
    from starter.cli.sheets import put_history

    here: Here = context.obj
    turns = run(_turns(here, given.complaint_number(number)))
    if json:
        paper.put_json([turn.model_dump(mode="json") for turn in turns])
    else:
        put_history(number, turns)


async def _turns(here: Here, number: str) -> Any:
    from records.views import turns_of

    async with here.office() as office:
        await office.ledger.load_sheet(number)
        async with office.pool.acquire() as connection:
            return await turns_of(connection, number)
