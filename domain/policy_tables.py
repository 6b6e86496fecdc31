"""The shapes of those policy values that are more than one number: limits, routes, ladders, lists of names.

Only shapes live here; the values stand in `policies/*.yaml` with their origin. Every shape refuses what it does
not know. Money is a Decimal in CNY written as a string, wall times are written "09:00".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    model_validator,
)

from domain.calendar import at_wall_time, minutes_of, wall_time
from domain.codes import (
    OPEN,
    Cause,
    Channel,
    ComplaintType,
    Department,
    Origin,
    Receiver,
    Result,
    Role,
    Severity,
    Stage,
    TippingPoint,
)

T = TypeVar("T")


class Table(BaseModel):
    """What all shapes share: frozen, and nothing unknown gets in."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _money(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError(f"money is a decimal string such as '20000.00', not {value!r}")
    return value


def _time_of_day(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str):
        raise ValueError(f'a time of day is written in quotes as "09:00", not {value!r}')
    minutes = minutes_of(value)
    if minutes == 24 * 60:
        raise ValueError("a time of day is earlier than 24:00")
    return time(*divmod(minutes, 60))


def _once(values: Iterable[Hashable], what: str) -> None:
    seen: set[Hashable] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{what} {value} stands twice")
        seen.add(value)


Text = Annotated[str, Field(min_length=1, max_length=1000)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
#: CNY, not negative, at most two decimals.
Money = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, max_digits=15, decimal_places=2)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Count = Annotated[StrictInt, Field(ge=0, le=10_000_000_000)]
Amount = Annotated[StrictInt, Field(ge=1, le=10_000_000)]
Percent = Annotated[StrictInt, Field(ge=0, le=100)]


class Name(Table):
    """A code with its name in both languages."""

    code: Code
    zh: Text
    en: Text


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    """At least one; asked after the items, so that a wrong item is not reported as a missing one too."""
    if not values:
        raise ValueError("at least one is wanted")
    return values


def _codes_once(names: tuple[Name, ...]) -> tuple[Name, ...]:
    _once((name.code for name in names), "the code")
    return names


Names = Annotated[tuple[Name, ...], AfterValidator(_some), AfterValidator(_codes_once)]


class Days(Table):
    """Days by severity (CLS-08)."""

    simple: Amount
    complex: Amount


class HandlingDays(Days):
    """The handling period by severity, where wanted also by type (SLA-04). A bare number stands for both severities."""

    by_type: dict[ComplaintType, Days] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _both(cls, value: object) -> object:
        return {"simple": value, "complex": value} if isinstance(value, int) else value

    def days(self, of_type: ComplaintType, severity: Severity) -> int:
        """The days for a complaint of that type and severity."""
        row = self.by_type.get(of_type, self)
        return row.simple if severity is Severity.SIMPLE else row.complex


def _approver(value: object) -> Role | Receiver:
    if value == Receiver.LEADING_GROUP:
        return Receiver.LEADING_GROUP
    if not isinstance(value, str) or value not in set(Role):
        raise ValueError(f"a role or LEADING_GROUP approves, not {value!r}")
    return Role(value)


Approver = Annotated[Role | Receiver, PlainValidator(_approver)]


class ApprovalLimit(Table):
    """Who approves compensation `above` one amount and `up_to` another, both in CNY (NEG-07)."""

    above: Money | None = None
    up_to: Money | None = None
    by: Approver


def _without_gap(limits: tuple[ApprovalLimit, ...]) -> tuple[ApprovalLimit, ...]:
    first, last = limits[0], limits[-1]
    if first.above:
        raise ValueError(f"amounts up to {first.above} have nobody to approve them")
    if last.up_to is not None:
        raise ValueError(
            f"amounts above {last.up_to} have nobody to approve them; the last limit has no up_to"
        )
    for lower, upper in pairwise(limits):
        if lower.up_to is None or lower.up_to != upper.above:
            raise ValueError(
                f"each limit starts above the amount where the one before ends: {lower.up_to} and {upper.above}"
            )
        if upper.up_to is not None and upper.up_to <= lower.up_to:
            raise ValueError(f"limits rise: {upper.up_to} comes after {lower.up_to}")
    return limits


ApprovalLimits = Annotated[tuple[ApprovalLimit, ...], AfterValidator(_some), AfterValidator(_without_gap)]


class Route(Table):
    """Which department takes a type of complaint, and which role leads there (CLS-04)."""

    department: Department
    lead: Role


def _all_types(by_type: dict[ComplaintType, T]) -> dict[ComplaintType, T]:
    if missing := [kind.value for kind in ComplaintType if kind not in by_type]:
        raise ValueError(f"every type needs its line; missing: {', '.join(missing)}")
    return by_type


Routing = Annotated[dict[ComplaintType, Route], AfterValidator(_all_types)]
YesNoByType = Annotated[dict[ComplaintType, StrictBool], AfterValidator(_all_types)]


class Rung(Name):
    """A rung of the ladder, and the stage in which a complaint stands on it (LIF-02)."""

    stage: Stage


class Guard(Name):
    """A rule of the ladder with its reason in both languages and the article it rests on."""

    article: str = ""


class Ladder(Table):
    """The rungs in the order they are climbed, and the guards on the way."""

    rungs: Annotated[tuple[Rung, ...], AfterValidator(_some), AfterValidator(_codes_once)]
    guards: Annotated[tuple[Guard, ...], AfterValidator(_codes_once)] = ()


class Topic(Name):
    """A topic to choose from, with the type it mostly belongs to (CLS-11)."""

    type: ComplaintType | None = None


class Taxonomy(Table):
    """The names of types and causes, and the lists a classification chooses from (CLS-01 to CLS-13)."""

    types: Names
    causes: Names
    origins: Names
    tipping_points: Names
    consequences: Names
    topics: Annotated[tuple[Topic, ...], AfterValidator(_some), AfterValidator(_codes_once)]

    @model_validator(mode="after")
    def _every_code_named(self) -> Self:
        for names, codes in (
            (self.types, ComplaintType),
            (self.causes, Cause),
            (self.origins, Origin),
            (self.tipping_points, TippingPoint),
        ):
            given, wanted = {name.code for name in names}, {str(code) for code in codes}
            if given != wanted:
                raise ValueError(
                    f"exactly these codes are named: {', '.join(sorted(wanted))}; given: {', '.join(sorted(given))}"
                )
        return self


class ChannelName(Table):
    """A channel that is open, with its name (INT-01)."""

    code: Channel
    zh: Text
    en: Text


def _channels_once(channels: tuple[ChannelName, ...]) -> tuple[ChannelName, ...]:
    if len(channels) < 2:
        raise ValueError("more than one channel is open (INT-01)")
    _once((channel.code for channel in channels), "the channel")
    return channels


Channels = Annotated[tuple[ChannelName, ...], AfterValidator(_channels_once)]
MediatorKinds = tuple[Literal["internal", "person", "institution"], ...]
Results = tuple[Result, ...]


class QuietHours(Table):
    """The hours, in the receiver's zone, in which a customer is sent nothing; they may pass midnight (SLA-07)."""

    begin: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")

    def release(self, at: datetime, zone: str) -> datetime:
        """The first instant from `at` (aware) on at which a notice may go out, in UTC."""
        wall = wall_time(at, zone)
        now = wall.time()
        if self.begin <= self.end:
            quiet, same_day = self.begin <= now < self.end, True
        else:
            quiet, same_day = now >= self.begin or now < self.end, now < self.end
        if not quiet:
            return at.astimezone(UTC)
        day = wall.date() if same_day else wall.date() + timedelta(days=1)
        return at_wall_time(datetime.combine(day, self.end), zone)


class Step(Table):
    """A step of the published method, with the stages it stands for (LIF-11)."""

    zh: Text
    en: Text
    stages: Annotated[tuple[Stage, ...], AfterValidator(_some)]


def _stages_once(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    shown = [stage for step in steps for stage in step.stages]
    _once(shown, "the stage")
    if missing := [stage.value for stage in (*OPEN, Stage.ARCHIVED) if stage not in shown]:
        raise ValueError(f"every stage belongs to a step; missing: {', '.join(missing)}")
    return steps


Steps = Annotated[tuple[Step, ...], AfterValidator(_stages_once)]


class Duty(Table):
    """What a role has to do in a stage, shown to its holder (ORG-06)."""

    role: Role
    stage: Stage
    zh: Text
    en: Text


def _duties_once(duties: tuple[Duty, ...]) -> tuple[Duty, ...]:
    _once(((duty.role.value, duty.stage.value) for duty in duties), "the duty of")
    return duties


Duties = Annotated[tuple[Duty, ...], AfterValidator(_duties_once)]


class LegalPeriod(Name):
    """A period the law names, proposed in the form of LEGAL and never applied by itself."""

    months: Count = 0
    days: Count = 0
    article: Text


LegalPeriods = Annotated[tuple[LegalPeriod, ...], AfterValidator(_codes_once)]


class GroupThreshold(Table):
    """So many cases of one project and topic within so many days suggest a group (GRP-01)."""

    cases: Annotated[StrictInt, Field(ge=2)]
    days: Amount


class FeedbackScore(Table):
    """The scale of a score, best last."""

    lowest: Count
    highest: Count

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(f"lowest ({self.lowest}) is less than highest ({self.highest})")
        return self


class TrainingMix(Table):
    """Shares of a course in percent, 100 together (STF-03)."""

    theory: Percent
    practice: Percent
    cases: Percent
    sharing: Percent

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (total := self.theory + self.practice + self.cases + self.sharing) != 100:
            raise ValueError(f"the shares make 100 percent together, not {total}")
        return self


class TrainingHours(Table):
    """Hours of the long and the short form of a course (STF-03)."""

    two_days: Amount
    one_day: Amount


DaysBefore = Annotated[tuple[Amount, ...], AfterValidator(_some)]
Roles = Annotated[tuple[Role, ...], AfterValidator(_some)]
Phases = tuple[Literal["LATENT", "OUTBREAK", "HANDLING", "AFTERMATH"], ...]
PointsRates = dict[Code, Amount] | None
MemberLevels = Names | None
