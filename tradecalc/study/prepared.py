"""What every question to one account shares, laid out once: the account and the reporter's import markets."""

from dataclasses import dataclass
from functools import lru_cache

from tradecalc.account import Account, account_of, load_account, read_definition
from tradecalc.files import data_root, sha256
from tradecalc.markets import Markets, lay_out
from tradecalc.terms import InputError

DEFAULT = "us-japan-2024"


@dataclass(frozen=True, eq=False)
class Prepared:
    """An account and its markets, laid out."""

    account: Account
    markets: Markets


def prepared(
    account: Account | str | None = None, *, vintage: str | None = None, partner: str | None = None
) -> Prepared:
    """Return an account laid out; what was laid out is kept by the content of the files, so a change is never missed.

    Args:
        account: an account, its name, or None for that of ``partner``, and without one for the first case.
        vintage: as in `load_account`; an account that is given has its own.
        partner: ISO-3 code of the partner, in place of the account's name.

    Raises:
        InputError: a vintage or a partner beside an account that is given, no account of the partner, or as
            `load_account`.
    """
    if isinstance(account, Account):
        if vintage is not None or partner is not None:
            raise InputError("prepare: an account was given, which has its own vintage and partner; leave them out.")
        return Prepared(account, lay_out(account))
    if partner is not None and account is not None:
        raise InputError(f"prepare: account {account!r} and partner {partner!r} are both given; give one of them.")
    name = str(account) if account is not None else DEFAULT if partner is None else account_of(str(partner))
    book = _kept(name, vintage, _content(name))
    return Prepared(book, lay_out(book))


def _content(name: str) -> tuple[str, ...]:
    definition = read_definition(name)
    paths = [data_root() / file for file in (*definition.rules(), *definition.files())]
    return (str(data_root()), *(sha256(path) for path in paths if path.is_file()))


@lru_cache(maxsize=64)
def _kept(name: str, vintage: str | None, _content: tuple[str, ...]) -> Account:
    return load_account(name, vintage=vintage)
