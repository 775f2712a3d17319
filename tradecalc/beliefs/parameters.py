"""The uncertain numbers of the model: what each role means, what it may be, and which products it holds for."""

import math
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, model_validator

from tradecalc.beliefs.distributions import Distribution, Strict

Role = Literal[
    "sigma",
    "sigma_home",
    "eta",
    "supply",
    "pass_through",
    "rent_to_exporter",
    "sigma_partner",
    "eta_partner",
    "share_partner",
    "supply_partner",
    "fx_imports",
    "fx_exports",
    "fx_elasticity_imports",
    "fx_elasticity_exports",
    "dollar_offset",
    "short_run",
    "adjustment_speed",
    "front_loading",
    "theta",
    "theta_scale",
]
ROLES: Final[dict[str, tuple[str, ...]]] = {
    "market": ("sigma", "sigma_home", "eta", "supply", "pass_through", "rent_to_exporter"),  # the reporter's markets
    "partner": ("sigma_partner", "eta_partner", "share_partner", "supply_partner"),  # the partner's markets
    "dollar": ("fx_imports", "fx_exports", "fx_elasticity_imports", "fx_elasticity_exports", "dollar_offset"),
    "time": ("short_run", "adjustment_speed", "front_loading"),
    "world": ("theta", "theta_scale"),
    "responding": ("sigma", "sigma_home", "eta", "sigma_partner", "eta_partner"),  # elasticities that need time
}
_SHARES: Final = ("pass_through", "rent_to_exporter", "share_partner", "fx_imports", "fx_exports", "short_run")
_SCALAR: Final = ("dollar_offset", *ROLES["time"], *ROLES["world"])
_OFFSET: Final = 2.0  # how far the dollar may move for a rise of the average tariff, either way


class Parameter(Strict):
    """One uncertain number of the model and the products it holds for (none named: all that no other names).

    ``theta`` is a trade elasticity of the world engine and names ``sectors`` instead of products; ``theta_scale`` is a
    factor on the elasticities of all goods that no ``theta`` names.
    """

    role: Role
    products: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    belief: Distribution

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, value: Any) -> Any:
        """Accept the distribution beside ``role`` and ``products``, as files write it."""
        if not isinstance(value, dict) or "belief" in value:
            return value
        own = {key: value[key] for key in ("role", "products", "sectors") if key in value}
        return {**own, "belief": {key: item for key, item in value.items() if key not in own}}

    @model_validator(mode="after")
    def _in_range(self) -> "Parameter":
        low, high = self.belief.bounds
        ceiling = 1.0 if self.role in _SHARES else math.inf
        if self.role == "dollar_offset":
            if max(-low, high) > _OFFSET:
                raise ValueError(f"dollar_offset runs from {low:g} to {high:g}, but -2 to 2 is allowed.")
        elif low < 0 or high > ceiling:
            allowed = "0 to 1" if ceiling == 1 else "0 or more"
            raise ValueError(f"{self.role} runs from {low:g} to {high:g}, but {allowed} is allowed.")
        if self.role in (*ROLES["world"], "share_partner", "supply_partner") and low == 0:
            raise ValueError(f"{self.role} starts at 0, but a number above 0 is needed.")
        if bool(self.sectors) != (self.role == "theta") or (self.products and self.role in _SCALAR):
            raise ValueError(
                f"{self.role}: `sectors:` belongs to a theta, and `products:` to elasticities and shares of markets."
            )
        return self


def with_roles(value: Any) -> Any:
    """Return parameters as files write them, each with the role that its name starts with where it writes none."""
    if not isinstance(value, dict):
        return value
    out = {}
    for name, item in value.items():
        role = max((r for r in get_args(Role) if str(name).startswith(r)), key=len, default=None)
        named = isinstance(item, dict) and "role" not in item and role is not None
        out[name] = {"role": role, **item} if named else item
    return out


def one_belief_per_product(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    """Return parameters; ValueError where two give one role for one product, or none gives what markets need."""
    seen: dict[tuple[str, str], str] = {}
    for name, parameter in parameters.items():
        for product in parameter.products or parameter.sectors or ("every other product",):
            key = (parameter.role, product)
            if key in seen:
                raise ValueError(
                    f"parameters {seen[key]!r} and {name!r} both give {parameter.role} for {product}; keep one."
                )
            seen[key] = name
    named = {parameter.role for parameter in parameters.values()} & set(ROLES["dollar"])
    for role in ("sigma", "eta", *sorted(named)):
        if (role, "every other product") not in seen:
            raise ValueError(f"no parameter gives {role} for the products that none names; add one without a list.")
    return parameters


Parameters = Annotated[dict[str, Parameter], BeforeValidator(with_roles), AfterValidator(one_belief_per_product)]
