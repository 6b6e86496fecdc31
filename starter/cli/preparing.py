"""What servers must hold before the first complaint: on Temporal, and in the records."""

from typing import TYPE_CHECKING

from embedded.bootstrap import bootstrap
from embedded.temporal import connect as connect_temporal
from records.db import require_schema
from records.organisation import people, seed_local_people, seed_units
from records.policies import seed_versions
from starter.cli.here import Here
from starter.connection import codec_keys

if TYPE_CHECKING:
    from records.db import Connection


async def prepare(here: Here) -> list[str]:
    """Make Temporal and the records as declared; answers a line for each change, none on a second run.

    Raises PartError, RecordsUnreachable, MigrationError before `migrate`, VersionChanged for a policy that was altered.
    """
    lines = await prepare_records(here)
    environ = here.temporal_environ()
    client = await connect_temporal(environ.get("TEMPORAL_ADDRESS", "127.0.0.1:7233"), environ)
    return lines + [str(change) for change in await bootstrap(client)]


async def prepare_records(here: Here) -> list[str]:
    """Versions of policy and calendar; in the local profile people too, and both key files on the first run."""
    settings = here.settings
    async with here.records() as connection:
        await require_schema(connection)
        lines = [f"+ records version {version}" for version in await seed_versions(connection)]
        if settings.production:
            await seed_units(connection)
        else:
            lines += await _seed_people(connection)
    codec_keys(settings)
    async with here.office():
        pass  # opening them makes the master key on the first local run, and checks it on every other
    return lines


async def _seed_people(connection: "Connection") -> list[str]:
    before = {person.user_id for person in await people(connection)}
    seeded = await seed_local_people(connection, production=False)
    new = [user_id for user_id in seeded if user_id not in before]
    return [f"+ records people {new[0]} … {new[-1]} ({len(new)})"] if new else []
