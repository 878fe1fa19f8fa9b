"""Words of remedies that depend on the package or on what is there already (IN-3, IN-5, IN-6)."""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.invoices import Account, Side, Takes
from payrelay.domain.spelling import shown, trimmed

NONE = "(none)"


def told(text: str) -> str:
    """A text as a message tells it: as `shown` where something of it can't be seen."""
    quoted = shown(text)
    return text if quoted == f'"{text}"' and text == trimmed(text) else quoted


def nominal_made(code: str, side: Side, package: str, takes: Takes) -> str:
    """How a line gets a nominal that the package has; the remedy goes on with *the nominal code*."""
    if code == NONE:
        return "Fill in"
    made = takes.sold_by if side is Side.CUSTOMER else takes.bought_by
    return f"Create {made.format(code=code)} in {package}, or correct"


def switched_on(currency: str, package: str, takes: Takes, account_id: str, name: str) -> str:
    """How a document gets a currency that is taken; the remedy goes on with *the currency*."""
    if not currency:
        return "Fill in"
    on = f"Switch {currency} on in {package} ({takes.currencies_at})"
    if not takes.one_currency_each:
        return f"{on}, or correct"
    account = account_in(currency, package, takes, account_id, name)
    return f"{on}. {account}. Or correct"


def account_in(currency: str, package: str, takes: Takes, account_id: str, name: str) -> str:
    """How an account that has one currency gets a second one for another: linked in its place."""
    which = "another" if takes.links_any_name else "the same"
    return (
        f"Make an account in {currency} for {name} in {package}, under {which} name, and link it in place of "
        f"the present one (DELETE …/accounts/{account_id}/link, then POST …/accounts/{account_id}/link with "
        "its account_id)"
    )


def other_linked(package: str, *, any_name: bool) -> str:
    """How an account is used that is there under another name; the remedy goes on with how it is linked."""
    if any_name:
        return "link another one"
    return f"give the right one in {package} exactly this name, and link it"


def wrong_link(account_id: str, name: str, *, any_name: bool) -> str:
    """Where a wrong id is: a link by name is ours, any other is AutoVu's."""
    call = f"DELETE …/accounts/{account_id}/link"
    if not any_name:
        return f"link ({call})"
    return f"AccsID on the company or site record of {name} in AutoVu (or {call})"


def link_mended(
    package: str, account_id: str, same: Sequence[Account], others: Sequence[Account], *, any_name: bool
) -> str:
    """What follows once a wrong id is removed: `same` has the name, `others` what else speaks for it."""
    if len(same) == 1:
        return "the next sync finds the account by its name"
    path = f"POST …/accounts/{account_id}"
    if len(others) == 1 and not same and any_name:
        (one,) = others
        return f"then link {told(one.name)} ({path}/link with the account_id {one.id})"
    ids = " or ".join(one.id for one in same)
    if ids:
        return f"then link the one that is meant ({path}/link with the account_id {ids})"
    other = other_linked(package, any_name=any_name)
    return f"then create the account ({path}/create), or {other} ({path}/link with its account_id)"


def activated(account_id: str, found: Account, *, linked: bool, any_name: bool) -> str:
    """What else is done about an account that is not active, beside making it active again."""
    path = f"…/accounts/{account_id}/link"
    other = "another one" if any_name else "another one of the same name"
    if linked:
        return f"; or remove the link (DELETE {path}), and link {other} (POST {path} with its account_id)"
    return f", and link it (POST {path} with the account_id {found.id}); or link {other}"
