"""`policy check` and `policy diff`: the numbers, judged and compared before anybody works by them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.cli import given, paper
from starter.cli.options import Json

if TYPE_CHECKING:
    from domain.policy import Policy

app = typer.Typer(help="The company's numbers: check a file, compare two versions.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A policy as YAML; - reads stdin.")],
    json: Json = False,
) -> None:
    """Judge a policy file: every problem with file, line and key. Nothing is put in force."""
    from policies import PolicyError, parse_policy

    try:
        policy = parse_policy(given.text_of(file), file)
    except PolicyError as error:
        if json:
            paper.put_json([problem._asdict() for problem in error.problems])
        raise
    if json:
        paper.put_json([])
    else:
        paper.put(f"{file}: version {policy.version} is in order ({len(policy.values)} values).")


@app.command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A version, such as 2026-01, or a file.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    json: Json = False,
) -> None:
    """What changes from A to B: each value with its unit. Exit 0 whether or not something does."""
    from policies import diff as differences

    changes = differences(_policy(a), _policy(b))
    if json:
        paper.put_json([change._asdict() for change in changes])
    elif changes:
        paper.put_table(("!Key", "In A", "In B", "Unit"), [(c.key, c.old, c.new, c.unit) for c in changes])
    else:
        paper.put("No value differs.")


def _policy(named: str) -> "Policy":
    from policies import load_policy, parse_policy, policy_versions

    if named in policy_versions():
        return load_policy(named)
    if Path(named).exists():
        return parse_policy(given.text_of(named), named)
    raise given.BadInput(
        f"{named!r} is neither a version nor a file; versions are {', '.join(policy_versions())}."
    )
