"""Addresses of pages."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from web.views import capabilities, cities, concepts, health, home, imports, policies, scenarios


class CodeConverter(StringConverter):
    """Codes of facts: lower-case words with hyphens."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


register_converter(CodeConverter, "code")

urlpatterns = [
    path("", home.home, name="home"),
    path("scenarios/", scenarios.scenario_list, name="scenario_list"),
    path("scenarios/<uuid:public_id>/", scenarios.scenario_detail, name="scenario_detail"),
    path("capabilities/", capabilities.capability_list, name="capability_list"),
    path(
        "capabilities/<uuid:public_id>/", capabilities.capability_detail, name="capability_detail"
    ),
    path("import-templates/<slug:kind>.xlsx", imports.import_template_file, name="import_template"),
    path("cities/", cities.city_list, name="city_list"),
    path("cities/<code:code>/", cities.city_detail, name="city_detail"),
    path("concepts/", concepts.concept_list, name="concept_list"),
    path("concepts/<code:code>/", concepts.concept_detail, name="concept_detail"),
    path("policy/", policies.policy_list, name="policy_list"),
    path("policy/clauses/", policies.clause_list, name="clause_list"),
    path("policy/clauses/<code:code>/", policies.policy_clause, name="policy_clause"),
    path("policy/rules/<code:code>/", policies.policy_rule, name="policy_rule"),
    path("policy/<code:code>/", policies.policy_document, name="policy_document"),
    path("healthz", health.healthz, name="healthz"),
]
