"""The numbers: versions of the policy and of the calendar as YAML, their reading, checking and comparing.

`domain.policy` and `domain.calendar` give the shapes; this package gives what fills them.
"""

from policies.comparison import Change, diff
from policies.problems import PolicyError, Problem
from policies.versions import (
    calendar_versions,
    check_policy,
    current_calendar_version,
    current_policy_version,
    load_calendar,
    load_policy,
    parse_calendar,
    parse_policy,
    policy_versions,
)

__all__ = [
    "Change",
    "PolicyError",
    "Problem",
    "calendar_versions",
    "check_policy",
    "current_calendar_version",
    "current_policy_version",
    "diff",
    "load_calendar",
    "load_policy",
    "parse_calendar",
    "parse_policy",
    "policy_versions",
]
