"""A company at work on the session's servers, and the means to hurt it."""

from tests.workflows.fixtures import company, house_template

__all__ = ["company", "house_template"]
