"""Pages on which a supplier writes its products."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

import catalogue.queries
from capabilities import queries, services
from capabilities.facts import ProductFacts
from capabilities.filters import ProductFilter
from capabilities.models import Product
from common.actor import Actor
from common.permissions import may
from organizations.enums import Capacity
from organizations.queries import editable_organizations
from web.forms.capabilities import ProductForm
from web.forms.refusals import posted
from web.lists import render_list
from web.writing import (
    choose_organization,
    edit_page,
    form_status,
    writing_organization,
    written,
)


@login_required
@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """The products of one's organizations, and where they stand in catalogues."""
    actor = Actor.of(request.user)
    own = queries.own_products(actor).select_related("organization")
    return render_list(
        request,
        "products/list",
        filterset=ProductFilter(request.GET, catalogue.queries.with_listings(own, actor)),
        context={"may_write": editable_organizations(actor).exists()},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def product_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    organization = writing_organization(request, Capacity.SUPPLY)
    if organization is None:
        return choose_organization(request, _("登记产品"), Capacity.SUPPLY)
    form = ProductForm(posted(request))

    def write(facts: ProductFacts) -> Product:
        return services.create_product(organization=organization, facts=facts, actor=actor)

    if product := written(request, form, write):
        return _saved(request, product)
    context = {
        "form": form,
        "organization": organization,
        "product": None,
        "back": reverse("workspace"),
    }
    return render(request, "products/form.html", context, status=form_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def product_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    actor = Actor.of(request.user)
    own = queries.own_products(actor).select_related("organization")
    product = get_object_or_404(own, public_id=public_id)
    if not may("capabilities.change", actor, product):
        raise PermissionDenied
    stated = queries.stated_product_facts(product)
    form = ProductForm(posted(request), stated=stated, version=product.updated_at)
    return edit_page(
        request,
        "products/form.html",
        form,
        record=product,
        stated=stated,
        change=partial(services.change_product, product=product),
        then=lambda changed: _saved(request, changed),
        context={
            "product": product,
            "organization": product.organization,
            "back": reverse("workspace"),
        },
    )


def _saved(request: HttpRequest, product: Product) -> HttpResponse:
    messages.success(request, _("产品“%(record)s”已保存。") % {"record": product})
    return redirect("workspace")
