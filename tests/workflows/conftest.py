"""A company at work on the session's servers."""

from tests.workflows.fixtures import company, house, house_template

__all__ = ["company", "house", "house_template"]
