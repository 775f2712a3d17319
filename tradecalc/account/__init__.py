"""Tables become a bilateral account that balances, for any partner and in any vintage.

In: the account's file and the tables that it names. Out: imports, exports and markets by product, each with its source.
Start with `load_account` in account.py; definition.py says what an account file holds.
"""

from tradecalc.account.account import Account, AccountArrays, check_accounts, list_tables, load_account, load_table
from tradecalc.account.books import two_books
from tradecalc.account.definition import account_names, assign_products, read_definition

__all__ = [
    "Account",
    "AccountArrays",
    "account_names",
    "assign_products",
    "check_accounts",
    "list_tables",
    "load_account",
    "load_table",
    "read_definition",
    "two_books",
]
