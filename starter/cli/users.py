"""`user` and `people`: who works here, and in which roles."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from starter.cli import given, paper
from starter.cli.here import Here, run
from starter.cli.options import Json

if TYPE_CHECKING:
    from records.organisation import Person

user = typer.Typer(help="The directory of people: who there is, in which roles.", no_args_is_help=True)
people = typer.Typer(help="Sample people for the local profile.", no_args_is_help=True)

UserId = Annotated[str, typer.Argument(metavar="USER", help="A user id, such as lin.mei.")]


@user.command("add")
def add(
    context: typer.Context,
    user_id: UserId,
    name: Annotated[str, typer.Option("--name", help="As colleagues read it.")],
    role: Annotated[list[str], typer.Option("--role", help="A role such as CS_SPECIALIST; may be repeated.")],
    department: Annotated[
        str | None, typer.Option("--department", help="The department, such as engineering.")
    ] = None,
    email: Annotated[str | None, typer.Option("--email", help="Where notices go.")] = None,
    language: Annotated[str, typer.Option("--language", help="zh-CN or en.")] = "zh-CN",
    json: Json = False,
) -> None:
    """Enter a person, or change their entry."""
    from domain.codes import Department, Role
    from records.organisation import Person

    person = Person(
        user_id=given.acting(user_id, production=True),
        name=given.words("--name", name, 200),
        roles=tuple(dict.fromkeys(Role(given.one_of("--role", one, list(Role))) for one in role)),
        department=Department(given.one_of("--department", department, list(Department)))
        if department
        else None,
        email=given.words("--email", email, 320) if email else None,
        language=given.one_of("--language", language, ("zh-CN", "en")),
    )
    if person.user_id.startswith("feed:"):
        raise given.BadInput(
            "A connected system is no person; it speaks as feed:<name> and is not entered here."
        )
    run(_add(context.obj, person))
    if json:
        paper.put_json(_as_data(person))
    else:
        paper.put(f"{person.user_id} is entered as {', '.join(person.roles)}.")


async def _add(here: Here, person: "Person") -> None:
    from records.organisation import put_person, seed_units

    async with here.office() as office, office.pool.acquire() as connection:
        await seed_units(connection)
        await put_person(connection, person)


@user.command("list")
def list_(
    context: typer.Context,
    gone: Annotated[bool, typer.Option("--all", help="Those who left too.")] = False,
    json: Json = False,
) -> None:
    """Who works here."""
    now = datetime.now(UTC)
    found = [
        person for person in run(_people(context.obj)) if gone or person.active_from <= now < person.active_to
    ]
    if json:
        paper.put_json([_as_data(person) for person in found])
    else:
        paper.put_table(
            ("!User", "Name", "Roles", "Department", "Mail", "Until"),
            [
                (
                    p.user_id,
                    p.name,
                    ", ".join(p.roles),
                    p.department,
                    p.email,
                    None if p.active_to.year == 9999 else p.active_to,
                )
                for p in found
            ],
        )


async def _people(here: Here) -> "list[Person]":
    from records.organisation import people as directory

    async with here.office() as office, office.pool.acquire() as connection:
        return await directory(connection)


@user.command("disable")
def disable(context: typer.Context, user_id: UserId, json: Json = False) -> None:
    """A person leaves: from now on they may say nothing. Their open complaints are listed, to be handed over."""
    user_id = given.acting(user_id, production=True)
    left = run(_disable(context.obj, user_id))
    if json:
        paper.put_json({"user": user_id, "open_complaints": left})
    else:
        paper.put(f"{user_id} has left.")
        if left:
            paper.put(f"{len(left)} open complaints lie with them: {', '.join(left)}.")
            paper.put("Hand each over: redress do NUMBER reassign person=USER reason=…")


async def _disable(here: Here, user_id: str) -> list[str]:
    from records.organisation import leave
    from records.views import cases_of

    async with here.office() as office, office.pool.acquire() as connection:
        await leave(connection, user_id, datetime.now(UTC))
        return await cases_of(connection, user_id)


@people.command("seed")
def seed(
    context: typer.Context,
    each: Annotated[int, typer.Option("--each", min=1, max=50, help="How many people for every role.")] = 2,
    json: Json = False,
) -> None:
    """Enter sample people for every role: cs_specialist-1, cs_specialist-2 … Refused in a production profile."""
    here: Here = context.obj
    ids = run(_seed(here, each))
    if json:
        paper.put_json(ids)
    else:
        paper.put(f"{len(ids)} people are there: {ids[0]} … {ids[-1]}.")


async def _seed(here: Here, each: int) -> list[str]:
    from records.organisation import seed_local_people

    async with here.office() as office, office.pool.acquire() as connection:
        return await seed_local_people(connection, production=here.settings.production, each=each)


def _as_data(person: "Person") -> dict[str, Any]:
    return {
        "user": person.user_id,
        "name": person.name,
        "roles": list(person.roles),
        "department": person.department,
        "email": person.email,
        "language": person.language,
        "active_from": person.active_from,
        "active_to": person.active_to,
    }
