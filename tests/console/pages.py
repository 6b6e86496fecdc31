"""Every page of the desk, in one list: photographed by `make screens` and judged by the tests of the looks.

A new page is one line in `PAGES`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect

from console.showing import LANGUAGE_COOKIE
from records.links import link_token
from records.master import import_units
from tests.console.lives import TO_FEEDBACK
from tests.console.served import Site
from tests.workflows.house import House

CLERK, DIRECTOR, MANAGER, LEGAL, STRANGER = (
    "cs_specialist-1",
    "cs_director-1",
    "project_manager-1",
    "legal-1",
    None,
)
Step = tuple[str, str, dict[str, Any]]
#: the first answer of a person, after registering; what was told of the offer and its item stands in `_told`
_ANSWERED: Step = (
    CLERK,
    "record_response",
    {"channel": "telephone", "effective": True, "text": "已收到，明天上午九点维修人员上门查看。"},
)
_LED: tuple[Step, ...] = (TO_FEEDBACK[0], _ANSWERED, *TO_FEEDBACK[1:])
_TALKED = 7
#: no agreement in the first round, so that another forum may be asked
_DISAGREED: tuple[Step, ...] = (
    *_LED[:_TALKED],
    (MANAGER, "record_round", {"round": 1, "solution": "S1", "reply": "partly"}),
)
#: sample complaints: name → the commands of a life they have heard
SAMPLES: Mapping[str, Sequence[Step]] = {
    "new": (),
    "registered": TO_FEEDBACK[:1],
    "classified": TO_FEEDBACK[:2],
    "working": (*_LED[:5], (CLERK, "make_promise", {"promise": "P1", "what": "周五前把渗漏原因告诉客户", "due": "+4"})),
    "proposed": (*_LED[:_TALKED], (MANAGER, "record_round", {"round": 1, "solution": "S1", "reply": "pending"})),
    "offered": _LED[:8],
    "asked": _LED,
    "agreed": _LED[:9],
    "answered": (*_LED, (CLERK, "record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": True, "score": 5})),
    "unhappy": (
        *_LED,
        (CLERK, "record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": False, "score": 2, "opinions": "下雨天还会渗。"}),
    ),
    "again": (
        *_LED,
        (CLERK, "record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": False, "score": 1}),
        (CLERK, "open_second_handling", {"further_demand": "橱柜也要换新的。"}),
    ),
    "held": (
        *_LED[:5],
        (CLERK, "hold", {"reason": "业主出差，回来后约时间。", "waiting_for": "customer", "until": "+5"}),
    ),
    "hazard": (
        *_LED[:4],
        (CLERK, "set_flag", {"flag": "HAZARD", "value": True, "reason": "水流进了插座。"}),
        (CLERK, "link_to_group", {"group": "2026-0007", "consent": True}),
        (DIRECTOR, "set_flag", {"flag": "GROUP", "value": True, "reason": "十户提出同一诉求。"}),
    ),
    "mediating": (
        *_DISAGREED,
        (DIRECTOR, "fail_negotiation", {"reason": "三轮谈判没有结果。"}),
        (CLERK, "start_mediation", {"subkind": "institution"}),
    ),
    "arbitrating": (
        *_DISAGREED,
        (LEGAL, "choose_forum", {"forum": "ARBITRATION", "reason": "合同第十九条", "arbitration_agreement": "第十九条", "approved_by": "LEADING_GROUP"}),
        (LEGAL, "submit_arbitration", {"filed_by": "company", "subkind": "outside_body"}),
    ),
    "litigating": (*_DISAGREED, (LEGAL, "file_or_register_suit", {"filed_by": "customer", "ground": "质量"})),
    "overdue": (),
}  # fmt: skip
#: what customers say and where they live, so that no two samples look alike
_SAID = (
    ("林女士", "000-0000-0001", "3-1-1201", "厨房漏水，修了三次还在漏，橱柜已经发霉。"),
    ("王建国", "000-0000-0002", "5-2-0301", "收房时阳台栏杆松动，要求在入住前加固。"),
    (
        "Sarah Lindqvist",
        "000-0000-0003",
        "1-1-0702",
        "The lift has been out of order for nine days; my mother cannot leave the flat.",
    ),
    ("周敏", "000-0000-0004", "8-3-1505", "样板间承诺的中央空调，交付时变成了分体机。"),
    ("赵志强", "000-0000-0005", "2-2-0904", "地下车库入口积水，车辆无法进出。"),
    ("陈晓燕", "000-0000-0006", "6-1-0402", "主卧窗户密封不严，雨天渗水，木地板起鼓。"),
)
#: the master data know all homes but one
_UNITS = """project,project_name,line,building,unit,handed_over_on,warranty_until
JLY,示例·锦澜苑,sales,3,3-1-1201,2024-06-30,2029-06-30
JLY,示例·锦澜苑,sales,1,1-1-0702,2020-05-10,2025-05-10
JLY,示例·锦澜苑,sales,8,8-3-1505,2026-09-01,2031-09-01
JLY,示例·锦澜苑,sales,2,2-2-0904,2023-03-15,2028-03-15
JLY,示例·锦澜苑,sales,6,6-1-0402,2022-11-20,2027-11-20
"""


@dataclass(frozen=True)
class Shown:
    """A page: its name, its address, and whoever opens it. `{asked}` in an address is that sample's number.

    pressed: a button of the page at the address, whose answer is the page that is meant; typed: what stands in its
    fields by then, by selector. A choice that is named is made.
    """

    name: str
    address: str
    user: str | None = CLERK
    status: int = 200
    pressed: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


PAGES = (
    Shown("sign-in", "/sign-in", STRANGER),
    Shown("sign-in-error", "/sign-in", STRANGER, 422, "main form button", {"#user": "somebody"}),
    Shown("queue-mine", "/queue/mine"),
    Shown("queue-all", "/queue/all", DIRECTOR),
    Shown("queue-nothing", "/queue/approvals"),
    Shown("queue-proceedings", "/queue/proceedings"),
    Shown("queue-found", "/queue/all?q=nothing-is-called-like-this", DIRECTOR, 200),
    Shown("queue-filters", "/queue/all/filters", DIRECTOR),
    Shown("tags", "/tags", DIRECTOR),
    Shown("case-new", "/case/{new}"),
    Shown("case-working", "/case/{working}", MANAGER),
    Shown("case-done", "/case/{asked}?said=decide_review&turn=12", DIRECTOR),
    Shown("case-asked", "/case/{asked}"),
    Shown("case-held", "/case/{held}"),
    Shown("case-overdue", "/case/{overdue}"),
    Shown("case-hazard", "/case/{hazard}"),
    Shown("case-again", "/case/{again}"),
    Shown("case-mediating", "/case/{mediating}", LEGAL),
    Shown("case-arbitrating", "/case/{arbitrating}", LEGAL),
    Shown("case-litigating", "/case/{litigating}", LEGAL),
    Shown("case-why", "/case/{new}/why?deadline=1:first_response_hours"),
    Shown("case-print", "/case/{asked}/print"),
    Shown("case-print-all", "/case/{litigating}/print?internal=1"),
    Shown(
        "case-write-late",
        "/case/{working}",
        CLERK,
        409,
        "#composer .composer-foot button",
        {"#mode-public": "", "#text-public": "明天上午九点我们到现场。", "#composer [name=turn]": "1"},
    ),
    Shown("case-tags", "/case/{working}/tags"),
    Shown("customer-link", "/case/{asked}/customer-link"),
    Shown("files", "/case/{working}/files"),
    Shown("do-register", "/case/{new}/do/register"),
    Shown("do-correct", "/case/{new}/do/correct"),
    Shown("do-classify", "/case/{registered}/do/classify"),
    Shown("do-assign", "/case/{classified}/do/assign"),
    Shown("do-respond", "/case/{working}/do/record_response"),
    Shown("do-promise", "/case/{working}/do/make_promise"),
    Shown("do-hold", "/case/{working}/do/hold"),
    Shown("do-visit", "/case/{working}/do/plan_visit", MANAGER),
    Shown("do-opinion", "/case/{working}/do/request_opinion"),
    Shown("do-solution", "/case/{working}/do/propose_solution", MANAGER),
    Shown("do-agreement", "/case/{offered}/do/record_agreement", MANAGER),
    Shown("do-item", "/case/{agreed}/do/complete_item", MANAGER),
    Shown("do-session", "/case/{mediating}/do/record_session"),
    Shown("do-decision", "/case/{arbitrating}/do/record_decision", LEGAL),
    Shown("do-judgment", "/case/{litigating}/do/record_judgment", LEGAL),
    Shown("do-feedback", "/case/{asked}/do/record_feedback"),
    Shown("do-follow-up", "/case/{answered}/do/record_follow_up"),
    Shown("do-group", "/case/{working}/do/link_to_group"),
    Shown("intake", "/intake"),
    Shown("intake-slip", "/intake/{new}/slip"),
    Shown("process", "/process"),
    Shown("wall", "/wall", DIRECTOR),
    Shown("wall-error", "/wall?from=9999-12-01&to=9999-12-31&type=-", DIRECTOR),
    Shown("wall-list", "/wall/list/open_now", DIRECTOR),
    Shown("wall-shares", "/wall/list/first_response?days=90", DIRECTOR),
    Shown("bulk", "/bulk?number={new}&number={asked}&kind=assign", DIRECTOR),
    Shown(
        "bulk-preview",
        "/bulk?number={new}&number={asked}&number={held}&kind=add_note",
        DIRECTOR,
        200,
        "details[open] form .btn-primary",
        {"#add_note-text": "请在周五前回访。"},
    ),
    Shown("jobs", "/jobs", DIRECTOR),
    Shown("job", "/jobs/{job}", DIRECTOR),
    Shown("inbox", "/inbox"),
    Shown("me", "/me"),
    Shown(
        "me-token",
        "/me",
        CLERK,
        201,
        "form[action='/me/tokens'] button",
        {"form[action='/me/tokens'] [name=name]": "screens"},
    ),
    Shown("duties", "/duties"),
    Shown("status", "/s/{status}", STRANGER),
    Shown("status-thanks", "/s/{status}?thanks=added", STRANGER),
    Shown("status-error", "/s/{status}", STRANGER, 422, "#add form button"),
    Shown("status-proposed", "/s/{status_proposed}", STRANGER),
    Shown("status-asked", "/s/{status_asked}", STRANGER),
    Shown("feedback", "/f/{feedback}", STRANGER),
    Shown("feedback-given", "/f/{given}", STRANGER),
    Shown("not-there", "/case/1999-000001", CLERK, 404),
    Shown("not-theirs", "/wall", CLERK, 403),
    Shown("not-understood", "/export?list=wall&format=pdf", DIRECTOR, 422),
)
#: puts the fields and presses the button, as a person without a script would
_PRESS = """([fields, where]) => {
  for (const [selector, value] of Object.entries(fields)) {
    const field = document.querySelector(selector);
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = true; else field.value = value;
  }
  const button = document.querySelector(where);
  button.form.noValidate = true;
  button.form.requestSubmit(button);
}"""


async def go(page: Page, site: Site, shown: Shown, sample: Mapping[str, str], language: str = "zh-CN") -> int:
    """Open the page that is meant, with all it fetches by itself; the status it came with.

    language: what a stranger has chosen for customers' pages.
    """
    if shown.user is STRANGER:
        await page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": site.url}])
    answer = await page.goto(site.url + shown.address.format(**sample))
    if shown.pressed:
        async with page.expect_navigation() as navigated:
            await page.evaluate(_PRESS, [dict(shown.typed), shown.pressed])
        answer = await navigated.value
    await expect(page.locator(".htmx-request")).to_have_count(0, timeout=30_000)
    return answer.status if answer else 0


async def samples(house: House, site: Site) -> dict[str, str]:
    """The sample complaints, opened and led on: name → number; the tokens of customers' links, and a job."""
    found: dict[str, str] = {}
    now, office = site.desk.now(), site.desk.office
    async with office.pool.acquire() as connection:
        await import_units(connection, _UNITS.encode(), "units.csv")
    for place, (name, steps) in enumerate(SAMPLES.items()):
        customer, contact, unit, text = _SAID[place % len(_SAID)]
        received = now - timedelta(days=9 if name == "overdue" else 0)
        found[name] = number = await house.open(
            name=customer,
            contact=contact,
            unit=unit,
            text=text,
            received_at=received,
            language="en" if text.isascii() else "zh-CN",
        )
        for by, kind, fields in steps:
            await house.do(number, kind, by, **_told(kind, fields, site))
    async with office.pool.acquire() as connection:
        found["status"] = await link_token(connection, office.texts, found["offered"], "status", 0)
        found["status_proposed"] = await link_token(connection, office.texts, found["proposed"], "status", 0)
        found["status_asked"] = await link_token(connection, office.texts, found["asked"], "status", 0)
        found["feedback"] = await link_token(connection, office.texts, found["asked"], "feedback", 1)
        found["given"] = await link_token(connection, office.texts, found["answered"], "feedback", 1)
    found["job"] = "5" * 32
    order = {"key": found["job"], "kind": "add_note", "text": "请在周五前回访。"}
    director = await site.signed_in(DIRECTOR)
    started = await director.post("/bulk/start", data={**order, "numbers": f"{found['new']} {found['held']}"})
    assert started.status_code == 200
    return found


def _told(kind: str, fields: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """The same commands, in words that people would use; "+5" is in five days."""
    if kind == "propose_solution":
        return {**fields, "measures": ["拆开橱柜，更换给水管接头并做闭水试验。", "更换受潮的橱柜底板。"]}
    if kind == "waive_investigation":
        return {**fields, "reason": "维修人员上次已查明：给水管接头渗漏。"}
    if kind == "record_agreement":
        agreed = {"what": "更换给水管接头和橱柜底板", "due": _in_days(10, site)}
        return {**fields, "items": [{**item, **agreed} for item in fields["items"]]}
    return {
        name: _in_days(int(value), site) if name in ("until", "due") else value
        for name, value in fields.items()
    }


def _in_days(days: int, site: Site) -> str:
    return (site.desk.now() + timedelta(days=days)).isoformat()
