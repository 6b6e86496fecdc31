#!/bin/sh
# The server knows its password from the environment alone; it is put there from the secret file, for this process only.
set -eu

POSTGRES_PWD=$(cat /run/secrets/temporal_password)
TEMPORAL_BROADCAST_ADDRESS=$(hostname -i | cut -d ' ' -f 1)
export POSTGRES_PWD TEMPORAL_BROADCAST_ADDRESS
exec temporal-server --allow-no-auth start
