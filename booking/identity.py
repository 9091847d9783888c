"""Who an appointment is for: ID numbers, other persons, companies, as they are checked and kept.

Numbers are checked by python-stdnum: 公民身份号码 by GB 11643-1999, 统一社会信用代码 by
GB 32100-2015. It knows neither HTTP nor SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from booking.errors import RefusalCode, Refused
from booking.privacy import Vault, clean_name
from booking.values import Party

_COMPANY = re.compile(r"[\w（）()·&.\- ]{4,60}")
_GAPS = re.compile(r"[\s-]")


@dataclass(frozen=True)
class Principal:
    """For whom a citizen books, as it was sent.

    Attributes:
        party: Another person or a company.
        name: The person's or the company's name.
        number: The company's credit code, or the person's ID number when it is known.
    """

    party: Party
    name: str = field(repr=False)
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Identity:
    """For whom an appointment is, as it is kept.

    Attributes:
        party: The citizen, another person, or a company.
        principal: Keyed hash of that other one; "self" for the citizen.
        principal_sealed: Its name, encrypted.
        id_sealed: The ID number or credit code, encrypted.
        id_hash: Keyed hash of it.
    """

    party: Party = Party.SELF
    principal: str = Party.SELF.value
    principal_sealed: str | None = None
    id_sealed: str | None = None
    id_hash: str | None = None


def clean_id_number(text: str) -> str | None:
    """The ID number as it is kept, like 11010519491231002X, or None when it can't be one."""
    number = _GAPS.sub("", text).upper()
    try:
        return ric.validate(number) if len(number) == 18 else None
    except (ValidationError, ValueError):
        return None


def clean_credit_code(text: str) -> str | None:
    """The 18 characters of a 统一社会信用代码, or None when they are none."""
    code = _GAPS.sub("", text).upper()
    try:
        return uscc.validate(code)
    except (ValidationError, ValueError):
        return None


def identify(vault: Vault, principal: Principal | None, id_number: str | None) -> Identity:
    """What is kept of the one whom an appointment is for.

    Args:
        vault: Encrypts and hashes.
        principal: Another person or a company; None for the citizen.
        id_number: The citizen's own ID number; of somebody else it stands in `principal`.

    Raises:
        Refused: BAD_ID_NUMBER or BAD_PRINCIPAL.
    """
    if principal is None or principal.party is Party.SELF:
        return _numbered(vault, Identity(), _own_number(id_number))
    if principal.party is Party.COMPANY:
        name = " ".join(principal.name.split())
        code = clean_credit_code(principal.number or "")
        if code is None or not _COMPANY.fullmatch(name):
            raise Refused(RefusalCode.BAD_PRINCIPAL)
        return _other(vault, Party.COMPANY, name, code)
    person = clean_name(principal.name)
    if person is None:
        raise Refused(RefusalCode.BAD_PRINCIPAL)
    return _other(vault, Party.PERSON, person, _own_number(principal.number))


def _own_number(text: str | None) -> str | None:
    if not text:
        return None
    number = clean_id_number(text)
    if number is None:
        raise Refused(RefusalCode.BAD_ID_NUMBER)
    return number


def _other(vault: Vault, party: Party, name: str, number: str | None) -> Identity:
    """Who has a number is the same under any name; who has none is the name."""
    kept = Identity(
        party=party,
        principal=vault.digest("principal", f"{party.value}:{number or name}"),
        principal_sealed=vault.seal(name),
    )
    return _numbered(vault, kept, number)


def _numbered(vault: Vault, kept: Identity, number: str | None) -> Identity:
    if number is None:
        return kept
    return Identity(
        party=kept.party,
        principal=kept.principal,
        principal_sealed=kept.principal_sealed,
        id_sealed=vault.seal(number),
        id_hash=vault.digest("id", number),
    )
