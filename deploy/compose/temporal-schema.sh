#!/bin/sh
# Temporal's own tables, brought to the version of this tool. Repeated runs only add what is missing.
# Reads the same environment as the server: DB, DB_PORT, POSTGRES_SEEDS, POSTGRES_USER, DBNAME, VISIBILITY_DBNAME.
set -eu

SQL_PASSWORD=$(cat "${SECRETS_DIR:-/run/secrets}/temporal_password")
export SQL_PASSWORD
tool=${SQL_TOOL:-temporal-sql-tool}

schema() { # database, name of its schema
    sql() {
        "$tool" --plugin "$DB" --endpoint "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" --database "$@"
    }
    sql "$1" setup-schema --version 0.0
    sql "$1" update-schema --schema-name "postgresql/v12/$2"
}

schema "$DBNAME" temporal
schema "$VISIBILITY_DBNAME" visibility
