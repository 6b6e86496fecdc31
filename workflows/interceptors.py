"""An unexpected error in an update fails that update and not the complaint.

Left alone, a plain exception in an update handler fails the workflow task for ever: every later command would
wait. Here it becomes a failed update with its type, and the conversation goes on.
"""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from workflows import names


class _CleanFailures(WorkflowInboundInterceptor):
    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        try:
            return await super().handle_update_handler(input)
        except FailureError:
            raise
        except Exception as fault:
            workflow.logger.exception("An update failed unexpectedly", extra={"update": input.update})
            raise ApplicationError(
                "A fault of ours; nothing was recorded. Please try again.", type=names.FAULT
            ) from fault


class CleanUpdates(Interceptor):
    """Installs the conversion on every workflow of a worker or replayer."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        return _CleanFailures
