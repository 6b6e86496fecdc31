"""Examines the database: reachable, which schema, and whether the master key opens its words."""

from pathlib import Path

from embedded.findings import Finding
from embedded.postgres import Silence, server_version
from embedded.postgres_programs import OLDEST_MAJOR
from records.db import connect, migrations, schema_version
from records.keys import MasterKeyError, open_key_ring


async def examine_records(url: str, found: str, master_key: Path | bytes) -> list[Finding]:
    """Findings on the database at a URL and on the master key; nothing is written.

    found: how the address came to be known, for the reader. master_key: the file, or the 32 bytes.
    """
    version = await server_version(url)
    if isinstance(version, Silence):
        advice = f"It does not let us in ({version.trouble}): start it, or correct REDRESS_DATABASE_URL."
        return [Finding("database", "ill", found, advice=advice), _key_alone(master_key)]
    if int(version.partition(".")[0]) < OLDEST_MAJOR:
        advice = f"Redress needs PostgreSQL {OLDEST_MAJOR} or newer: move the data to such a server."
        return [Finding("database", "ill", found, version, advice), _key_alone(master_key)]
    connection = await connect(url)
    try:
        schema, needed = await schema_version(connection), len(migrations())
        findings = [Finding("database", "well", found, version), _schema(schema, needed)]
        if schema != needed:
            return [*findings, _key_alone(master_key)]
        trial = connection.transaction()
        await trial.start()
        try:
            ring = await open_key_ring(connection, master_key)
        except MasterKeyError as error:
            findings.append(Finding("master key", "ill", _place(master_key), advice=str(error)))
        else:
            findings.append(Finding("master key", "well", _place(master_key), ring.current.id))
        finally:
            await trial.rollback()
    finally:
        await connection.close()
    return findings


def _schema(schema: int, needed: int) -> Finding:
    if schema < needed:
        return Finding(
            "schema", "ill", version=str(schema), advice=f"{needed} is needed: run `redress migrate`."
        )
    if schema > needed:
        advice = (
            f"This program knows schema {needed}: run the version of Redress that wrote it, or a newer one."
        )
        return Finding("schema", "ill", version=str(schema), advice=advice)
    return Finding("schema", "well", version=str(schema))


def _key_alone(master_key: Path | bytes) -> Finding:
    """What can be said of the key while no database can be asked."""
    if isinstance(master_key, bytes) or master_key.exists():
        return Finding(
            "master key", "idle", _place(master_key), advice="It is checked once the database is ready."
        )
    return Finding(
        "master key", "idle", _place(master_key), advice="There is none yet; `redress up` makes it."
    )


def _place(master_key: Path | bytes) -> str:
    return "environment" if isinstance(master_key, bytes) else str(master_key)
