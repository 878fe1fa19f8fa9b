"""The people of the local stack: made in its user pool, and signed in for their tokens."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clients import client
from .home import Home, read_json, write_json

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef


# Letters that nobody takes for others, since it may be typed.
_EASY = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True)
class User:
    """Someone with one role in one tenant; or one of the service, who are of none."""

    token: str
    tenant: str
    role: str

    @property
    def name(self) -> str:
        """The name to sign in with, and the address."""
        return f"{self.role}@{self.tenant or 'payrelay'}.example"


USERS = (
    User(token="admin", tenant="demo", role="admin"),
    User(token="operator", tenant="demo", role="operator"),
    User(token="viewer", tenant="demo", role="viewer"),
    User(token="employee", tenant="demo", role="employee"),
    User(token="other_tenant_admin", tenant="other", role="admin"),
    User(token="service", tenant="", role="service"),
)


def common_password(home: Home) -> str:
    """What all people of a stack sign in with; made at random at its first start, and kept."""
    kept = read_json(home.people).get("password")
    if isinstance(kept, str):
        return kept
    parts = ("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4))
    password = "-".join((*parts, "A1"))
    write_json(home.people, {"password": password}, private=True)
    return password


def tokens(endpoint: str, pool: str, app: str, password: str) -> dict[str, str]:
    """A fresh ID token per user; users that are missing are made, and all have this password."""
    cognito: CognitoIdentityProviderClient = client("cognito-idp", endpoint)
    return {user.token: _token(cognito, pool, app, user, password) for user in USERS}


def _token(cognito: "CognitoIdentityProviderClient", pool: str, app: str, user: User, password: str) -> str:
    of: AttributeTypeTypeDef = {"Name": "custom:tenant", "Value": user.tenant}
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool,
            Username=user.name,
            TemporaryPassword=password,
            MessageAction="SUPPRESS",
            UserAttributes=[
                *([of] if user.tenant else []),
                {"Name": "email", "Value": user.name},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=user.name, GroupName=user.role)
    cognito.admin_set_user_password(UserPoolId=pool, Username=user.name, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=app,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user.name, "PASSWORD": password},
    )
    return answer["AuthenticationResult"]["IdToken"]
