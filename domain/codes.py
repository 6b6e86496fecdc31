"""The codes of the field: stages, kinds, flags, channels, roles' companions. Names are contract (commands.md)."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a complaint stands (LIF-01). The order is the order of a life."""

    REGISTERED = "REGISTERED"
    CLASSIFIED = "CLASSIFIED"
    ASSIGNED = "ASSIGNED"
    INVESTIGATING = "INVESTIGATING"
    SOLUTION_DRAFTED = "SOLUTION_DRAFTED"
    NEGOTIATING = "NEGOTIATING"
    MEDIATING = "MEDIATING"
    ARBITRATING = "ARBITRATING"
    LITIGATING = "LITIGATING"
    FULFILLING = "FULFILLING"
    CLOSING_REVIEW = "CLOSING_REVIEW"
    FEEDBACK = "FEEDBACK"
    SECOND_HANDLING = "SECOND_HANDLING"
    AWAITING_VISIT = "AWAITING_VISIT"
    ARCHIVED = "ARCHIVED"
    WITHDRAWN = "WITHDRAWN"
    DUPLICATE = "DUPLICATE"


ENDED = frozenset({Stage.ARCHIVED, Stage.WITHDRAWN, Stage.DUPLICATE})
OPEN = tuple(stage for stage in Stage if stage not in ENDED)
PROCEEDINGS = frozenset({Stage.ARBITRATING, Stage.LITIGATING})


class ComplaintType(StrEnum):
    """The main type, exactly one (CLS-01)."""

    CONTRACT = "CONTRACT"
    SERVICE = "SERVICE"
    PRODUCT = "PRODUCT"
    PRICE = "PRICE"
    LEGAL = "LEGAL"


class Cause(StrEnum):
    """The cause dimension for analysis (CLS-02)."""

    ENGINEERING = "ENGINEERING"
    DESIGN = "DESIGN"
    SALES = "SALES"
    SERVICE = "SERVICE"
    OTHER = "OTHER"


class Severity(StrEnum):
    """One department settles a simple case; a complex one needs several (CLS-08)."""

    SIMPLE = "simple"
    COMPLEX = "complex"


class TippingPoint(StrEnum):
    """What may turn a case into a crisis (CLS-13)."""

    EMOTIONAL = "emotional"
    INTEREST = "interest"
    CROWD = "crowd"


class Origin(StrEnum):
    """Internal judgement on where the complaint comes from, never shown to the customer (CLS-03)."""

    OBJECTIVE_DEFECT = "objective_defect"
    FINANCIAL_CLAIM = "financial_claim"
    STIRRED_UP = "stirred_up"
    OUTSIDE_RESPONSIBILITY = "outside_responsibility"
    INTERNAL = "internal"
    EXTERNAL = "external"
    GENERALISED = "generalised"


class Flag(StrEnum):
    """Overlays on a case that do not move its stage."""

    GROUP = "GROUP"
    MAJOR = "MAJOR"
    HAZARD = "HAZARD"
    OUTSIDE_RESPONSIBILITY = "OUTSIDE_RESPONSIBILITY"
    LATENT_PROBLEM = "LATENT_PROBLEM"


class Result(StrEnum):
    """The three results of a case (LIF-06)."""

    BOTH_SATISFIED = "BOTH_SATISFIED"
    ONE_SIDED = "ONE_SIDED"
    UNRESOLVED = "UNRESOLVED"


class Department(StrEnum):
    """The departments that may handle a complaint (ORG-04)."""

    SALES = "sales"
    LEGAL = "legal"
    ENGINEERING = "engineering"
    MAINTENANCE = "maintenance"
    PROPERTY = "property"
    CUSTOMER_SERVICE = "customer_service"
    FINANCE = "finance"
    CONTRACT = "contract"
    MARKETING = "marketing"


class Channel(StrEnum):
    """The ways a complaint comes in and an answer goes out (INT-01)."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    WEB_FORM = "web_form"
    ONLINE_CHAT = "online_chat"
    WECHAT = "wechat"
    IN_PERSON = "in_person"
    COUNTER = "counter"
    PROPERTY_COUNTER = "property_counter"
    SUGGESTION_BOX = "suggestion_box"
    POST = "post"
    HOTLINE = "hotline"
    COURT_DOCUMENT = "court_document"
    LAWYER_LETTER = "lawyer_letter"
    MEDIA = "media"
    SOCIAL_MEDIA = "social_media"


class Line(StrEnum):
    """The business line a case belongs to; it selects policy (LIF-08)."""

    SALES = "sales"
    BROKERAGE = "brokerage"
    PROPERTY = "property"


class Role(StrEnum):
    """The seats people hold (requirements §0)."""

    CS_SPECIALIST = "CS_SPECIALIST"
    CS_DIRECTOR = "CS_DIRECTOR"
    MARKETING_MANAGER = "MARKETING_MANAGER"
    SALES_HEAD = "SALES_HEAD"
    SALES_STAFF = "SALES_STAFF"
    PROJECT_MANAGER = "PROJECT_MANAGER"
    TECHNICIAN = "TECHNICIAN"
    LEGAL = "LEGAL"
    FINANCE = "FINANCE"
    CONTRACT_DEPT = "CONTRACT_DEPT"
    MAINTENANCE = "MAINTENANCE"
    PROPERTY_MGMT = "PROPERTY_MGMT"
    NEGOTIATOR = "NEGOTIATOR"
    MEDIATOR = "MEDIATOR"
    PR_LEAD = "PR_LEAD"
    MEDIA_OFFICER = "MEDIA_OFFICER"
    DUTY_LEADER = "DUTY_LEADER"
    SITE_LEADER = "SITE_LEADER"
    TOP_LEADER = "TOP_LEADER"
    AUDITOR = "AUDITOR"
    ADMIN = "ADMIN"


class Receiver(StrEnum):
    """Receivers named by their place in the case, resolved to people when a notice is sent."""

    OWNER = "OWNER"
    FIRST_CONTACT = "FIRST_CONTACT"
    DEPARTMENT_HEAD = "DEPARTMENT_HEAD"
    LEAD = "LEAD"
    LEADING_GROUP = "LEADING_GROUP"
    HEAD_OF_LEGAL = "HEAD_OF_LEGAL"
    ITEM_OWNER = "ITEM_OWNER"
    REVIEWER = "REVIEWER"
    CUSTOMER = "CUSTOMER"
    OPERATOR = "OPERATOR"
