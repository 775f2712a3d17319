"""Run gegravity on its own sample data and store what the test compares; see README.md.

Usage, in an environment of its own: ``pip install gegravity==0.3``, then
``python generate.py sample_data_set.dlm`` with the sample data of gegravity's repository.
"""

import sys
import warnings
from pathlib import Path

import gegravity as ge
import numpy as np
import pandas as pd
from gegravity.OneSectorGE import _full_ge
from scipy.optimize import root

warnings.simplefilter("ignore")
SIGMA = 5
COEFFICIENTS = {  # of gegravity's own documentation
    "lndist": -0.3898623, "contiguity": 0.891577, "common_language": 0.0326249, "pta": 0.4711383,
    "international": -3.412584, "constant": 16.32434,
}  # fmt: skip


def solved(data: pd.DataFrame, pairs: str) -> ge.OneSectorGE:
    """Return gegravity's model after a trade agreement: "canada_japan", as documented, or "world", of all with all."""
    table = pd.DataFrame({"var": list(COEFFICIENTS), "coeff": list(COEFFICIENTS.values())})
    model = ge.OneSectorGE(
        ge.BaselineData(data, trade_var_name="trade", expend_var_name="E", output_var_name="Y"),
        year="2006", reference_importer="DEU", sigma=SIGMA, cost_variables=list(COEFFICIENTS), quiet=True,
        cost_coeff_values=ge.CostCoeffs(estimates=table, identifier_col="var", coeff_col="coeff"),
    )  # fmt: skip
    model.build_baseline(mr_tolerance=1e-12)
    later = model.baseline_data.copy()
    abroad = later["importer"] != later["exporter"]
    if pairs == "canada_japan":
        abroad &= later["importer"].isin(["CAN", "JPN"]) & later["exporter"].isin(["CAN", "JPN"])
    later.loc[abroad, "pta"] = 1
    model.define_experiment(later)
    model.simulate(ge_tolerance=1e-12)
    return model


def matrices(model: ge.OneSectorGE) -> tuple[list[str], pd.DataFrame, dict[str, np.ndarray]]:
    """Return countries, a table by country and matrices (exporter, importer)."""
    names = sorted(model.country_set)
    country = pd.DataFrame(
        {
            name: [getattr(model.country_set[c], name) for c in names]
            for name in ("baseline_output", "baseline_expenditure", "experiment_output", "experiment_expenditure")
        }
        | {
            "price": [model.country_set[c].experiment_factory_price for c in names],
            "beta": [model.country_set[c].factory_gate_price_param for c in names],
            "imr": [model.country_set[c]._experiment_imr_ratio for c in names],
            "omr": [model.country_set[c]._experiment_omr_ratio for c in names],
            "conditional_imr": [model.country_set[c]._conditional_imr_ratio for c in names],
            "conditional_omr": [model.country_set[c]._conditional_omr_ratio for c in names],
        },
        index=pd.Index(names, name="country"),
    )

    def square(frame: pd.DataFrame, column: str) -> np.ndarray:
        return frame.reset_index().pivot_table(column, "exporter", "importer").loc[names, names].to_numpy()

    results = model.bilateral_trade_results
    found = {
        "baseline": square(results, "baseline modeled trade"),
        "full": square(results, "experiment trade"),
        "cost_before": square(model.bilateral_costs, "baseline trade cost"),
        "cost_after": square(model.bilateral_costs, "experiment trade cost"),
    }
    weight = country["baseline_output"].to_numpy() / country["baseline_output"].sum()
    found["conditional"] = found["cost_after"] * np.outer(
        weight * country["conditional_omr"], country["conditional_imr"] * country["baseline_expenditure"]
    )
    return names, country, found


def iterate(names: list[str], country: pd.DataFrame, found: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return prices and trade once gegravity's own equations see the output and expenditure that its prices imply."""
    N, reference = len(names), names.index("DEU")
    order = [i for i in range(N) if i != reference] + [reference]  # gegravity puts the reference importer last
    output, spending = country["baseline_output"].to_numpy()[order], country["baseline_expenditure"].to_numpy()[order]
    cost = found["cost_after"][np.ix_(order, order)]
    beta = country["beta"].to_numpy()[order]
    x = np.concatenate([country[c].to_numpy()[order][: N - (c == "imr")] for c in ("imr", "omr", "price")])
    price = x[-N:]
    for _ in range(400):
        Y, E = output * price, spending * price
        weights = {
            "number_of_countries": N, "omr_rescale": 1, "imr_rescale": 1, "sigma": SIGMA, "output_shr": Y / Y.sum(),
            "cost_exp_shr": cost * (E / E.sum()), "cost_out_shr": cost * (Y / Y.sum())[:, None],
            "factory_gate_param": beta,
        }  # fmt: skip
        x = root(_full_ge, x, args=weights, tol=1e-13).x
        moved, price = np.abs(x[-N:] / price - 1.0).max(), x[-N:]
        if moved < 1e-12:
            break
    imr, omr = np.append(x[: N - 1], 1.0), x[N - 1 : 2 * N - 1]
    trade = cost * np.outer(omr * Y / Y.sum(), imr * E)
    back = np.argsort(order)
    return price[back], trade[np.ix_(back, back)]


def main(path: str) -> None:
    """Write one table of flows and one of countries per experiment."""
    data = pd.read_csv(path).assign(constant=1, year=lambda d: d["year"].astype(str))
    for pairs in ("canada_japan", "world"):
        names, country, found = matrices(solved(data, pairs))
        country["iterated_price"], found["iterated"] = iterate(names, country, found)
        found["cost_power_hat"] = found["cost_after"] / found["cost_before"]
        columns = ["cost_power_hat", "baseline", "conditional", "full", "iterated"]
        flows = pd.DataFrame(
            {name: found[name].ravel() for name in columns},
            index=pd.MultiIndex.from_product([names, names], names=["exporter", "importer"]),
        )
        folder = Path(__file__).parent
        flows.to_csv(folder / f"{pairs}_flows.csv", float_format="%.11g")
        keep = ["experiment_output", "experiment_expenditure", "price", "iterated_price"]
        country[keep].to_csv(folder / f"{pairs}_countries.csv", float_format="%.11g")


if __name__ == "__main__":
    main(sys.argv[1])
