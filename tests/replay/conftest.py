"""A company on the session's servers, for the lane that replays every task."""

from tests.workflows.fixtures import company, house_template

__all__ = ["company", "house_template"]
