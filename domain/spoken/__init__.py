"""The commands themselves, in the groups of commands.md §1; `domain.commands` names and reads them all."""
