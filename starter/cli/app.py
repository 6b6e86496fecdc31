"""The one place where verbs get their names, and where an error becomes an exit code and a sentence."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from starter.cli import audit, cases, importing, policy, rehearsal, services, users
from starter.cli.here import at_home

app = typer.Typer(
    name="redress",
    help="Carries every complaint of a real-estate company from the first call to the last follow-up visit.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done · 1 a fault of ours · 2 refused or bad input · 3 not found · 4 a service cannot be reached",
)


@app.callback()
def redress(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", envvar="REDRESS_HOME", help="The data directory.", show_default=False),
    ] = None,
) -> None:
    """Carries every complaint of a real-estate company from the first call to the last follow-up visit."""
    context.obj = at_home(home)
    if context.invoked_subcommand is None:
        print(context.get_help())


RUN, WORK, RULES, PEOPLE = "Running it", "Complaints", "Rules and rehearsal", "People"

app.command("up", rich_help_panel=RUN)(services.up)
app.command("worker", rich_help_panel=RUN)(services.worker)
app.command("console", rich_help_panel=RUN)(services.console)
app.command("migrate", rich_help_panel=RUN)(services.migrate)
app.command("bootstrap", rich_help_panel=RUN)(services.bootstrap)
app.command("doctor", rich_help_panel=RUN)(services.doctor)

app.command("open", rich_help_panel=WORK)(cases.open_)
app.command("import", rich_help_panel=WORK)(importing.import_)
app.command("do", rich_help_panel=WORK)(cases.do)
app.command("show", rich_help_panel=WORK)(cases.show)
app.command("list", rich_help_panel=WORK)(cases.list_)
app.command("deadlines", rich_help_panel=WORK)(cases.deadlines)
app.command("history", rich_help_panel=WORK)(cases.history)

app.add_typer(audit.app, name="audit", rich_help_panel=WORK)

app.command("simulate", rich_help_panel=RULES)(rehearsal.simulate)
app.command("demo", rich_help_panel=RULES)(rehearsal.demo)
app.add_typer(policy.app, name="policy", rich_help_panel=RULES)

app.add_typer(users.user, name="user", rich_help_panel=PEOPLE)
app.add_typer(users.people, name="people", rich_help_panel=PEOPLE)


def obey(arguments: Sequence[str] | None = None) -> int:
    """Do what these arguments (by default those of the process) say; answers the exit code."""
    try:
        code = app(args=arguments, prog_name="redress", standalone_mode=False)
    except typer.TyperException as wrong:
        print(_asked_wrongly(wrong), file=sys.stderr)
        return 2
    except Exception as error:  # noqa: BLE001  (whatever it is, the person gets a sentence and scripts a code)
        from starter.cli.faults import judge
        from starter.cli.paper import complain

        code, sentence = judge(error)
        complain(sentence)
    return code if isinstance(code, int) else 0


def _asked_wrongly(wrong: typer.TyperException) -> str:
    sentence = wrong.format_message().strip()
    if not sentence:
        return "See `redress --help`."
    if not sentence.endswith((".", "?", "!")):
        sentence += "."
    return f"{sentence} `redress --help` lists what there is."


def main() -> NoReturn:
    """The entry point `redress`."""
    sys.exit(obey())
