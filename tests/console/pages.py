"""Every page of the desk, in one list: photographed by `make screens` and judged by the tests of the looks.

A new page is one line in `PAGES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from records.links import link_token
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site
from tests.workflows.house import House

CLERK, DIRECTOR, MANAGER, STRANGER = "cs_specialist-1", "cs_director-1", "project_manager-1", None
#: sample complaints: name → how many commands of a life it has heard
SAMPLES: Mapping[str, int] = {"new": 0, "registered": 1, "classified": 2, "working": 4, "offered": 7, "asked": len(TO_FEEDBACK)}  # fmt: skip
#: what customers say, so that no two samples look alike
_SAID = (
    ("林女士", "3-1-1201", "厨房漏水，修了三次还在漏，橱柜已经发霉。"),
    ("王建国", "5-2-0301", "收房时阳台栏杆松动，要求在入住前加固。"),
    (
        "Sarah Lindqvist",
        "1-1-0702",
        "The lift has been out of order for nine days; my mother cannot leave the flat.",
    ),
    ("周敏", "8-3-1505", "样板间承诺的中央空调，交付时变成了分体机。"),
    ("赵志强", "2-2-0904", "地下车库入口积水，车辆无法进出。"),
    ("陈晓燕", "6-1-0402", "主卧窗户密封不严，雨天渗水，木地板起鼓。"),
)


@dataclass(frozen=True)
class Shown:
    """A page: its name, its address, and whoever opens it. `{asked}` in an address is that sample's number."""

    name: str
    address: str
    user: str | None = CLERK
    status: int = 200


PAGES = (
    Shown("sign-in", "/sign-in", STRANGER),
    Shown("queue-mine", "/queue/mine"),
    Shown("queue-all", "/queue/all", DIRECTOR),
    Shown("queue-nothing", "/queue/proceedings"),
    Shown("queue-found", "/queue/all?q=nothing-is-called-like-this", DIRECTOR, 200),
    Shown("queue-filters", "/queue/all/filters", DIRECTOR),
    Shown("case-new", "/case/{new}"),
    Shown("case-working", "/case/{working}", MANAGER),
    Shown("case-asked", "/case/{asked}"),
    Shown("case-print", "/case/{asked}/print"),
    Shown("customer-link", "/case/{asked}/customer-link"),
    Shown("files", "/case/{working}/files"),
    Shown("do-register", "/case/{new}/do/register"),
    Shown("do-classify", "/case/{registered}/do/classify"),
    Shown("do-assign", "/case/{classified}/do/assign"),
    Shown("do-respond", "/case/{working}/do/record_response"),
    Shown("do-solution", "/case/{working}/do/propose_solution", MANAGER),
    Shown("do-agreement", "/case/{offered}/do/record_agreement", MANAGER),
    Shown("do-feedback", "/case/{asked}/do/record_feedback"),
    Shown("intake", "/intake"),
    Shown("intake-slip", "/intake/{new}/slip"),
    Shown("process", "/process"),
    Shown("wall", "/wall", DIRECTOR),
    Shown("wall-list", "/wall/list/open_now", DIRECTOR),
    Shown("bulk", "/bulk?number={new}&number={asked}&kind=assign", DIRECTOR),
    Shown("jobs", "/jobs", DIRECTOR),
    Shown("inbox", "/inbox"),
    Shown("me", "/me"),
    Shown("duties", "/duties"),
    Shown("status", "/s/{status}", STRANGER),
    Shown("feedback", "/f/{feedback}", STRANGER),
    Shown("not-there", "/case/1999-000001", CLERK, 404),
)


async def samples(house: House, site: Site) -> dict[str, str]:
    """The sample complaints, opened and led on: name → number, and the tokens of a customer's two links."""
    found: dict[str, str] = {}
    for (name, steps), (customer, unit, text) in zip(SAMPLES.items(), _SAID, strict=True):
        found[name] = number = await house.open(name=customer, unit=unit, text=text)
        for by, kind, fields in TO_FEEDBACK[:steps]:
            await house.do(number, kind, by, **_told(kind, fields))
    office = site.desk.office
    async with office.pool.acquire() as connection:
        found["status"] = await link_token(connection, office.texts, found["offered"], "status", 0)
        found["feedback"] = await link_token(connection, office.texts, found["asked"], "feedback", 1)
    return found


def _told(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same commands, in words that people would use."""
    if kind == "propose_solution":
        return {**fields, "measures": ["拆开橱柜，更换给水管接头并做闭水试验。", "更换受潮的橱柜底板。"]}
    if kind == "waive_investigation":
        return {**fields, "reason": "维修人员上次已查明：给水管接头渗漏。"}
    return dict(fields)
