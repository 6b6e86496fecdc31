"""Tools of the project itself: its environment, its locks and its drawn documents. Never imported by what runs."""

from pathlib import Path

#: The project's own folder.
ROOT = Path(__file__).resolve().parent.parent
