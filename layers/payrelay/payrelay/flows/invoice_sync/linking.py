"""Whether an account of AutoVu's has its account in the package; if not, what a person does (IN-5, IN-6)."""

from __future__ import annotations

from collections.abc import Sequence

from payrelay.domain.invoices import Account, Suggestion
from payrelay.domain.records import Reason
from payrelay.domain.spelling import shown
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.wording import activated, link_mended, other_linked, told, wrong_link

# So many look-alikes are named in a remedy; the list of documents has them all.
_NAMED = 3


def namesakes(alike: Sequence[Suggestion]) -> list[Account]:
    """The active accounts of exactly the name: *Link this* is for these, and for no others."""
    return [one.account for one in alike if one.spelled == "" and one.account.active]


def read_the_same(alike: Sequence[Suggestion]) -> list[Suggestion]:
    """All that nobody would call another name, inactive ones too: beside these none is created."""
    return [one for one in alike if one.spelled is not None]


def link_problem(
    package: str,
    account_id: str,
    name: str,
    *,
    linked: str | None,
    found: Account | None,
    alike: Sequence[Suggestion],
    any_name: bool = True,
) -> Reason | None:
    """What is wrong with an account's link: `linked` is the id, `found` what the package has under it.

    `any_name` tells whether the package lets an account of any name be linked.
    """
    if found and found.active:
        return None
    values = {"name": told(name), "package": package, "account_id": account_id}
    if found:
        theirs = told(found.name)
        named_too = "" if found.name == name else f" ({theirs}, {found.id})"
        link = activated(account_id, found, linked=True, any_name=any_name)
        return reason("ACCOUNT_INACTIVE", **values, theirs=theirs, which=named_too, link=link)
    same = namesakes(alike)
    if linked is not None:
        numbered = _of_number(alike)
        mended = {
            "link": wrong_link(account_id, values["name"], any_name=any_name),
            "then": link_mended(package, account_id, same, numbered, any_name=any_name),
        }
        return reason("ACCOUNTS_ID_WRONG", **values, **mended, id=linked, wanted=_wanted(same, numbered))
    if same:
        ids = " or ".join(one.id for one in same)
        meant = "" if len(same) == 1 else " at the one that is meant"
        return reason("ACCOUNT_NOT_LINKED", **values, which=told_apart(same), meant=meant, ids=ids)
    others = read_the_same(alike)
    if not others:
        or_link = other_linked(package, any_name=any_name)
        return reason("ACCOUNT_NOT_FOUND", **values, alike=_named(alike), or_link=or_link)
    # Active ones before those that are not.
    one = others[0]
    if not one.spelled:
        link = activated(account_id, one.account, linked=False, any_name=any_name)
        own = {"theirs": values["name"], "which": f" ({one.account.id})", "link": link}
        return reason("ACCOUNT_INACTIVE", **values, **own)
    spelled = {"theirs": named(one), "shown": shown(name), "spelled": one.spelled, "id": one.account.id}
    return reason("ACCOUNT_SPELLED_OTHERWISE", **values, **spelled)


def named(one: Suggestion) -> str:
    """An account as a message names it: what can't be seen of its name is spelled out."""
    account = one.account
    name = shown(account.name) if one.spelled else account.name
    return f"{name} ({account.id}{'' if account.active else ', inactive'})"


def told_apart(same: Sequence[Account]) -> str:
    """What tells accounts of one name apart: ` 2 times (12: Leeds; 15: York)`; empty for a single one."""
    if len(same) == 1:
        return ""
    all_facts = [_facts(one) for one in same]
    shared = [fact for fact in all_facts[0] if all(fact in facts for facts in all_facts)]
    told = []
    for one, facts in zip(same, all_facts, strict=True):
        differs = ", ".join(fact for fact in facts if fact not in shared) or "nothing else differs"
        told.append(f"{one.id}: {differs}")
    return f" {len(same)} times ({'; '.join(told)})"


def _facts(one: Account) -> list[str]:
    facts = {
        "number": one.number,
        "tax number": one.tax_number,
        "e-mail": one.email,
        "in": one.city,
        "currency": one.currency,
        "balance": None if one.balance is None else f"{one.balance:.2f}",
        "last changed": one.changed_at,
    }
    return [f"{name} {value}" for name, value in facts.items() if value]


def _of_number(alike: Sequence[Suggestion]) -> list[Account]:
    """The active accounts of which the wrong id is the number."""
    return [one.account for one in alike if "same account number" in one.evidence and one.account.active]


def _wanted(same: Sequence[Account], numbered: Sequence[Account]) -> str:
    """The id that AutoVu needs, where there is one that it must be."""
    sure = same or numbered
    return sure[0].id if len(sure) == 1 else "the id of an account that it has"


def _named(alike: Sequence[Suggestion]) -> str:
    """The surest look-alikes for a remedy, each with what speaks for it."""
    told = [f"{named(one)}: {', '.join(one.evidence)}" for one in alike[:_NAMED]]
    return f"Look first whether it is one of these: {'; '.join(told)}. If not, create" if told else "Create"
