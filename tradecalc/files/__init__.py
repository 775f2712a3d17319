"""Bytes become checked YAML and tables with their origins.

In: files below the data folder. Out: values with the line they stand on, tables with types, hashes of what was read.
Start with `read_table` in tables.py; yaml.py is the strict loader, paths.py says where data live.
"""

from typing import TYPE_CHECKING

from tradecalc.doors import late

if TYPE_CHECKING:
    from tradecalc.files.paths import Stamp as Stamp
    from tradecalc.files.paths import data_files as data_files
    from tradecalc.files.paths import data_root as data_root
    from tradecalc.files.paths import sha256 as sha256
    from tradecalc.files.paths import shipped as shipped
    from tradecalc.files.paths import shown as shown
    from tradecalc.files.paths import stamp as stamp
    from tradecalc.files.paths import write_atomic as write_atomic
    from tradecalc.files.tables import Column as Column
    from tradecalc.files.tables import Origin as Origin
    from tradecalc.files.tables import check_files as check_files
    from tradecalc.files.tables import read_origin as read_origin
    from tradecalc.files.tables import read_table as read_table
    from tradecalc.files.tables import table_files as table_files
    from tradecalc.files.yaml import parse_yaml as parse_yaml
    from tradecalc.files.yaml import read_yaml as read_yaml
    from tradecalc.files.yaml import validate as validate

__all__ = [
    "Column",
    "Origin",
    "Stamp",
    "check_files",
    "data_files",
    "data_root",
    "parse_yaml",
    "read_origin",
    "read_table",
    "read_yaml",
    "sha256",
    "shipped",
    "shown",
    "stamp",
    "table_files",
    "validate",
    "write_atomic",
]

__getattr__ = late(
    __name__,
    {
        "paths": ("Stamp", "data_files", "data_root", "sha256", "shipped", "shown", "stamp", "write_atomic"),
        "tables": ("Column", "Origin", "check_files", "read_origin", "read_table", "table_files"),
        "yaml": ("parse_yaml", "read_yaml", "validate"),
    },
)
