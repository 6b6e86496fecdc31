"""What every page of a console process works with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from console.files import Files
from console.live.hub import Hub
from console.showing import Pages
from records.office import Office
from starter.complaints import FrontDoor
from starter.settings import Settings


@dataclass(frozen=True)
class Desk:
    """One process's desk. files: where photos and papers lie. hub: who is told when a complaint has moved."""

    door: FrontDoor
    settings: Settings
    pages: Pages
    files: Files
    hub: Hub

    @property
    def office(self) -> Office:
        """The records."""
        return self.door.office

    def now(self) -> datetime:
        """Business time, UTC."""
        return self.door.now()


def desk_of(connection: HTTPConnection) -> Desk:
    """The desk this application was made for."""
    desk: Desk = connection.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
