"""The sandbox that workflow code runs in, as tight as the SDK makes it, without two costs it need not have.

Each open complaint has a sandbox of its own, in which the workflow's module runs anew. The module's code is loaded
once for all of them; what it does when it runs is not shared. And payloads are converted the same way whatever they
belong to, so nobody need step into the sandbox to ask.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

_PACKAGE = "workflows."
_loaded: dict[str, CodeType | None] = {}


class SparingSandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox. For converters and codecs without a context of their own, and without external storage."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See `WorkflowRunner.create_instance`."""
        _load_workflow_code_once()
        return _Undisturbed(super().create_instance(det))


class _Undisturbed(WorkflowInstance):
    """A workflow in its sandbox that is not asked, several times for every payload, in which context it stands."""

    def __init__(self, within: WorkflowInstance) -> None:
        self._within = within

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._within.activate(act)

    def get_serialization_context(self, command_info: object) -> SerializationContext | None:
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> workflow.Info:
        return self._within.get_info()

    def get_thread_id(self) -> int | None:
        return self._within.get_thread_id()


class _LoadedOnce(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        if fullname not in _loaded:
            _loaded[fullname] = super().get_code(fullname)
        return _loaded[fullname]


class _WorkflowModules:
    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(_PACKAGE):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _LoadedOnce(spec.loader.name, spec.loader.path)
        return spec


def _load_workflow_code_once() -> None:
    if _WorkflowModules not in sys.meta_path:
        sys.meta_path.insert(0, _WorkflowModules)
