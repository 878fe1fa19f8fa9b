"""The toy is no part of this tree: its tests run in the copy that it is added to (`test_map_steps.py`)."""

collect_ignore = ["toy"]
