"""One plugin carries converter, codec, sandbox policy and interceptors to client, worker and replayer alike."""

from collections.abc import Mapping
from dataclasses import replace

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.worker.workflow_sandbox import SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from starter.codec import EncryptionCodec
from starter.sandbox import SparingSandbox
from workflows.interceptors import CleanUpdates

#: Pure modules of ours that workflows share; their purity is held by a test, not by the sandbox.
_OURS = ("domain", "workflows.asked", "workflows.names", "workflows.interceptors", "zoneinfo", "heapq")


def redress_plugin(keys: Mapping[str, bytes] | None) -> SimplePlugin:
    """The plugin; without keys payloads travel in the clear (tests of histories only)."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(
        *_OURS
    ).with_import_notification_policy(
        SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
        | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
    return SimplePlugin(
        "redress",
        data_converter=_converter(keys),
        interceptors=[CleanUpdates()],
        workflow_runner=SparingSandbox(restrictions=restrictions),
    )


def _converter(keys: Mapping[str, bytes] | None) -> DataConverter:
    if keys is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
