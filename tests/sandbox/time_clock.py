"""What tests of TimeWorksPlus's sandbox share: signing in, and a site with one person."""

from datetime import datetime
from typing import Any

from local.sandbox.frame.oauth import jwt

SIGN_IN = "/AuthenticationService/oauth2/userToken"
SECRET = "timeworksplus-sandbox-secret"
API = "/api/51234"
SITE = {"siteId": "51234"}
BOTH = ["Sick", "Vacation"]
DOWN = {**SITE, "Name": "AccrueDownScript", "Script": "Sick -= hours('Sick')", "Categories": BOTH}
RULES = [
    {**SITE, "Name": "AccrueUpScript", "Script": "", "Categories": BOTH},
    DOWN,
    {**SITE, "Name": "PunchCategories", "Script": None, "Categories": ["Regular", *BOTH]},
]
PERIODS = [
    {**SITE, "BeginDate": "2025-11-24", "EndDate": "2025-12-07", "IsAccepted": True},
    {**SITE, "BeginDate": "2025-12-08", "EndDate": "2025-12-21", "IsFinalized": True},
    {**SITE, "BeginDate": "2025-12-22", "EndDate": "2026-01-04"},
    {**SITE, "BeginDate": "2026-01-05", "EndDate": "2026-01-18"},
]
ANN = {**SITE, "EmployeeCode": "1001", "FirstName": "Ann", "LastName": "Lee", "StartDate": "2020-03-01"}
STATE: dict[str, list[dict[str, Any]]] = {
    "employees": [ANN],
    "processingrules": RULES,
    "payperiods": PERIODS,
    "accruals": [
        {**SITE, "EmployeeCode": "1001", "category": "Sick", "value": "24.5", "effective": "2025-12-21"}
    ],
}


def originating(now: datetime, secret: str = SECRET, ahead: int = 300, **claims: Any) -> dict[str, str]:
    """The headers of signing in; claims that are None are left out."""
    whole = {
        "iss": 9001,
        "sub": "partner",
        "product": "twppartner",
        "exp": int(now.timestamp()) + ahead,
        "siteInfo": {"type": "id", "id": "51234"},
        **claims,
    }
    token = jwt({name: value for name, value in whole.items() if value is not None}, secret)
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
