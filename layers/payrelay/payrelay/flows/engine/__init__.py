"""The run's life, the same for every flow: start, open, list, plan, review, apply, close."""
