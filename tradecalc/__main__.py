"""The command line: one short function a command, around one public function."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tradecalc import __version__


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 a check found something, 2 bad input."""
    from tradecalc.terms import TradecalcError

    parser = _parser()
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    try:
        return int(args.function(args))
    except TradecalcError as err:
        print(err, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tradecalc",
        description="What each lever of a trade deal does to a bilateral deficit, how sure we are, and who pays.",
    )
    parser.add_argument("--version", action="version", version=f"tradecalc {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    run = _add(commands, "run", _run, "run a scenario and print what it does to the deficit")
    run.add_argument("scenario", help="a shipped name or the path of a .yaml file")
    run.add_argument("--draws", type=int, help="number of draws (default: the scenario's)")
    run.add_argument("--seed", type=int, help="seed of the draws (default: the scenario's)")
    run.add_argument("--engine", help="partial (markets) or general (world equilibrium); default: the scenario's")
    run.add_argument(
        "--year", type=int, help="a calendar year: ramps and short-run elasticities (default: the long run)"
    )
    run.add_argument("--path", choices=("year", "month"), help="also print the path by year or by month")
    run.add_argument("--partner", metavar="ISO3", help="code of the partner, such as VNM (default: the scenario's)")
    run.add_argument("--vintage", help="vintage of the account (default: the first release)")
    run.add_argument("--save", type=Path, metavar="FILE", help="write the whole result to a file")

    rates = _add(commands, "rates", _rates, "say what a good pays on a day, and why")
    rates.add_argument("hs", help="HS code with or without dots, such as 8703.23")
    rates.add_argument("--origin", required=True, help="ISO-3 code of the origin, such as JPN")
    rates.add_argument("--on", required=True, metavar="DAY", help="the day, YYYY-MM-DD")
    rates.add_argument("--as-of", metavar="DAY", help="the law as known on this day (default: as it really followed)")
    rates.add_argument("--assessed", choices=("first", "final", "legal"), default="final")
    rates.add_argument("--no-preference", action="store_true", help="no free-trade claim")
    rates.add_argument("--in-quota", choices=("yes", "no"), help="inside the tariff-rate quota, where there is one")
    rates.add_argument("--aircraft-use", choices=("yes", "no"), help="entered as civil aircraft or a part of one")
    rates.add_argument("--use", metavar="NAME", help="a declared use of data/tariffs/us/schedule.yaml")
    for share in ("us-content", "steel-share", "aluminium-share", "copper-share"):
        rates.add_argument(f"--{share}", type=float, metavar="FRACTION")

    solve = _add(commands, "solve-for", _solve_for, "say how much of a lever reaches a target, or that no amount does")
    solve.add_argument("scenario", help="a shipped name or the path of a .yaml file")
    solve.add_argument(
        "--lever", required=True, help="such as 'pledge: corn', 'barrier: NAME', 'exchange rate' or 'rate: cars'"
    )
    solve.add_argument(
        "--target", required=True, type=float, metavar="USD_BN", help="by how much the deficit is to narrow"
    )

    solve.add_argument("--together", action="store_true", help="keep everything else that the scenario holds")

    solve.add_argument(
        "--partner", metavar="ISO3", help="ask it of this partner, such as VNM (default: the scenario's)"
    )

    partners = _add(commands, "partners", _partners, "list the partners: deficit, average rate on a day, known detail")
    partners.add_argument("--on", metavar="DAY", help="the day of the rate (default: the last day compiled)")

    _add(commands, "scenarios", _scenarios, "list the shipped scenarios and their questions")
    _add(commands, "check", _check, "validate every data file and name what is wrong")

    estimate = _add(commands, "estimate", _estimate, "fit the no-change path to a sample and store its parameters")
    estimate.add_argument("--since", metavar="YYYY-MM", default="1985-01", help="first month (default: 1985-01)")
    estimate.add_argument("--until", metavar="YYYY-MM", default="2025-03", help="last month (default: 2025-03)")
    estimate.add_argument("--out", type=Path, metavar="FILE", help="a .yaml file (default: below data/estimates)")

    notebooks = _add(commands, "notebooks", _notebooks, "execute the notebooks and write their outputs", table=False)
    notebooks.add_argument("--check", action="store_true", help="write nothing; fail where outputs differ")

    report = _add(commands, "report", _report, "execute the notebooks and build the HTML report", table=False)
    report.add_argument("--out", type=Path, default=Path("_site"), metavar="DIR")
    report.add_argument("--stored", action="store_true", help="use the committed outputs instead of executing")
    return parser


def _add(commands: Any, name: str, function: Any, text: str, *, table: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.set_defaults(function=function)
    if table:
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _print(frame: Any, *, as_json: bool, digits: int = 3) -> None:
    if as_json:
        print(frame.to_json(orient="records", indent=1, date_format="iso"))
    else:
        print(frame.to_string(index=False, float_format=lambda x: f"{round(x, digits) + 0.0:.{digits}f}", na_rep="-"))


def _run(args: argparse.Namespace) -> int:
    from tradecalc.scenario import scenario_path

    scenario_path(args.scenario)  # a name that does not exist is told before anything heavy is imported
    from tradecalc.scenario import against, load_scenario
    from tradecalc.study import branch_table, prepare

    scenario = load_scenario(args.scenario)
    study = prepare(None if args.partner else scenario.account, vintage=args.vintage, partner=args.partner)
    options = {"draws": args.draws, "seed": args.seed, "engine": args.engine, "year": args.year}
    result, account = study.run(scenario, path=bool(args.path), **options), study.account
    if args.save:
        result.save(args.save)
    asked = result.scenario
    by_date = None
    if not asked.branches and asked.year is None and asked.engine == "partial":
        by_date = study.levels(scenario, draws=0).reset_index()
    channels = result.channels.to_series().rename("central").rename_axis("channel").reset_index()
    if args.json:
        summary = json.loads(result.summary().reset_index().to_json(orient="records"))
        parts = json.loads(channels.to_json(orient="records"))
        path = (
            {"path": json.loads(result.path(by=args.path).reset_index().to_json(orient="records"))} if args.path else {}
        )
        if by_date is not None:
            path = {"levels": json.loads(by_date.to_json(orient="records")), **path}
        head = {
            "scenario": scenario.name,
            "title": result.scenario.title,
            "relative_to": scenario.relative_to,
            "account": result.account,
        }
        print(
            json.dumps(
                {**head, "summary": summary, "channels": parts, "failed_draws": result.failed_draws, **path}, indent=1
            )
        )
        return 0
    print(f"{result.scenario.title}\n{result.scenario.question}")
    book = f"account {account.name}, vintage {account.vintage}"
    print(f"measured against: {against(result.scenario)}; {book}; USD bn a year\n")
    _print(result.summary()[["label", "central", "p5", "p95"]], as_json=False, digits=2)
    if by_date is not None:
        print("\nLevels, USD bn, at the central beliefs")
        _print(by_date.assign(year=by_date["year"].astype("string").fillna("-")), as_json=False, digits=1)
    print("\nWhat each lever contributes to the change in the deficit")
    _print(channels, as_json=False, digits=2)
    if scenario.branches:
        print("\nThe branches of the tree")
        _print(branch_table(result), as_json=False, digits=2)
    if args.path:
        print("\nAlong the path, at annual rates")
        _print(result.path(by=args.path).reset_index(), as_json=False, digits=2)
    print(f"\n{len(result.diagnostics)} draws, {result.failed_draws} not converged")
    return 0


def _rates(args: argparse.Namespace) -> int:
    from tradecalc.tariffs import load_tariffs

    schedule = load_tariffs("us", as_of=args.as_of)
    options = {
        "origin": args.origin,
        "on": args.on,
        "preference": not args.no_preference,
        "assessed": args.assessed,
        "us_content": args.us_content,
        "steel_share": args.steel_share,
        "aluminium_share": args.aluminium_share,
        "copper_share": args.copper_share,
        "in_quota": _yes(args.in_quota),
        "aircraft_use": _yes(args.aircraft_use),
        "use": args.use,
    }
    rate = schedule.rate(args.hs, **options)
    why = schedule.explain(args.hs, **options)
    if args.json:
        rows = json.loads(why.to_json(orient="records", date_format="iso"))
        print(
            json.dumps({"hs": args.hs, "origin": args.origin, "on": args.on, "rate": rate, "explain": rows}, indent=1)
        )
        return 0
    print(f"HS {args.hs} from {args.origin} on {args.on}: {100 * rate:.4g} %\n")
    _print(why, as_json=False)
    return 0


def _yes(word: str | None) -> bool | None:
    return None if word is None else word == "yes"


def _solve_for(args: argparse.Namespace) -> int:
    from tradecalc.scenario import scenario_path

    scenario_path(args.scenario)
    from tradecalc.study import prepare, solve_for

    account = prepare(partner=args.partner).account if args.partner else None
    options = {"target_usd_bn": args.target, "alone": not args.together, "account": account}
    found = solve_for(args.scenario, lever=args.lever, **options)
    _print(found, as_json=args.json, digits=2)
    return 0


def _partners(args: argparse.Namespace) -> int:
    from tradecalc.study import partners

    table = partners(args.on)
    if args.json:
        _print(table, as_json=True)
        return 0
    within = zip(table["name"], table["member_of"], strict=True)
    shown = table.assign(rate=100 * table["rate"], name=[f"{n} (in {u})" if u else n for n, u in within])
    names = {"imports_usd_bn": "imports", "exports_usd_bn": "exports", "deficit_usd_bn": "deficit", "rate": "rate %"}
    _print(shown.drop(columns=["account", "member_of"]).rename(columns=names), as_json=False, digits=1)
    print("\nUSD bn of 2024; rate: average over all lines. Members stand beside their union: do not add the two.")
    return 0


def _scenarios(args: argparse.Namespace) -> int:
    from tradecalc.scenario import questions

    rows = list(questions())
    if args.json:
        print(json.dumps([dict(zip(("scenario", "title", "question"), row, strict=True)) for row in rows], indent=1))
        return 0
    width = max(len(name) for name, _, _ in rows)
    for name, title, question in [("scenario", "title", "question"), *rows]:
        print(f"{name.ljust(width)}  {title}\n{' ' * width}  {question}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from tradecalc.account import check_accounts
    from tradecalc.evidence import check_estimates
    from tradecalc.files import check_files, data_files
    from tradecalc.scenario import check_scenarios
    from tradecalc.tariffs import check_tariffs

    checks = (check_files, check_accounts, check_tariffs, check_scenarios, check_estimates)
    found = list(dict.fromkeys(sentence for check in checks for sentence in check()))
    if args.json:
        print(json.dumps({"files": len(data_files()), "problems": found}, indent=1))
    else:
        print("\n".join(found) if found else f"{len(data_files())} data files: nothing wrong")
    return 1 if found else 0


def _estimate(args: argparse.Namespace) -> int:
    from tradecalc.evidence import estimate_no_change, write_estimate
    from tradecalc.files import shown

    estimate = estimate_no_change(since=args.since, until=args.until)
    path = write_estimate(estimate, args.out)
    if args.json:
        print(json.dumps({"file": str(args.out or shown(path)), **estimate.model_dump(mode="json")}, indent=1))
        return 0
    table = estimate.table()
    numbers = {name: table[name].map("{:.4g}".format, na_action="ignore") for name in ("estimate", "standard_error")}
    _print(table.assign(**numbers), as_json=False)
    for flow, fit in estimate.flows:
        print(f"\n{flow}: log likelihood {fit.log_likelihood:.3f}", *fit.weaknesses, sep="\n")
    print(f"\nwrote {args.out or shown(path)}")
    return 0


def _notebooks(args: argparse.Namespace) -> int:
    from tradecalc.report import check_notebooks, write_notebooks

    if args.check:
        found = check_notebooks()
        print("\n".join(found) if found else "the committed notebooks are what the code produces")
        return 1 if found else 0
    written = write_notebooks()
    print("\n".join(f"wrote {path.name}" for path in written) if written else "every notebook is current")
    return 0


def _report(args: argparse.Namespace) -> int:
    from tradecalc.report import write_report

    print(write_report(args.out, execute=not args.stored))
    return 0


if __name__ == "__main__":
    sys.exit(main())
