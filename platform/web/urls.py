"""Addresses of pages."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from web.views import (
    administration,
    applications,
    audit,
    authorities,
    capabilities,
    catalogue,
    catalogue_administration,
    cities,
    concepts,
    files,
    health,
    home,
    imports,
    members,
    policies,
    products,
    scenarios,
    verification,
    workspace,
)


class CodeConverter(StringConverter):
    """Codes of facts: lower-case words with hyphens."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


class CatalogueCodeConverter(StringConverter):
    """What the numbers of a catalogue's editions begin with."""

    regex = "[A-Z]{2,8}"


class EditionNumberConverter(StringConverter):
    regex = "[A-Z]{2,8}-[0-9]{4}-[0-9]{4,5}"


register_converter(CodeConverter, "code")
register_converter(CatalogueCodeConverter, "catalogue")
register_converter(EditionNumberConverter, "edition")

urlpatterns = [
    path("", home.home, name="home"),
    path("scenarios/", scenarios.scenario_list, name="scenario_list"),
    path("scenarios/new/", scenarios.scenario_new, name="scenario_new"),
    path("scenarios/<uuid:public_id>/", scenarios.scenario_detail, name="scenario_detail"),
    path("scenarios/<uuid:public_id>/edit/", scenarios.scenario_edit, name="scenario_edit"),
    path(
        "scenarios/<uuid:public_id>/contact/", scenarios.scenario_contact, name="scenario_contact"
    ),
    path("scenarios/<uuid:public_id>/apply/", applications.apply, name="apply"),
    path(
        "scenarios/<uuid:public_id>/applications/",
        applications.scenario_applications,
        name="scenario_applications",
    ),
    path(
        "scenarios/<uuid:public_id>/ranked-by/",
        scenarios.scenario_ranked_by,
        name="scenario_ranked_by",
    ),
    path("scenarios/<uuid:public_id>/<slug:step>/", scenarios.scenario_step, name="scenario_step"),
    path("applications/", applications.application_list, name="application_list"),
    path(
        "applications/<uuid:public_id>/", applications.application_detail, name="application_detail"
    ),
    path(
        "applications/<uuid:public_id>/edit/",
        applications.application_edit,
        name="application_edit",
    ),
    path(
        "applications/<uuid:public_id>/contact/",
        applications.application_contact,
        name="application_contact",
    ),
    path(
        "applications/<uuid:public_id>/<slug:step>/",
        applications.application_step,
        name="application_step",
    ),
    path("my/", workspace.workspace, name="workspace"),
    path("administration/", administration.administration, name="administration"),
    path("administration/audit/", audit.audit_list, name="audit_list"),
    path("administration/audit/<int:number>/", audit.audit_event, name="audit_event"),
    path("administration/authorities/", include("web.authority_urls")),
    path("administration/register-authority/", authorities.authority_new, name="authority_new"),
    path("organizations/", include("web.organization_urls")),
    path("invitations/<slug:token>/", members.invitation, name="invitation"),
    path("files/<uuid:public_id>/", files.stored_file, name="stored_file"),
    path("administration/organizations/", verification.queue, name="organization_verification"),
    path(
        "administration/organizations/<uuid:public_id>/",
        verification.review,
        name="organization_review",
    ),
    path("capabilities/", capabilities.capability_list, name="capability_list"),
    path("capabilities/new/", capabilities.capability_new, name="capability_new"),
    path(
        "capabilities/<uuid:public_id>/", capabilities.capability_detail, name="capability_detail"
    ),
    path(
        "capabilities/<uuid:public_id>/edit/", capabilities.capability_edit, name="capability_edit"
    ),
    path(
        "capabilities/<uuid:public_id>/ranked-by/",
        capabilities.capability_ranked_by,
        name="capability_ranked_by",
    ),
    path(
        "capabilities/<uuid:public_id>/<slug:step>/",
        capabilities.capability_step,
        name="capability_step",
    ),
    path("products/", products.product_list, name="product_list"),
    path("products/new/", products.product_new, name="product_new"),
    path("products/<uuid:public_id>/edit/", products.product_edit, name="product_edit"),
    path("catalogue/", catalogue.catalogue_list, name="catalogue_list"),
    path("catalogue/<catalogue:code>/", catalogue.catalogue_detail, name="catalogue_detail"),
    path(
        "catalogue/editions/<edition:number>/",
        catalogue.catalogue_edition,
        name="catalogue_edition",
    ),
    path(
        "catalogue/editions/<edition:number>.xlsx",
        catalogue.catalogue_edition_file,
        name="catalogue_edition_file",
    ),
    path("catalogue/items/<uuid:public_id>/", catalogue.catalogue_item, name="catalogue_item"),
    path(
        "catalogue/items/<uuid:public_id>/begin_notice/",
        catalogue_administration.begin_notice,
        name="catalogue_begin_notice",
    ),
    path(
        "catalogue/items/<uuid:public_id>/<slug:step>/",
        catalogue_administration.item_step,
        name="catalogue_item_step",
    ),
    path(
        "administration/catalogue/",
        catalogue_administration.catalogues,
        name="catalogue_administration",
    ),
    path(
        "administration/catalogue/new/",
        catalogue_administration.catalogue_new,
        name="catalogue_new",
    ),
    path(
        "administration/catalogue/<catalogue:code>/",
        catalogue_administration.workbench,
        name="catalogue_workbench",
    ),
    path(
        "administration/catalogue/<catalogue:code>/edit/",
        catalogue_administration.catalogue_edit,
        name="catalogue_edit",
    ),
    path(
        "administration/catalogue/<catalogue:code>/candidates/",
        catalogue_administration.nominations,
        name="catalogue_nominations",
    ),
    path(
        "administration/catalogue/<catalogue:code>/candidates/<uuid:public_id>/",
        catalogue_administration.nominate,
        name="catalogue_nominate",
    ),
    path(
        "administration/catalogue/<catalogue:code>/publish/",
        catalogue_administration.publish,
        name="catalogue_publish",
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
    path("notifications/", include("web.notification_urls")),
    path("", include("web.expert_urls")),
    path("accounts/", include("web.account_urls")),
    path("healthz", health.healthz, name="healthz"),
]
