"""Where Redress keeps what it must not lose on this machine, and settings, for parts that fail with one sentence."""

import os
from collections.abc import Mapping

from embedded.processes import PartError
from starter import settings
from starter.settings import home_directory

__all__ = ["home_directory", "setting"]


def setting(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """`starter.settings.setting`, with PartError for a file that cannot be read."""
    try:
        return settings.setting(name, environ)
    except settings.SettingError as error:
        raise PartError(str(error)) from error
