"""The translations, read from the `.po` files when they are first asked for.

Below `locale/<language>/` lie `LC_MESSAGES/*.po` and `parts/*.po`; where two translate the same message, the first in
the order of their paths counts. Fuzzy and empty entries count as not translated.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
#: language → the folder of its files
FOLDERS: Mapping[str, str] = {"zh-CN": "zh_CN", "en": "en"}

#: (context or "", message id) → its forms: one, or one for each plural
Key = tuple[str, str]


def files(language: str) -> list[Path]:
    """The files of a language, in the order in which they count."""
    return sorted((LOCALE / FOLDERS[language]).glob("*/*.po"))


def read(path: Path) -> Catalog:
    """One file, whole. Raises babel's PoFileError naming the line."""
    return read_po(BytesIO(path.read_bytes()), abort_invalid=True)


def translated(catalog: Catalog) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """Each translated message of a file with its forms."""
    for message in catalog:
        if message.id and not message.fuzzy and (forms := _forms(message)):
            yield key_of(message), forms


def key_of(message: Message) -> Key:
    """By which a message is found; of a plural, the singular."""
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    told = message.string
    forms = (told,) if isinstance(told, str) else tuple(told or ())
    return forms if all(forms) else ()


@cache
def translations(language: str) -> Mapping[Key, tuple[str, ...]]:
    """Every translation of a language."""
    found: dict[Key, tuple[str, ...]] = {}
    for path in files(language):
        for key, forms in translated(read(path)):
            found.setdefault(key, forms)
    return found
