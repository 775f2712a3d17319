"""From account, law and beliefs to the plain arrays an engine takes: draws first, products, origins last."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from tradecalc._beliefs import Strict
from tradecalc._files import Stamp, data_root, read_yaml, stamp, validate
from tradecalc._lawbook import LawBook
from tradecalc._levers import LawChange
from tradecalc.account import Account
from tradecalc.scenario import Scenario
from tradecalc.tariffs import Override, TariffSchedule, load_tariffs
from tradecalc.terms import InputError, nearest

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Markets:
    """The reporter's import markets, one a product.

    ``value`` (product, origin) in USD bn at customs value, home sales at basic prices; ``weights`` (product, line):
    shares of the HS lines in a product's imports; ``law_of``: whose law stands for each origin.
    """

    products: tuple[str, ...]
    origins: tuple[str, ...]
    partner: int
    home: int
    value: Array
    lines: tuple[str, ...]
    weights: Array
    law_of: dict[str, dict[str, Any]]
    stamps: tuple[Stamp, ...]


class Rival(Strict):
    """Whose law stands for a seller, and what is assumed of its goods; ``why`` says so in words."""

    law: str
    us_content: float | None = Field(default=None, ge=0, le=1)
    in_quota: bool | None = None
    why: str


class Rivals(Strict):
    """The content of data/markets/rivals.yaml."""

    origins: dict[str, Rival]


@lru_cache(maxsize=4)
def lay_out(account: Account) -> Markets:
    """Return the markets of all products that the partner sells to the reporter and that have a market.

    Returned goods and other special provisions have no home sales; they are not a market and stay as they are.
    """
    lines = account.hs10
    sold = [p for p in account.products if account.imports_usd_bn.get(p, 0) > 0]
    tables = {product: account.market(product).set_index("origin")["usd_bn"] for product in sold}
    products = tuple(product for product in sold if tables[product][account.reporter] > 0)
    origins = tuple(tables[products[0]].index)
    value = np.array([tables[product].reindex(list(origins)).to_numpy(float) for product in products])
    row = {product: i for i, product in enumerate(products)}
    weights = np.zeros((len(products), len(lines)))
    for column, (product, usd) in enumerate(zip(lines["product"], lines["usd"], strict=True)):
        if product in row:
            weights[row[product], column] = usd
    weights /= weights.sum(axis=1, keepdims=True)
    path = data_root() / "markets" / "rivals.yaml"
    content, where = read_yaml(path, name="data/markets/rivals.yaml")
    rivals = validate(Rivals, content, where, name="data/markets/rivals.yaml").origins
    return Markets(
        products=products,
        origins=origins,
        partner=origins.index(account.partner),
        home=origins.index(account.reporter),
        value=value,
        lines=tuple(lines["hs10"]),
        weights=weights,
        law_of={o: rival.model_dump(exclude_none=True, exclude={"why"}) for o, rival in rivals.items()},
        stamps=(stamp(path),),
    )


def schedule_of(scenario: Scenario, account: Account) -> TariffSchedule:
    """Return the law a scenario asks about: as known on its ``as_of``, with its own changes."""
    schedule = load_tariffs(account.definition.law, as_of=scenario.tariffs.as_of)
    changes = scenario.tariffs.overrides
    return _changed(schedule.reporter, schedule.as_of, schedule.law, changes) if changes else schedule


@lru_cache(maxsize=32)
def _changed(reporter: str, as_of: date | None, law: LawBook, changes: tuple[LawChange, ...]) -> TariffSchedule:
    schedule = TariffSchedule(reporter, as_of, law)
    return schedule.override([Override(**change.model_dump(exclude_defaults=True)) for change in changes])


def average_rates(markets: Markets, schedule: TariffSchedule, *, on: date, assessed: str) -> Array:
    """Return the average rate (product, origin) on a day, at the partner's HS-line weights; home pays none."""
    return _averages(markets, schedule.law, schedule.as_of, on, assessed).copy()


@lru_cache(maxsize=256)
def _averages(markets: Markets, law: LawBook, as_of: date | None, on: date, assessed: str) -> Array:
    schedule = TariffSchedule(law.schedule.reporter, as_of, law)
    out = np.zeros(markets.value.shape)
    by_law: dict[str, Array] = {}
    for column, origin in enumerate(markets.origins):
        if column == markets.home:
            continue
        rival = markets.law_of.get(origin, {"law": origin})
        key = str(sorted(rival.items()))
        if key not in by_law:
            options = {k: v for k, v in rival.items() if k in ("us_content", "in_quota")}
            by_line = schedule.rates(markets.lines, origin=rival["law"], dates=[on], assessed=assessed, **options)[0]
            by_law[key] = markets.weights @ by_line
        out[:, column] = by_law[key]
    return out


def by_product(scenario: Scenario, products: tuple[str, ...], role: str, values: dict[str, Array]) -> Array | None:
    """Return the beliefs of one role as an array (draw, product), or None where the scenario has none.

    Raises:
        InputError: a parameter names a product that the account does not hold (with the nearest).
    """
    out: Array | None = None
    parameters = [(n, p) for n, p in scenario.parameters.items() if p.role == role]
    for name, parameter in sorted(parameters, key=lambda item: bool(item[1].products)):
        if out is None:
            out = np.full((values[name].size, len(products)), np.nan)
        for product in parameter.products or products:
            check_product(product, products, f"parameters.{name}.products")
            out[:, products.index(product)] = values[name]
    return out


def check_product(product: str, products: tuple[str, ...], where: str) -> None:
    """Raise InputError unless the account holds a product; the message names the nearest."""
    if product not in products:
        raise InputError(
            f"{where}: {product!r} is not a product of the account; see `tradecalc.load_account(...).products`."
            f"{nearest(product, products)}"
        )
