"""What `redress doctor` says of one part."""

from dataclasses import dataclass
from typing import Literal

#: well: works. idle: not there, and nothing is wrong with that. ill: needs a person, who is told what to do.
State = Literal["well", "idle", "ill"]


@dataclass(frozen=True)
class Finding:
    """One part: how it is, where it was found, which version, and one sentence on what to do when something is."""

    part: str
    state: State
    found: str = ""
    version: str = ""
    advice: str = ""
