"""The HTTP API: the same door as the desk's, for other systems (docs/api.md)."""

from console.api.app import make_api, mounted
from console.api.health import Metered, root_routes

__all__ = ["Metered", "make_api", "mounted", "root_routes"]
