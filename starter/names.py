"""The names of `workflows.names`, for those who start things."""

from workflows.names import *  # noqa: F403
