"""Tariff lines: HS codes as integers, the lists they stand on, their MFN rate and assumed metal content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradecalc.tariffs.claims import Claims
from tradecalc.tariffs.law import Item
from tradecalc.terms import InputError

METALS = ("steel_share", "aluminium_share", "copper_share")
ALL_LINES = "all"
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = dict[int, NDArray[np.int64]]


def codes_of(prefixes: Iterable[str]) -> Codes:
    """Return HS prefixes as sorted integers by their number of digits."""
    by_length: dict[int, set[int]] = {}
    for prefix in prefixes:
        by_length.setdefault(len(prefix), set()).add(int(prefix))
    return {n: np.array(sorted(found), np.int64) for n, found in sorted(by_length.items())}


def match_length(codes: NDArray[np.int64], prefixes: Codes) -> NDArray[np.int8]:
    """Return for each ten-digit code the length of its longest prefix among ``prefixes``, 0 where there is none."""
    out = np.zeros(codes.shape, np.int8)
    for length, values in prefixes.items():
        cut = codes // 10 ** (10 - length)
        place = np.minimum(np.searchsorted(values, cut), len(values) - 1)
        out[values[place] == cut] = length
    return out


@dataclass(frozen=True, eq=False)
class Book:
    """What is known of lines: MFN by HS8, assumed metal shares by HS10, product lists, and all known HS10 lines."""

    mfn_hs8: NDArray[np.int64]
    mfn_rate: Array
    mfn_stand_in: Array
    share_hs10: NDArray[np.int64]
    share: Array
    lists: dict[str, Codes]
    known: NDArray[np.int64]
    claims: Claims

    @classmethod
    def of(
        cls, mfn: pd.DataFrame, shares: pd.DataFrame, lists: pd.DataFrame, lines: pd.DataFrame, claims: Claims
    ) -> "Book":
        """Return the book of four tables and what importers claim."""
        mfn = mfn.sort_values("hs8")
        shares = shares.sort_values("hs10")
        named = {str(name): codes_of(rows) for name, rows in lists.groupby("list")["hs"]}
        hs8 = np.array([int(code) for code in mfn["hs8"]], np.int64)
        ten = {int(code) for code in lines["hs10"]} | {int(code) for code in lists["hs"] if len(code) == 10}
        split = {code // 100 for code in ten}
        whole = {int(code) * 100 for code in hs8 if int(code) not in split}
        listed = set(hs8.tolist())
        known = np.array(sorted({code for code in ten if code // 100 in listed} | whole), np.int64)
        values = np.clip(shares[list(METALS)].to_numpy(np.float64), 0.0, 1.0)
        total = np.maximum(values.sum(axis=1, keepdims=True), 1.0)
        share_hs10 = np.array([int(code) for code in shares["hs10"]], np.int64)
        rate, stand_in = (mfn[column].to_numpy(np.float64) for column in ("rate", "stand_in"))
        return cls(hs8, rate, stand_in, share_hs10, values / total, named, known, claims)

    def under(self, hs: str) -> list[str]:
        """Return the known ten-digit lines below an HS code, or the code itself where its HS8 is known.

        Raises:
            InputError: not an HS code, or none of this schedule.
        """
        digits = check_hs(hs)
        low = int(digits) * 10 ** (10 - len(digits))
        first, last = np.searchsorted(self.known, [low, low + 10 ** (10 - len(digits))])
        found = [f"{code:010d}" for code in self.known[first:last]]
        if not found and len(digits) == 10 and np.isin(low // 100, self.mfn_hs8):
            found = [digits]
        if not found:
            raise InputError(f"hs: {hs!r} is no line of this tariff schedule; {self._remedy(digits)}.")
        return found

    def _remedy(self, digits: str) -> str:
        """Say what to ask for in place of a code that the schedule does not hold."""
        for length in (n for n in (8, 6, 4, 2) if n < len(digits)):
            step, low = 10 ** (10 - length), int(digits[:length]) * 10 ** (10 - length)
            first, last = np.searchsorted(self.known, [low, low + step])
            if first < last:
                wide = min(length + 2, 8)
                held = {f"{code:010d}"[:wide] for code in self.known[first:last]}
                asked = int(digits[:wide].ljust(wide, "0"))
                near = sorted(sorted(held, key=lambda code: (abs(int(code) - asked), -int(code)))[:4])
                return (
                    f"a code of another revision has its successor under {dotted(digits[:length])}, where "
                    f"{' and '.join(dotted(code) for code in near)} lie nearest"
                )
        return "give a heading, subheading or line of the US schedule of 2025"


def dotted(digits: str) -> str:
    """Return an HS code with dots, as the schedule prints it: 8703, 8703.23, 8703.23.01."""
    return ".".join(part for part in (digits[:4], digits[4:6], digits[6:8], digits[8:]) if part)


def check_hs(hs: object) -> str:
    """Return an HS code without dots.

    Raises:
        InputError: not text, or not 2, 4, 6, 8 or 10 digits.
    """
    digits = hs.replace(".", "") if isinstance(hs, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) in (2, 4, 6, 8, 10)):
        raise InputError(
            f"hs: {hs!r} is not an HS code; write 2, 4, 6, 8 or 10 digits as text, with or without dots, as '8703.23'."
        )
    return digits


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines laid out for one question (L,): codes, MFN rates, assumed shares, and a memory of list membership."""

    text: tuple[str, ...]
    codes: NDArray[np.int64]
    mfn: Array
    mfn_stand_in: Array
    shares: dict[str, Array]
    book: Book
    _seen: dict[tuple[object, ...], NDArray[np.int8]] = field(default_factory=dict)
    _parts: dict[bytes, "Lines"] = field(default_factory=dict)

    @classmethod
    def of(cls, hs10: Sequence[str], book: Book) -> "Lines":
        """Return lines by their ten digits; an eight-digit code counts where it is not subdivided.

        Raises:
            InputError: a malformed code, one with another number of digits, or one whose HS8 has no MFN entry.
        """
        text = tuple(_ten(code, book) for code in hs10)
        codes = np.array([int(code) for code in text], np.int64)
        hs8 = codes // 100
        place = np.minimum(np.searchsorted(book.mfn_hs8, hs8), len(book.mfn_hs8) - 1)
        absent = book.mfn_hs8[place] != hs8
        if absent.any():
            raise InputError(f"hs: {text[int(absent.argmax())]!r} is no line of this schedule; check its digits.")
        at = np.minimum(np.searchsorted(book.share_hs10, codes), len(book.share_hs10) - 1)
        has = book.share_hs10[at] == codes
        shares = {metal: np.where(has, book.share[at, i], np.nan) for i, metal in enumerate(METALS)}
        return cls(text, codes, book.mfn_rate[place], book.mfn_stand_in[place], shares, book)

    def programme(self, name: str) -> Array:
        """Return the rate of each line under a free-trade programme, NaN where it has none."""
        return self.book.claims.programme(name, self.codes // 100)

    def some(self, mask: Mask) -> "Lines":
        """Return the lines that a mask chooses."""
        key = mask.tobytes()
        if key not in self._parts:
            chosen = tuple(code for code, here in zip(self.text, mask, strict=True) if here)
            self._parts[key] = lay_out(chosen, self.book)
        return self._parts[key]

    def length(self, item: Item) -> NDArray[np.int8]:
        """Return for each line the length of its longest prefix in an item of a scope, 0 where it is not in it."""
        key = (item.list, item.hs)
        if key not in self._seen:
            out = match_length(self.codes, codes_of(item.hs)) if item.hs else np.zeros(self.codes.shape, np.int8)
            if item.list == ALL_LINES:
                out = np.maximum(out, np.int8(1))
            elif item.list:
                out = np.maximum(out, match_length(self.codes, self.book.lists[item.list]))
            self._seen[key] = out
        return self._seen[key]


@lru_cache(maxsize=512)
def lay_out(hs10: tuple[str, ...], book: Book) -> Lines:
    """Return `Lines.of`, remembered for the last few sets of lines."""
    return Lines.of(hs10, book)


def _ten(hs: object, book: Book) -> str:
    digits = check_hs(hs)
    if len(digits) == 10:
        return digits
    found = book.under(digits) if len(digits) == 8 else []
    if len(found) != 1:
        raise InputError(f"hs: {hs!r} stands for several lines; a table takes ten-digit lines.")
    return found[0]
