"""The game day: ten incidents on a stack of its own, each cured by the commands of docs/runbook.md."""
