"""What importers claim: free-trade rates by line and programme, and how much of the trade claims what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Claims:
    """Free-trade rates by programme, and measured shares of value that claim a preference or aircraft use.

    ``programmes``: HS8 codes in order and their rates; ``preference``: by origin, from which day a share holds and the
    shares by HS prefix; ``aircraft``: shares by HS prefix, the empty one for all.
    """

    programmes: Mapping[str, tuple[Codes, Array]]
    preference: Mapping[str, tuple[tuple[date, Mapping[str, float]], ...]]
    aircraft: Mapping[str, float]

    @classmethod
    def of(cls, programmes: pd.DataFrame, preference: pd.DataFrame, aircraft: pd.DataFrame) -> "Claims":
        """Return the claims of three tables."""
        rates = {}
        for name, rows in programmes.sort_values("hs8").groupby("programme"):
            codes = np.array([int(code) for code in rows["hs8"]], np.int64)
            rates[str(name)] = (codes, rows["rate"].to_numpy(np.float64))
        shares: dict[str, list[tuple[date, Mapping[str, float]]]] = {}
        for (origin, start), rows in preference.groupby(["origin", "from"]):
            by_code = dict(zip(rows["hs"], rows["share_claimed"].to_numpy(float), strict=True))
            shares.setdefault(str(origin), []).append((date.fromisoformat(str(start)[:10]), by_code))
        steps_of = {origin: tuple(sorted(steps, key=lambda step: step[0])) for origin, steps in shares.items()}
        used = dict(zip(aircraft["hs"], aircraft["share_of_value"].to_numpy(float), strict=True))
        return cls(rates, steps_of, used)

    def programme(self, name: str, hs8: Codes) -> Array:
        """Return the rate of each line under a programme, NaN where it has none."""
        codes, rates = self.programmes[name]
        place = np.minimum(np.searchsorted(codes, hs8), len(codes) - 1)
        return np.where(codes[place] == hs8, rates[place], np.nan)

    def days(self) -> set[date]:
        """Return the days on which a measured share changes."""
        return {start for steps in self.preference.values() for start, _ in steps}

    def preference_share(self, origin: str, hs10: tuple[str, ...], day: date) -> Array | None:
        """Return the share of each line's value that claims a preference, or None where it was not measured."""
        steps = [start for start, _ in self.preference.get(origin, ()) if start <= day]
        return _shares(self, origin, steps[-1], hs10) if steps else None

    def aircraft_share(self, hs10: tuple[str, ...]) -> Array:
        """Return the share of each line's value that enters for civil aircraft: of the line, its chapter, or all."""
        return _shares(self, None, None, hs10)


@lru_cache(maxsize=1024)
def _shares(claims: Claims, origin: str | None, start: date | None, hs10: tuple[str, ...]) -> Array:
    by_code = claims.aircraft if origin is None else dict(claims.preference[origin])[start or date.min]
    return _closest(by_code, hs10)


def _closest(shares: Mapping[str, float], hs10: tuple[str, ...]) -> Array:
    """Return the share of the longest prefix of each line; 0 where none stands."""
    lengths = sorted({len(code) for code in shares}, reverse=True)
    found = (next((shares[code[:n]] for n in lengths if code[:n] in shares), 0.0) for code in hs10)
    return np.fromiter(found, np.float64, len(hs10))
