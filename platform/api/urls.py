"""Addresses of the API; its description is at ``/api/docs/``."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from api.errors import not_found
from api.v1 import (
    applications,
    capabilities,
    catalogue,
    notifications,
    organizations,
    policy,
    scenarios,
    taxonomy,
)

router = SimpleRouter()
router.register("organizations", organizations.OrganizationViewSet, "organization")
router.register("scenarios", scenarios.ScenarioViewSet, "scenario")
router.register("capabilities", capabilities.CapabilityViewSet, "capability")
router.register("products", capabilities.ProductViewSet, "product")
router.register("applications", applications.ApplicationViewSet, "application")
router.register("catalogues", catalogue.CatalogueViewSet, "catalogue")
router.register("catalogue-items", catalogue.ItemViewSet, "catalogue-item")
router.register("catalogue-editions", catalogue.EditionViewSet, "catalogue-edition")
router.register("notifications", notifications.NotificationViewSet, "notification")
router.register("cities", taxonomy.CityViewSet, "city")
router.register("carriers", taxonomy.CarrierViewSet, "carrier")
router.register("schemes", taxonomy.SchemeViewSet, "scheme")
router.register("concepts", taxonomy.ConceptViewSet, "concept")
router.register("policy-documents", policy.PolicyDocumentViewSet, "policy-document")
router.register("policy-clauses", policy.PolicyClauseViewSet, "policy-clause")
router.register("policy-rules", policy.PolicyRuleViewSet, "policy-rule")
router.register("policy-targets", policy.PolicyTargetViewSet, "policy-target")
router.register("policy-editions", policy.PolicyEditionViewSet, "policy-edition")

urlpatterns = [
    path("v1/", include((router.urls, "api"))),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    re_path("", not_found),
]
