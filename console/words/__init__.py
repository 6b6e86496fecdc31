"""The words of the desk in the reader's language: sentences, names of codes, times, money, refusals."""

from console.words.speaking import LANGUAGES, Words, language_for

__all__ = ["LANGUAGES", "N_", "Words", "language_for"]


def N_(message: str) -> str:  # noqa: N802  the extractors' own name for "translate later"
    """Marks a message id that is translated where it is shown, so that `make messages` finds it."""
    return message
