"""Reply templates for the composer, in the customer's language (SLA-08)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from console.words import language_for


@dataclass(frozen=True)
class Reply:
    """A template: its name and its text by language, with the variables {number} {customer} {person} {due}."""

    id: str
    name: Mapping[str, str]
    text: Mapping[str, str]

    def filled(self, language: str, values: Mapping[str, str]) -> str:
        """The text in a language with its variables filled in; braces in the values stay what they are."""
        told = self.text[language_for(language)]
        for variable, value in values.items():
            told = told.replace(f"{{{variable}}}", value)
        return told


@cache
def replies() -> Mapping[str, Reply]:
    """All templates by id, in the order in which they are offered."""
    listed = yaml.safe_load((Path(__file__).parent / "replies.yaml").read_text(encoding="utf-8"))
    return {name: Reply(name, one["name"], one["text"]) for name, one in listed.items()}
