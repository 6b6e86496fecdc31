"""The connection to Temporal: the standard TEMPORAL_* environment and profiles, with our plugin on the client."""

import os
from collections.abc import Mapping

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from starter import codec
from starter.plugin import redress_plugin
from starter.settings import Settings
from workflows import names

_DEFAULT_ADDRESS = "127.0.0.1:7233"


class TemporalUnreachable(Exception):
    """The Temporal server cannot be reached; the message says where it was looked for."""


def codec_keys(settings: Settings) -> dict[str, bytes]:
    """The namespace key ring; made on the first local run. Raises CodecKeyError."""
    if settings.may_create_keys:
        return codec.local_ring(settings.codec_keys)
    return codec.read_ring(settings.codec_keys)


async def connect(
    settings: Settings,
    *,
    runtime: Runtime | None = None,
    environ: Mapping[str, str] = os.environ,
    namespace: str | None = None,
    lazy: bool = False,
) -> Client:
    """A client of ours. lazy: reach the server at the first call only, so that what needs none works without.

    Raises TemporalUnreachable, CodecKeyError.
    """
    config = dict(ClientConfig.load_client_connect_config(override_env_vars=dict(environ)))
    config.setdefault("target_host", _DEFAULT_ADDRESS)
    if namespace or "namespace" not in config:
        config["namespace"] = namespace or names.NAMESPACE
    try:
        return await Client.connect(
            **config,  # type: ignore[arg-type]
            plugins=[redress_plugin(codec_keys(settings))],
            runtime=runtime,
            lazy=lazy,
        )
    except (RPCError, RuntimeError, OSError) as error:
        raise TemporalUnreachable(f"Temporal cannot be reached at {config['target_host']}.") from error
