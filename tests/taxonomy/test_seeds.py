"""What a seed accepts, its column takes: a fault is found with its place, not by the database."""

import pytest
from annotated_types import Le, MaxLen
from django.db import models
from pydantic import BaseModel

from policy import seeds as policy
from policy.models import (
    PolicyClause,
    PolicyDocument,
    PolicyRule,
    PolicyTarget,
    ResponsibleBody,
)
from taxonomy import seeds as taxonomy
from taxonomy.models import (
    Carrier,
    CarrierSource,
    City,
    CityFocus,
    Concept,
    ConceptMapping,
    District,
    MissingCounterpart,
    Scheme,
)

PAIRS = [
    (policy.BodySeed, ResponsibleBody),
    (policy.DocumentSeed, PolicyDocument),
    (policy.ClauseSeed, PolicyClause),
    (policy.TargetSeed, PolicyTarget),
    (policy.RuleSeed, PolicyRule),
    (taxonomy.SchemeSeed, Scheme),
    (taxonomy.ConceptSeed, Concept),
    (taxonomy.MappingSeed, ConceptMapping),
    (taxonomy.UnmappedSeed, MissingCounterpart),
    (taxonomy.DistrictSeed, District),
    (taxonomy.CitySeed, City),
    (taxonomy.FocusItem, CityFocus),
    (taxonomy.CarrierSeed, Carrier),
    (taxonomy.CarrierSource, CarrierSource),
]


@pytest.mark.parametrize(("seed", "model"), PAIRS, ids=lambda each: each.__name__)
def test_limits_of_a_seed_are_within_those_of_its_columns(
    seed: type[BaseModel], model: type[models.Model]
) -> None:
    columns = {field.name: field for field in model._meta.concrete_fields}
    too_wide = []
    for name, field in seed.model_fields.items():
        column = columns.get(name)
        if field.annotation is str and isinstance(column, models.CharField) and not column.choices:
            limits = [each.max_length for each in field.metadata if isinstance(each, MaxLen)]
            limits += [
                each.max_length
                for each in field.metadata
                if getattr(each, "max_length", None) and not isinstance(each, MaxLen)
            ]
            if not limits or min(limits) > (column.max_length or 0):
                too_wide.append(name)
        elif isinstance(column, models.IntegerField) and not any(
            isinstance(each, Le) for each in field.metadata
        ):
            too_wide.append(name)

    assert too_wide == []
