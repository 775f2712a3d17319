"""Tables become a bilateral account that balances, for any partner and in any vintage.

In: the account's file and the tables that it names. Out: imports, exports and markets by product, each with its source.
Start with `load_account` in account.py; definition.py says what an account file holds.
"""

from tradecalc.account.account import Account, AccountArrays, list_tables, load_account, load_table
from tradecalc.account.books import two_books, yen_by_year
from tradecalc.account.checks import check_accounts
from tradecalc.account.codes import assign_products, products_of
from tradecalc.account.definition import account_exists, account_names, account_of, read_definition
from tradecalc.account.frame import partner_name, refuse_double
from tradecalc.account.sellers import Lines

__all__ = [
    "Account",
    "AccountArrays",
    "Lines",
    "account_exists",
    "account_names",
    "account_of",
    "assign_products",
    "check_accounts",
    "list_tables",
    "load_account",
    "load_table",
    "partner_name",
    "products_of",
    "read_definition",
    "refuse_double",
    "two_books",
    "yen_by_year",
]
