"""What is wrong with a state that a tester gives."""


def problem(resource: str, row: int | None, field: str, message: str) -> dict[str, object]:
    """What is wrong where, as a tester is told."""
    return {"resource": resource, "row": row, "field": field, "message": message}
