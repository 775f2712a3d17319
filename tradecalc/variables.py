"""The registry: dimensions of results, and every variable with unit, label and definition."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Variable:
    """One quantity that results and accounts may hold."""

    unit: str
    label: str
    definition: str


DIMENSIONS: Final[dict[str, str]] = {
    "draw": "one vector of the uncertain parameters",
    "channel": "one lever of the scenario, as a part of the whole change",
    "product": "one product group of the account",
    "good": "one product group that the reporter sells to the partner",
    "pledge": "one promise to buy",
    "step": "one step from a headline to additional purchases",
    "plant": "one investment that makes goods in place of shipping them",
    "flow": "one flow that follows from an investment",
    "vehicle": "one part of an investment vehicle, by sector",
    "use": "one flow that follows from a part of an investment vehicle",
    "branch": "one outcome of a tree of scenarios",
    "period": "a month or a calendar year of a path",
    "origin": "country where a flow starts (ISO-3, or ROW for the rest of the world)",
    "destination": "country where a flow ends (ISO-3, or ROW)",
    "sector": "one sector of the world model",
    "region": "one region of the world model",
    "country": "a partner of the reporter as results show it: regions of the world model, the European Union as one",
    "date": "a calendar day, month or year",
}

_BN = "USD bn"
VARIABLES: Final[dict[str, Variable]] = {
    "imports_usd_bn": Variable(
        _BN, "US imports from the partner", "General imports at customs value, before duty, freight and insurance."
    ),
    "exports_usd_bn": Variable(_BN, "US exports to the partner", "Domestic and foreign exports, free alongside ship."),
    "deficit_usd_bn": Variable(_BN, "Bilateral goods deficit", "Imports minus exports, seen from the reporter."),
    "deficit_change_usd_bn": Variable(
        _BN,
        "Change in the bilateral goods deficit",
        "Deficit under the scenario minus the deficit under the scenario it is measured against; negative narrows.",
    ),
    "deficit_change_vs_account_usd_bn": Variable(
        _BN,
        "Change in the deficit against the account",
        "Deficit under the scenario minus the deficit of the account's own year and law; negative narrows.",
    ),
    "imports_change_usd_bn": Variable(
        _BN, "Change in imports from the partner", "Imports under the scenario minus under the reference."
    ),
    "exports_change_usd_bn": Variable(
        _BN, "Change in exports to the partner", "Exports under the scenario minus under the reference."
    ),
    "additional_usd_bn": Variable(
        _BN,
        "Additional purchases",
        "The part of a pledge that was not contracted already, would not have come anyway and fits the limits.",
    ),
    "diverted_usd_bn": Variable(
        _BN,
        "Purchases diverted from other customers",
        "Additional sales to the partner that other customers lose, by the belief of each pledge.",
    ),
    "diverted_derived_usd_bn": Variable(
        _BN,
        "Purchases diverted, derived",
        "As diverted_usd_bn, from the seller's supply and its other customers' demand; NaN where a market is not "
        "known.",
    ),
    "duty_usd_bn": Variable(_BN, "Duty collected on the partner's goods", "Rate times customs value, summed."),
    "duty_change_usd_bn": Variable(
        _BN, "Change in duty collected", "Duty under the scenario minus under the reference."
    ),
    "consumer_gain_usd_bn": Variable(
        _BN,
        "Gain of buyers in the importing market",
        "Equivalent variation of the nested demand system over all sellers, so with what the law of the day does to "
        "rivals' goods; negative is a loss.",
    ),
    "real_income_change_usd_bn": Variable(
        _BN,
        "Change in the reporter's real income",
        "World engine: wages, tariff revenue and the trade balance, deflated by the price of final demand.",
    ),
    "exporter_surplus_change_usd_bn": Variable(
        _BN,
        "Change in the exporters' surplus or margin",
        "What sellers of the partner's goods gain or lose at the border.",
    ),
    "imports_by_product_usd_bn": Variable(
        _BN, "Imports from the partner by product", "As imports_usd_bn, one product."
    ),
    "imports_change_by_product_usd_bn": Variable(
        _BN, "Change in imports by product", "As imports_change_usd_bn, one product."
    ),
    "duty_by_product_usd_bn": Variable(_BN, "Duty collected by product", "As duty_usd_bn, one product."),
    "consumer_gain_by_product_usd_bn": Variable(
        _BN, "Gain of buyers by product", "As consumer_gain_usd_bn, one product."
    ),
    "channel_usd_bn": Variable(
        _BN,
        "Contribution to the change in the deficit",
        "What one lever adds; the levers sum to deficit_change_usd_bn.",
    ),
    "pledge_usd_bn": Variable(_BN, "From headline to additional", "One step of the accounting of a pledge, a year."),
    "exports_change_by_good_usd_bn": Variable(
        _BN, "Change in exports by good", "As exports_change_usd_bn, one good, before purchases that were pledged."
    ),
    "pledge_diverted": Variable(
        _BN, "Diverted from other customers", "Additional purchases that other customers of the reporter lose."
    ),
    "pledge_diverted_derived": Variable(
        _BN, "Diverted from other customers, derived", "As diverted_derived_usd_bn, one pledge."
    ),
    "pledge_room": Variable(
        _BN,
        "The buyer's room",
        "What the partner buys of the goods from others, tonnes at the account's value; NaN where it is not known, and "
        "then nothing caps the purchase from the buyer's side.",
    ),
    "pledge_stated": Variable(
        "fraction",
        "The amount was named",
        "1 where somebody named the amount of a pledge, 0 where nobody did and it measures the effect of each dollar.",
    ),
    "pledge_displaced": Variable(
        _BN, "Displaced in the partner's market", "Sales that other sellers lose in the partner's market."
    ),
    "pledge_subsidy": Variable(
        _BN,
        "Implicit subsidy",
        "What the partner's side pays on top, on all that it buys of the good, so that its users take the purchase.",
    ),
    "pledge_wedge": Variable("fraction", "Wedge of a purchase", "Implicit subsidy over the price delivered."),
    "pledge_price_hat": Variable(
        "ratio", "Price of the goods bought", "The reporter's price with the purchase over without it."
    ),
    "plant_usd_bn": Variable(
        _BN,
        "Flow of an investment",
        "Goods not shipped, parts, machinery in the period and in all, capital, profits paid abroad; the last two are "
        "not goods.",
    ),
    "vehicle_usd_bn": Variable(
        _BN,
        "Flow of an investment vehicle",
        "Machinery in the period and in all, goods afterwards (NaN: not known), capital promised and spent, profits "
        "paid abroad; the last three are not goods.",
    ),
    "branch_deficit_change_usd_bn": Variable(
        _BN, "Change in the deficit by branch", "As deficit_change_usd_bn, in one outcome of a tree."
    ),
    "branch_probability": Variable("fraction", "Probability of a branch", "As the user owns it; shipped ones assumed."),
    "path_deficit_change_usd_bn": Variable(
        _BN, "Change in the deficit along the path", "As deficit_change_usd_bn, in one period at an annual rate."
    ),
    "path_deficit_usd_bn": Variable(
        _BN, "Bilateral goods deficit along the path", "As deficit_usd_bn, in one period at an annual rate."
    ),
    "path_duty_usd_bn": Variable(
        _BN, "Duty collected along the path", "As duty_usd_bn, in one period at an annual rate."
    ),
    "path_rate": Variable(
        "fraction", "Average tariff along the path", "Rates of a period over the account's imports from the partner."
    ),
    "path_rate_reference": Variable(
        "fraction", "Average tariff along the path of the reference", "As path_rate, under the reference."
    ),
    "rate_reference": Variable("fraction", "Tariff rate in the reference", "As rate, under the reference scenario."),
    "buyers_bear_usd_bn": Variable(
        _BN,
        "Borne by buyers of the partner's goods",
        "Higher duty-inclusive price on what is still bought, against the reference.",
    ),
    "exporters_bear_usd_bn": Variable(
        _BN, "Borne by exporters", "Lower border price on what is still sold, against the reference."
    ),
    "licences_keep_usd_bn": Variable(
        _BN,
        "Kept by the holders of quota licences",
        "Quota rent after the within-quota duty on the exporters' part of it.",
    ),
    "base_effect_usd_bn": Variable(
        _BN,
        "Duty of the account's law on the change in volume",
        "Baseline rate times the change in quantity at baseline prices.",
    ),
    "deadweight_loss_usd_bn": Variable(
        _BN,
        "Deadweight loss",
        "Minus the gains of buyers, treasury, licence holders and producers; margins of exporters under a given "
        "pass-through are a transfer and stay outside.",
    ),
    "makers_price_usd_bn": Variable(
        _BN,
        "Makers of the partner: price",
        "Change in the border price on what they still sell, minus exporters_bear_usd_bn; negative is a loss.",
    ),
    "makers_volume_usd_bn": Variable(
        _BN,
        "Makers of the partner: volume",
        "Surplus or margin on what they no longer sell; under a given pass-through none but a margin that is named.",
    ),
    "rivals_gain_usd_bn": Variable(
        _BN, "Gain of makers of all other origins", "As exporter_surplus_change_usd_bn, of all foreign rivals."
    ),
    "narrows_in": Variable(
        "fraction",
        "Share of draws in which the deficit narrows",
        "Of those that converged, against the reference; a statement on the beliefs drawn, not on the model.",
    ),
    "deficit_first_year_usd_bn": Variable(
        _BN,
        "Deficit in the first full year",
        "As deficit_usd_bn, in the calendar year after the day asked about, along the path.",
    ),
    "terms_of_trade_usd_bn": Variable(
        _BN,
        "Terms of trade in real income",
        "World engine: what dearer exports bring and dearer imports cost, summed along the way to the scenario.",
    ),
    "volume_of_trade_usd_bn": Variable(
        _BN, "Volume of trade in real income", "World engine: duty on the change in what is imported, likewise."
    ),
    "overall_deficit_change_usd_bn": Variable(
        _BN,
        "Change in the overall deficit, goods and services",
        "The reporter's deficit with the whole world; zero by construction where the world engine holds it fixed.",
    ),
    "overall_goods_deficit_change_usd_bn": Variable(
        _BN, "Change in the overall goods deficit", "The reporter's deficit in goods with the whole world."
    ),
    "overall_duty_change_usd_bn": Variable(
        _BN, "Change in duty collected, all partners", "As duty_change_usd_bn, on the goods of every partner."
    ),
    "partner_deficit_change_usd_bn": Variable(
        _BN, "Change in the goods deficit by partner", "As deficit_change_usd_bn, with each partner of the reporter."
    ),
    "partner_services_deficit_change_usd_bn": Variable(
        _BN, "Change in the services deficit by partner", "The reporter's deficit in services with each partner."
    ),
    "partner_imports_change_usd_bn": Variable(
        _BN, "Change in goods imports by partner", "The reporter's imports from each partner, customs value."
    ),
    "partner_exports_change_usd_bn": Variable(
        _BN, "Change in goods exports by partner", "The reporter's exports to each partner."
    ),
    "imports_by_sector_usd_bn": Variable(_BN, "Imports from the partner by sector", "As imports_usd_bn, one sector."),
    "imports_change_by_sector_usd_bn": Variable(
        _BN, "Change in imports by sector", "As imports_change_usd_bn, one sector of the world engine."
    ),
    "exports_change_by_sector_usd_bn": Variable(
        _BN, "Change in exports by sector", "As exports_change_usd_bn, one sector of the world engine."
    ),
    "purchase_subsidy": Variable(
        "fraction", "Subsidy behind a purchase", "What the partner pays on top so that its market takes the pledge."
    ),
    "real_income_hat": Variable(
        "ratio", "Real income", "Final spending over its price index, under the scenario over the reference."
    ),
    "real_wage_hat": Variable("ratio", "Real wage", "Wage over the price of final demand, over the reference."),
    "rate_by_sector": Variable("fraction", "Tariff rate by sector", "As rate, one sector of the world engine."),
    "rate_by_sector_reference": Variable(
        "fraction", "Tariff rate by sector in the reference", "As rate_by_sector, under the reference scenario."
    ),
    "adding_up": Variable("fraction", "Adding-up", "Largest gap in trade balances and budgets over world value added."),
    "quota_rent_usd_bn": Variable(_BN, "Quota rent", "What the holders of quota licences earn."),
    "rate": Variable("fraction", "Tariff rate", "Duty over customs value."),
    "price_hat": Variable("ratio", "Border price", "Border price under the scenario over the baseline."),
    "delivered_hat": Variable("ratio", "Delivered price", "Duty-inclusive price under the scenario over the baseline."),
    "quantity_hat": Variable("ratio", "Import volume", "Quantity under the scenario over the baseline."),
    "usd_jpy": Variable("JPY per USD", "Exchange rate", "Monthly average of daily rates."),
    "units": Variable("cars", "Cars", "Number of passenger cars."),
}
