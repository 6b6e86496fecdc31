"""Pages from templates: Jinja with autoescape, in the reader's language, the same few names in every template."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match

from console.urgency import is_soon
from console.who import Who
from console.words import LANGUAGES, Words, language_for
from records.views.wall import reader_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
#: the cookie that keeps the language and theme of somebody who is not signed in
LANGUAGE_COOKIE, THEME_COOKIE = "language", "theme"
THEMES = ("auto", "light", "dark")


class Pages:
    """The templates, one environment a language.

    now: business time, for words like "3 h left". hotline: the telephone number customers may call, None for none.
    company: by what name customers know us; None where they are told the program's.
    """

    def __init__(
        self, now: Callable[[], datetime], hotline: str | None = None, company: str | None = None
    ) -> None:
        self._now, self._hotline, self._company = now, hotline, company
        self._words = {language: Words(language) for language in LANGUAGES}
        self._environments = {language: _environment(words) for language, words in self._words.items()}

    def words(self, language: str) -> Words:
        """The words of a language; of the nearest one there is."""
        return self._words[language_for(language)]

    def show(
        self,
        request: Request,
        who: Who | None,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> HTMLResponse:
        """The page as a response. language: of a reader who is not signed in, where it is known better than by their
        browser."""
        text = self.render(request, who, template, context, language=language)
        return HTMLResponse(text, status_code=status, headers=dict(headers or {}))

    def render(
        self,
        request: Request,
        who: Who | None,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        language: str | None = None,
    ) -> str:
        """The page, or the part of one, as text."""
        wanted = language or (who.language if who else preferred_language(request))
        words = self.words(wanted)
        now = self._now()
        theme = who.theme if who else request.cookies.get(THEME_COOKIE, "auto")
        given: dict[str, Any] = {
            "request": request,
            "who": who,
            "lang": words.language,
            "theme": theme if theme in THEMES else "auto",
            "csrf": who.csrf if who else "",
            "sees_wall": who is not None and reader_of(who.asker) is not None,
            "now": now,
            "hotline": self._hotline,
            "company": self._company,
            "back": _way_back(request),
            "is_htmx": "hx-request" in request.headers,
            "left": lambda due: words.left(due, now),
            "ago": lambda at: words.ago(at, now),
            "soon": lambda start, due: is_soon(start, due, now),
        }
        return self._environments[words.language].get_template(template).render({**given, **(context or {})})


def _way_back(request: Request) -> str:
    """Where a page is found again, with its filters, once the language or the colours are changed.

    What a refused form brought stands at an address that only takes forms: it is found where the form came from, else
    at the nearest page above it. A page that knows better says so itself.
    """
    if request.method == "GET":
        return _local(request.url)
    came_from = URL(request.headers.get("referer", ""))
    if came_from.netloc == request.url.netloc and _opens(request, came_from.path):
        return _local(came_from)
    path = request.url.path
    while path and not _opens(request, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _opens(request: Request, path: str) -> bool:
    """Whether this address is a page, and not only taken forms at."""
    asked = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)


def _local(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path


def preferred_language(request: Request) -> str:
    """The language of a reader nobody knows: their choice, else what their browser asks for, else Chinese."""
    if chosen := request.cookies.get(LANGUAGE_COOKIE):
        return language_for(chosen)
    for asked in request.headers.get("accept-language", "").split(","):
        wanted = asked.partition(";")[0].strip().lower()
        for language in LANGUAGES:
            if wanted.partition("-")[0] == language.partition("-")[0]:
                return language
    return next(iter(LANGUAGES))


@cache
def static(name: str) -> str:
    """The address of a static file, with a digest of its content, so that it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def _environment(words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals.update(
        static=static,
        words=words,
        name=words.name,
        when=words.when,
        day=words.day,
        money=words.money,
        sentence=words.sentence,
        deadline_name=words.deadline,
    )
    return environment
