"""The language an asker of the API reads: Accept-Language, English where nothing is asked for."""

from starlette.requests import Request

from console.desk import desk_of
from console.words import LANGUAGES, Words

DEFAULT = "en"
#: marks a sentence that is translated where it is told
N_ = str


def asked_for(header: str) -> str:
    """The language of ours this header prefers (RFC 9110 §12.5.4)."""
    best, weight = DEFAULT, 0.0
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        wanted, quality = tag.strip().lower(), _quality(parameter)
        for language in LANGUAGES:
            same = wanted.partition("-")[0] == language.lower().partition("-")[0]
            if same and quality > weight:
                best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def words_of(request: Request) -> Words:
    """The words in which this asker is answered."""
    return desk_of(request).pages.words(asked_for(request.headers.get("accept-language", "")))
