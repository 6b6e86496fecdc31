"""A session for a test, made as the sign-in page makes it once somebody has proven who they are."""

from console.desk import Desk
from console.signing.sessions import csrf_of, let_in, session_cookie
from records.accounts import set_language, set_theme


async def session_of(
    desk: Desk, user: str, language: str = "en", theme: str = "light"
) -> tuple[str, str, str]:
    """The cookie's name, its value, and the csrf value that goes with it."""
    async with desk.office.pool.acquire() as connection:
        await set_language(connection, user, language)
        await set_theme(connection, user, theme)
    token = await let_in(desk, user, "password", address="127.0.0.1", agent="test")
    return session_cookie(desk), token, csrf_of(token)
