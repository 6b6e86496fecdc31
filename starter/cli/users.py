"""`user` and `people`: who works here, and in which roles."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from starter.cli import given, paper
from starter.cli.here import Here, run
from starter.cli.options import Json

if TYPE_CHECKING:
    from records.organisation import Person
    from records.sessions import Token

#: what a token may be allowed to do
SCOPES = ("read", "write", "open", "personal")

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


@user.command("password")
def password(
    context: typer.Context,
    user_id: UserId,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the password from standard input instead of making one.")
    ] = False,
    json: Json = False,
) -> None:
    """Give a person a new password; all their sessions and tokens end. A made one is printed this once."""
    user_id = given.acting(user_id, production=True)
    chosen = sys.stdin.readline().rstrip("\r\n") if stdin else None
    made = run(_password(context.obj, user_id, chosen))
    if json:
        paper.put_json({"user": user_id, "password": made})
    else:
        paper.put(f"{user_id} has a new password." if made is None else f"The password of {user_id}: {made}")


async def _password(here: Here, user_id: str, chosen: str | None) -> str | None:
    from records import accounts
    from records.db import transaction
    from records.sessions import end_sessions, revoke_tokens

    now = datetime.now(UTC)
    made = accounts.generated_password()
    async with here.office() as office:
        try:
            async with transaction(office.pool) as connection:
                await accounts.set_password(connection, user_id, made if chosen is None else chosen, now)
                await end_sessions(connection, user_id)
                await revoke_tokens(connection, user_id, now)
                await accounts.note(connection, now, user_id, "password_set", "cli", "")
        except accounts.WeakPassword as weak:
            raise given.BadInput(str(weak)) from weak
    return made if chosen is None else None


@user.command("token")
def token(
    context: typer.Context,
    user_id: UserId,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope", help="read, write, open or personal; may be repeated. read, unless told otherwise."
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How long it is good for.")] = 90,
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "made by redress user token",
    list_them: Annotated[bool, typer.Option("--list", help="List the person's tokens instead.")] = False,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="ID", help="End this token of the person instead.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a token with which a program acts as this person; it is printed this once."""
    user_id = given.acting(user_id, production=True)
    here: Here = context.obj
    if list_them:
        _put_tokens(run(_tokens(here, user_id)), json=json)
    elif revoke is not None:
        run(_revoke(here, user_id, revoke))
        if json:
            paper.put_json({"user": user_id, "revoked": revoke})
        else:
            paper.put(f"The token {revoke} opens nothing any more.")
    else:
        scopes = [given.one_of("--scope", one, SCOPES) for one in scope or ["read"]]
        told = run(_make_token(here, user_id, given.words("--name", name, 60), scopes, days))
        if json:
            paper.put_json(told)
        else:
            paper.put(told["token"])


async def _make_token(here: Here, user_id: str, name: str, scopes: list[str], days: int) -> dict[str, Any]:
    from records import accounts, sessions
    from records.db import transaction

    now = datetime.now(UTC)
    ends = now + timedelta(days=days)
    async with here.office() as office, transaction(office.pool) as connection:
        token_id, secret = await sessions.make_token(connection, user_id, name, set(scopes), now, ends)
        await accounts.note(connection, now, user_id, "token_made", "cli", "")
    return {
        "user": user_id,
        "id": token_id,
        "token": secret,
        "scopes": sorted(set(scopes)),
        "expires_at": ends,
    }


async def _tokens(here: Here, user_id: str) -> "list[Token]":
    from records.sessions import tokens_of

    async with here.office() as office, office.pool.acquire() as connection:
        return await tokens_of(connection, user_id)


async def _revoke(here: Here, user_id: str, token_id: str) -> None:
    from records import accounts, sessions
    from records.db import RecordsError, transaction

    now = datetime.now(UTC)
    async with here.office() as office, transaction(office.pool) as connection:
        if not await sessions.revoke_token(connection, user_id, token_id, now):
            raise RecordsError(f"{user_id} has no token {token_id} that opens anything.")
        await accounts.note(connection, now, user_id, "token_revoked", "cli", "")


def _put_tokens(found: "list[Token]", *, json: bool) -> None:
    if json:
        paper.put_json([{**asdict(one), "scopes": list(one.scopes)} for one in found])
        return
    now = datetime.now(UTC)
    paper.put_table(
        ("!Id", "What it is for", "Scopes", "Ends", "Last used", "State"),
        [
            (
                one.id,
                one.name,
                ", ".join(one.scopes),
                one.expires_at,
                one.last_used_at,
                "ended" if one.ended(now) else "open",
            )
            for one in found
        ],
    )


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
