"""What stands beside a case: the complaints of the same customer, as far as the reader may read them."""

import pytest

from domain.roles import reach_of
from records.db import Connection
from records.organisation import asker
from records.views.casefile import case_file
from tests.records.office import RECEIVED, H, Office


@pytest.mark.requirement("ORG-08")
async def test_what_the_reader_may_not_read_takes_no_place_among_the_related(
    office: Office, connection: Connection
) -> None:
    """Twenty newer complaints of the customer about the director do not push the one out that the director may read."""
    older, number = await office.open(), await office.open()
    for _ in range(20):
        about = await office.open(at=RECEIVED + H, received_at=RECEIVED + H)
        said = await office.say(
            about, "register", "cs_specialist-1", RECEIVED + H, about_person="cs_director-1"
        )
        assert said.accepted
    director, clerk = [
        await case_file(connection, number, reach_of(await asker(connection, user, RECEIVED)))
        for user in ("cs_director-1", "cs_specialist-1")
    ]
    assert director is not None
    assert clerk is not None
    assert [one.complaint.number for one in director.related] == [older]
    assert len(clerk.related) == 20
