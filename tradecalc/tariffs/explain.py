"""Why a rate is what it is: a row an authority, with its rule, what it adds, who displaced it, and the citation."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tradecalc.tariffs.law import BASE, Authority, Rate, Reference
from tradecalc.tariffs.lawbook import LawBook
from tradecalc.tariffs.lines import METALS
from tradecalc.tariffs.stack import LABEL, Claim, Stack

COLUMNS = (
    "authority", "name", "applied", "rule", "rate", "share_of_value", "displaced_by", "why", "citation", "confidence",
    "hypothetical", "assumed",
)  # fmt: skip


def explain_line(stack: Stack, at: int, law: LawBook) -> pd.DataFrame:
    """Return one row for each authority that applies to a line, is displaced, exempts it or was removed.

    ``rate`` is what each adds; the column sums to the total.
    """
    rows = [_base_row(stack, at, law)]
    acting = [c.authority.authority for c in stack.claims if c.row[at] >= 0 and c.weight[at] > 0]
    for claim in stack.claims:
        above = law.rules.excluded_by[claim.authority.authority]
        if claim.row[at] >= 0:
            rule = claim.rows[int(claim.row[at])]
            if rule.rule == "replace":
                rows.append(_row(claim.authority, law, rule, rule="replace", rate=float(stack.base[at])))
            else:
                rows.append(_claim_row(claim, rule, at, [name for name in above if name in acting], law))
        for mask, label in claim.removed:
            if mask[at]:
                heirs = [n for n in acting if claim.authority.authority in law.rules.excluded_by[n]]
                then = f"; {', '.join(heirs)} takes over" if heirs else "; nothing takes over"
                rows.append(_off(claim.authority, law, "removed", f"taken out by an override{then}", label, True))
        for mask, item in claim.spared:
            if mask[at] and claim.row[at] < 0:
                named = item.list or ", ".join(item.hs)
                cited = law.references[item.reference]
                rows.append(_off(claim.authority, law, "exempt", f"on its exempt list ({named})", "", False, cited))
                break
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(authority: Authority, law: LawBook, source: Rate | None, **own: Any) -> dict[str, Any]:
    hypothetical = source is not None and source.hypothetical
    cited = law.references[authority.stacking.reference if source is None or hypothetical else source.reference]
    return {
        "authority": authority.authority,
        "name": authority.name,
        "applied": True,
        "share_of_value": 1.0,
        "displaced_by": "",
        "why": (source.note if source else "") or authority.stacking.why,
        "citation": "hypothetical: not law" if hypothetical else cited.citation,
        "confidence": "assumed" if hypothetical else (source and source.confidence) or cited.confidence,
        "hypothetical": hypothetical,
        "assumed": False,
        **own,
    }


def _off(
    authority: Authority, law: LawBook, rule: str, why: str, by: str, hypothetical: bool, cited: Reference | None = None
) -> dict[str, Any]:
    own: dict[str, Any] = {"applied": False, "rule": rule, "rate": 0.0, "share_of_value": 0.0, "displaced_by": by}
    if cited is not None:
        own |= {"citation": cited.citation, "confidence": cited.confidence, "assumed": cited.status == "assumed"}
    if hypothetical:
        own |= {"citation": "hypothetical: not law", "confidence": "assumed"}
    return _row(authority, law, None, why=why, hypothetical=hypothetical, **own)


def _base_row(stack: Stack, at: int, law: LawBook) -> dict[str, Any]:
    instead = [
        claim.authority.authority
        for claim in stack.claims
        if claim.row[at] >= 0 and claim.rows[int(claim.row[at])].rule == "replace"
    ]
    mfn = law.authority(BASE)
    if instead == [BASE]:
        return _off(mfn, law, "base", "an override stands instead of it", BASE, False)
    if instead:
        return _off(mfn, law, "base", "a claimed free-trade rate stands instead of it", ", ".join(instead), False)
    return _row(mfn, law, None, rule="base", rate=float(stack.base[at]))


def _claim_row(claim: Claim, source: Rate, at: int, above: list[str], law: LawBook) -> dict[str, Any]:
    weight, taken, add = float(claim.weight[at]), float(claim.taken[at]), float(claim.add[at])
    return _row(
        claim.authority,
        law,
        source,
        applied=taken < 1.0,
        rule=_rule(source),
        rate=weight * add,
        share_of_value=weight,
        displaced_by=", ".join(above) if taken > 0 else "",
        why=_why(claim.authority, source, weight, taken, add),
        assumed=bool(claim.assumed[at]),
    )


def _rule(source: Rate) -> str:
    side = "" if source.in_quota is None else ", in quota" if source.in_quota else ", over quota"
    return f"{source.rule} {100 * source.rate:g} %{side}"


def _why(authority: Authority, source: Rate, weight: float, taken: float, add: float) -> str:
    if taken >= 1.0:
        return "the authority above it takes the whole value"
    parts = []
    if source.rule == "floor":
        parts.append("tops the base up to the floor" if add > 0 else "the base is at or above the floor")
    kind = source.base or authority.base
    if kind in METALS:
        parts.append(f"on the {LABEL[kind]} content, {100 * weight:.3g} % of the value")
    elif kind == "non_us_content":
        parts.append(f"on content that is not US-made, {100 * weight:.3g} % of the value")
    elif taken > 0:
        parts.append(f"on the {100 * weight:.3g} % of the value that is left")
    if source.note:
        parts.append(source.note)
    return "; ".join(parts) or authority.stacking.why


def calendar_rows(days: list[date], stacks: list[Stack]) -> pd.DataFrame:
    """Return the windows in which a line pays one rate to the same authorities: from, to, rate, charged, assumed."""
    rows: list[dict[str, Any]] = []
    for day, stack in zip(days, stacks, strict=True):
        charged = [c.authority.authority for c in stack.claims if c.row[0] >= 0 and c.weight[0] * c.add[0] > 0]
        rate = float(stack.rate[0])
        said = " + ".join(["base", *charged])
        if not rows or said != rows[-1]["charged"] or not np.isclose(rows[-1]["rate"], rate, rtol=0, atol=1e-12):
            rows.append({"from": day, "rate": rate, "charged": said, "assumed": bool(stack.assumed[0])})
    frame = pd.DataFrame(rows, columns=["from", "rate", "charged", "assumed"])
    frame["from"] = pd.to_datetime(frame["from"])
    frame.insert(1, "to", frame["from"].shift(-1) - pd.Timedelta(days=1))
    return frame
