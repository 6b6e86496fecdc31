"""Workflow modules run anew in the sandbox of every open complaint; their code is loaded once for all of them.

Each sandbox would otherwise read the module's code from its file again and keep it: a third of what an open
complaint takes in a worker's memory. What a module does when it runs is not shared, so the sandbox is as tight as ever.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

_PACKAGE = "workflows."
_loaded: dict[str, CodeType | None] = {}


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


def load_workflow_code_once() -> None:
    """From now on in this process. Safe to repeat."""
    if _WorkflowModules not in sys.meta_path:
        sys.meta_path.insert(0, _WorkflowModules)
