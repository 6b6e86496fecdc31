"""The command line `redress`: every verb of the product for people at a terminal and for scripts.

Here alone the parts are put together: these modules may import what lies above the front door (workers, embedded).
Heavy modules are imported where they are used, so that `redress --help` is quick.
"""

from starter.cli.app import main

__all__ = ["main"]
