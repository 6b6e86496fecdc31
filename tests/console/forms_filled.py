"""Filled-in forms: for every command, inputs a person could have typed."""

from console.forms.shape import Field, fields_of

Pairs = list[tuple[str, str]]

_CODES = {"of": "2026-000099", "about_person": "legal-1", "person": "legal-1", "deadline": "reply_days/1",
          "acknowledges": "reply_days/1", "settles": "call/x", "version": "2026-01", "turn": "1"}  # fmt: skip
_BY_WIDGET = {
    "area": "厨房漏水，已查明。\n第二行 😀",
    "line": "一句话",
    "when": "2026-03-09T10:30",
    "money": "5,000.00",
    "number": "1",
    "yesno": "yes",
    "tick": "on",
}
#: where two questions exclude each other
_LEFT_OUT = {("record_feedback", "reply")}


def filled(kind: str, prefix: str = "") -> Pairs:
    """Every question of the form answered, those left out that would contradict another."""
    pairs: Pairs = []
    for one in fields_of(kind):
        if (kind, one.name) not in _LEFT_OUT:
            pairs += [(f"{prefix}{name}", value) for name, value in _answer(one)]
    return pairs


def _answer(one: Field) -> Pairs:
    if one.widget == "items":
        return [
            (f"{one.name}-{column.name}", value) for column in one.columns for _, value in _answer(column)
        ]
    if one.widget == "pairs":
        return [(f"{one.name}-name", "place"), (f"{one.name}-value", "3栋1201")]
    if one.widget in ("select", "many"):
        return [(one.name, one.codes[0] if one.codes else _CODES.get(one.name, "X1"))]
    if one.widget == "lines":
        return [(one.name, "更换给水管接头"), (one.name, "更换橱柜底板"), (one.name, "  ")]
    if one.widget == "line" and one.limit is None:
        return [(one.name, _CODES.get(one.name, "X1"))]
    return [(one.name, _BY_WIDGET[one.widget])]
