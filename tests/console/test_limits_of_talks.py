"""The limits set for the talks are for those who set them: whoever reads the case finds them nowhere (NEG-06)."""

import pytest

from console.case.limits import file_without_limits
from console.words import Words
from tests.console.served import Site
from tests.console.test_timeline import file, notice, turn

FLOOR, CEILING = "1234.00", "4321.00"


async def a_case_with_limits(site: Site) -> str:
    """Within the policy finance would approve this offer; beyond the ceiling of the case it is the leading group."""
    house = site.house
    number = await house.open()
    for by, kind, fields in (
        ("cs_specialist-1", "register", {}),
        ("cs_specialist-1", "classify", {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple"}),
        ("cs_specialist-1", "assign", {"department": "engineering", "lead": "PROJECT_MANAGER"}),
        ("project_manager-1", "accept_handover", {}),
        ("project_manager-1", "waive_investigation", {"reason": "seen before"}),
        ("cs_director-1", "set_limits", {"floor": FLOOR, "ceiling": CEILING}),
        (
            "project_manager-1",
            "propose_solution",
            {"solution": "S1", "measures": ["repair"], "compensation": "5000.00"},
        ),
    ):
        await house.do(number, kind, by, **fields)
    refused = await house.say(number, "approve_offer", "finance-1", solution="S1", decision="approved")
    assert not refused.accepted
    return number


@pytest.mark.requirement("NEG-06")
@pytest.mark.parametrize(
    ("reader", "knows"), [("project_manager-1", False), ("auditor-1", False), ("cs_director-1", True)]
)
async def test_the_limits_are_read_by_those_who_set_them(site: Site, reader: str, knows: bool) -> None:
    number = await a_case_with_limits(site)
    client = await site.signed_in(reader)
    answer = await client.get(f"/api/v1/complaints/{number}/history", params={"words": "true"})
    turns = {one["kind"]: one for one in answer.json()["items"]}
    assert ({"floor", "ceiling"} <= turns["set_limits"]["command"].keys()) is knows
    offer = next(fact for fact in turns["propose_solution"]["facts"] if fact["kind"] == "solution_proposed")
    assert ("approver" in offer["data"]) is knows
    assert offer["data"]["compensation"] == "5000.00"
    assert ("LEADING_GROUP" in answer.text) is knows
    switches = "talk,notes,steps,deadlines,notices,refused"
    for address in (
        f"/case/{number}",
        f"/case/{number}?show={switches}",
        f"/case/{number}/timeline?show={switches}",
        f"/case/{number}/news?since=1",
        f"/case/{number}/print?internal=1",
        f"/case/{number}/do/propose_solution",
        f"/case/{number}/do/record_round",
        f"/api/v1/complaints/{number}",
        f"/api/v1/complaints/{number}/deadlines",
        f"/export?list=queue/all&q={number[-6:]}",
    ):
        told = (await client.get(address)).text
        assert not any(secret in told for secret in (FLOOR, CEILING, "1,234.00", "4,321.00")), address
    timeline = (await client.get(f"/case/{number}?show={switches}")).text
    assert ("CNY is approved by" in timeline) is knows


@pytest.mark.requirement("NEG-06")
def test_nobody_reads_who_was_asked_to_approve() -> None:
    asked = notice(1, 3).model_copy(update={"template": "approval_asked", "receiver": "LEADING_GROUP"})
    told = file_without_limits(file([turn(1, 0)], [notice(1, 2), asked]), Words("en"))
    assert [one.template for one in told.notices] == ["assigned"]
