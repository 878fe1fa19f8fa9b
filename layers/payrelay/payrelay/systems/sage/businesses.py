"""The businesses that a person's consent reaches."""

from __future__ import annotations

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.door import DoorOptions
from payrelay.systems.rows import all_of

from .endpoint import SYSTEM, Endpoint
from .models import BUSINESSES, LISTED, Business

_PATH = "/businesses"


def active_businesses(base_url: str, access_token: Secret, options: DoorOptions) -> dict[str, str]:
    """The names of those with an active subscription, by id: a call for the list, and one for each."""
    endpoint = Endpoint(base_url, access_token, options)
    listed = all_of(endpoint.rows(_PATH, LISTED), SYSTEM)
    found = (read_business(endpoint, row.id) for row in listed)
    return {business.id: business.name for business in found if business.is_active}


def read_business(endpoint: Endpoint, business_id: str) -> Business:
    """One business with its subscriptions, which the list does not show."""
    return BUSINESSES.one(endpoint.one(f"{_PATH}/{{id}}", business_id), SYSTEM, safe=True)
