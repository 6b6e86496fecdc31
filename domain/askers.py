"""The acting person: the seats they hold, their own or of somebody absent, and where they hold them (ORG-08)."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from domain.codes import Department, Role

DEPARTMENTS: dict[Department, tuple[Role, ...]] = {
    Department.SALES: (Role.SALES_HEAD, Role.SALES_STAFF),
    Department.LEGAL: (Role.LEGAL,),
    Department.ENGINEERING: (Role.PROJECT_MANAGER, Role.TECHNICIAN),
    Department.MAINTENANCE: (Role.MAINTENANCE,),
    Department.PROPERTY: (Role.PROPERTY_MGMT,),
    Department.CUSTOMER_SERVICE: (Role.CS_SPECIALIST, Role.CS_DIRECTOR),
    Department.FINANCE: (Role.FINANCE,),
    Department.CONTRACT: (Role.CONTRACT_DEPT,),
    Department.MARKETING: (Role.MARKETING_MANAGER, Role.PR_LEAD, Role.MEDIA_OFFICER),
}
_DEPARTMENT_OF = {role: department for department, roles in DEPARTMENTS.items() for role in roles}

#: the pseudo-people: the customer by link, and systems of ours and others
CUSTOMER = "customer"
FEED = "feed:"


class Absent(BaseModel):
    """Somebody an acting person stands in for: their roles, and the projects these are bound to (none: everywhere)."""

    model_config = ConfigDict(frozen=True)

    person: str
    roles: tuple[Role, ...]
    projects: tuple[str, ...] = ()


class Asker(BaseModel):
    """The acting person as the records know them.

    standing_in: each role held as substitute, with the absent person; absent: the same in full, where known.
    projects: what all of the person's own seats are bound to; none: they hold them everywhere (ORG-08).
    """

    model_config = ConfigDict(frozen=True)

    id: str
    roles: tuple[Role, ...] = ()
    department: Department | None = None
    standing_in: dict[Role, str] = {}
    projects: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()

    def holds(self, *roles: Role) -> bool:
        """Whether the person holds one of these seats, in their own right or as a substitute."""
        return any(role in self.roles or role in self.standing_in for role in roles)

    @property
    def departments(self) -> frozenset[Department]:
        own = {_DEPARTMENT_OF[role] for role in (*self.roles, *self.standing_in) if role in _DEPARTMENT_OF}
        return frozenset(own | ({self.department} if self.department else set()))

    @property
    def employed(self) -> bool:
        """Whether the person holds any seat anywhere; who has left holds none."""
        return bool(self.roles or self.standing_in or self.projects or self.absent)

    def within(self, project: str | None) -> "Asker":
        """The person as they sit in a complaint of this project: seats bound to others are left out (ORG-08)."""
        if not self.projects and not any(absent.projects for absent in self.absent):
            return self
        here = not self.projects or project in self.projects
        own = self.roles if here else ()
        standing_in = self.standing_in
        if self.absent:
            standing_in = stand_ins(
                own, [one for one in self.absent if not one.projects or project in one.projects]
            )
        return self.model_copy(
            update={
                "roles": own,
                "department": self.department if here else None,
                "standing_in": standing_in,
            }
        )


def stand_ins(own: Iterable[Role], absent: Iterable[Absent]) -> dict[Role, str]:
    """Each role held for somebody absent and not in one's own right, with that person: the first where there are two."""
    held = frozenset(own)
    found: dict[Role, str] = {}
    for one in absent:
        for role in one.roles:
            if role not in held:
                found.setdefault(role, one.person)
    return found


def head_of(department: Department) -> Role:
    """The role that heads a department: the first named (commands.md §4)."""
    return DEPARTMENTS[department][0]


def department_of(role: Role) -> Department | None:
    """The department a role belongs to, if any."""
    return _DEPARTMENT_OF.get(role)
