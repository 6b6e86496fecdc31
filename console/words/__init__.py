"""The words of the desk in the reader's language: sentences, names of codes, times, money, refusals."""

from console.words.speaking import LANGUAGES, Words, language_for

__all__ = ["LANGUAGES", "Words", "language_for"]
