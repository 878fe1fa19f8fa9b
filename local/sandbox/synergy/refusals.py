"""How Synergy says no: `{"error": {"code", "message": {"lang", "value"}}}`, or a page of its web server."""

from collections.abc import Mapping

from local.sandbox.frame.calls import Answer, json_answer

_SERVER = {
    429: "Too many requests.",
    500: "An error occurred while processing this request.",
    503: "The service is busy: at most 4 calls at once are taken.",
}
_PAGES = {
    401: "Unauthorized: Access is denied due to invalid credentials.",
    403: "Forbidden: Access is denied.",
    503: "Service Unavailable: The application pool is restarting.",
}


class RefusedError(Exception):
    """A call that Synergy refuses; the answer says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def answer(self, retry_after: int | None = None) -> Answer:
        """The refusal on the wire."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        error = {"code": "", "message": {"lang": "nl-NL", "value": str(self)}}
        return json_answer(self.status, {"error": error}, headers)


class PageError(RefusedError):
    """A refusal by the web server, before Synergy sees the call: a page for people."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, _PAGES[status])
        self._headers = headers or {}

    def answer(self, retry_after: int | None = None) -> Answer:  # noqa: ARG002
        """The page."""
        title = f"{self.status} - {self}"
        page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h2>{title}</h2></body></html>"
        return Answer(self.status, page.encode(), {"Content-Type": "text/html", **self._headers})


def bad(message: str) -> RefusedError:
    """What was sent does not fit."""
    return RefusedError(400, message)


def no_property(name: str, type_name: str, position: int = 0) -> RefusedError:
    """A property that the entity does not have."""
    return bad(f"No property {name} exists in type '{type_name}' at position {position}.")


def no_entity(segment: str) -> RefusedError:
    """An entity that is not there, or a key of it."""
    return RefusedError(404, f"Resource not found for the segment '{segment}'.")


def bad_sign_in(*, windows: bool) -> PageError:
    """The user is not let in; with `windows`, only Windows' own way of signing in would be taken."""
    return PageError(401, {"WWW-Authenticate": "NTLM" if windows else 'Basic realm="Synergy"'})


def of_the_server(status: int) -> RefusedError:
    """An HTTP failure that has nothing to do with what was sent."""
    return RefusedError(status, _SERVER[status])
