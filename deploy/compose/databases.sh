#!/bin/sh
# Roles and databases of one PostgreSQL server, as the secret files say. Run as its superuser, as often as you like:
# what is missing is made, passwords are set to those in the files, and nothing is ever removed.
# Where the server is and who asks comes from the PG* environment; REDRESS_ROLE names another owner of the records.
set -eu

secrets=${SECRETS_DIR:-/run/secrets}
owner=${REDRESS_ROLE:-redress}
if [ -f "$secrets/postgres_password" ]; then
    PGPASSWORD=$(cat "$secrets/postgres_password")
    export PGPASSWORD
fi

role() { # name, file with its password
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$1" --set=secret="$(cat "$2")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" LOGIN PASSWORD :'secret';
SQL
}

database() { # name, owner
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=name="$1" --set=owner="$2" <<'SQL'
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
 WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

role temporal "$secrets/temporal_password"
role "$owner" "$secrets/redress_password"
database temporal temporal
database temporal_visibility temporal
database redress "$owner"
