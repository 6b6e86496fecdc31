"""What templates translate: sentences that stand in them, or constants of ours. What somebody wrote is only printed.

A translated value is markup, and its "%" are filled in: a name that somebody gave a file would run, or break the page.
"""

from collections.abc import Iterator

from jinja2 import Environment, nodes

from console.showing import HERE

#: expressions that name a constant of ours, marked with N_ where it stands
CONSTANTS = frozenset(
    {
        "group",
        "known[code].label",
        "known_columns[column]",
        "label",
        "list[0]",
        "lists[onward][0]",
        "lists[view][0]",
        "lists[view][2]",
        "filter.label",
        "meaning.day",
        "meaning.hit",
        "meaning.miss",
        "meaning.result()",
        "offer.title",
        "offer.undo",
        "offers[job.kind].title",
        "plain.next_means",
        "plain.next_what",
        "plain.said",
        "sorts[asked.sort]",
        "step",
        "title",
    }
)


def told(node: nodes.Node) -> str:
    """A name, attribute, item or call as it is written."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{told(node.node)}.{node.attr}"
        case nodes.Getitem():
            return f"{told(node.node)}[{told(node.arg)}]"
        case nodes.Const():
            return str(node.value)
        case nodes.Call():
            return f"{told(node.node)}()"
    return type(node).__name__


def translated(node: nodes.Node) -> Iterator[nodes.Node]:
    """What can be translated by the calls below a node, both ways of a choice."""
    for call in node.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext"):
            waiting: list[nodes.Node] = list(call.args[: 2 if call.node.name == "ngettext" else 1])
            while waiting:
                one = waiting.pop()
                if isinstance(one, nodes.CondExpr):
                    waiting += [way for way in (one.expr1, one.expr2) if way is not None]
                elif not isinstance(one, nodes.Const):
                    yield one


def test_templates_translate_constants_alone() -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found: set[tuple[str, str]] = set()
    for path in sorted((HERE / "templates").rglob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        found |= {(path.name, told(one)) for one in translated(tree)}
    assert not {(name, one) for name, one in found if one not in CONSTANTS}
    assert {one for _, one in found} >= {"plain.said", "offer.title"}
