"""The game day: eight incidents on a stack of its own, each cured by the commands of docs/runbook.md."""
