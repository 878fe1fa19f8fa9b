"""The game day: incidents on a stack of its own, each cured by the blocks of docs/runbook.md."""
