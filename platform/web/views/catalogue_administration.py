"""Pages on which administrators curate catalogues and publish editions."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

import catalogue.workbench
from accounts.enums import Duty
from capabilities.filters import ProductFilter
from catalogue import queries, services
from catalogue.facts import (
    CandidateFacts,
    CatalogueChange,
    CatalogueFacts,
    EditionFacts,
    NoticeFacts,
)
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem
from common.actor import Actor
from common.clock import beijing_today
from web.forms.catalogue import (
    CandidateForm,
    CatalogueChangeForm,
    CatalogueForm,
    EditionForm,
    NoticeForm,
)
from web.forms.refusals import posted
from web.lists import render_list
from web.steps import step_page
from web.views.administration import for_duty
from web.writing import form_status, newer_version, written

catalogue_administrators_only = for_duty(Duty.CATALOGUE)


@require_safe
@catalogue_administrators_only
def catalogues(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "catalogue/administration/list.html",
        {"catalogues": queries.catalogues_under_curation(Actor.of(request.user))},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def catalogue_new(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    form = CatalogueForm(posted(request), actor=actor)

    def write(facts: CatalogueFacts) -> Catalogue:
        return services.create_catalogue(facts=facts, actor=actor)

    if made := written(request, form, write):
        messages.success(request, _("目录已建立，接下来推荐产品。"))
        return redirect("catalogue_workbench", made.code)
    context = {"form": form}
    return render(request, "catalogue/administration/new.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def catalogue_edit(request: HttpRequest, code: str) -> HttpResponse:
    actor = Actor.of(request.user)
    found = get_object_or_404(queries.catalogues_curated_by(actor), code=code)
    stated = CatalogueChange(name=found.name, introduction=found.introduction)
    form = CatalogueChangeForm(posted(request), stated=stated, version=found.updated_at)

    def write(facts: CatalogueChange) -> Catalogue:
        return services.change_catalogue(
            catalogue=found, facts=facts, actor=actor, unchanged_since=form.unchanged_since
        )

    if written(request, form, write):
        messages.success(request, _("已保存。"))
        return redirect("catalogue_workbench", found.code)
    context = {"form": form, "catalogue": found, "newer": newer_version(form, found, stated)}
    return render(request, "catalogue/administration/edit.html", context, status=form_status(form))


@require_safe
@catalogue_administrators_only
def workbench(request: HttpRequest, code: str) -> HttpResponse:
    """The first items of each section; ``?all=<section>`` shows one to its end."""
    found = get_object_or_404(queries.catalogues_curated_by(Actor.of(request.user)), code=code)
    actor, whole = Actor.of(request.user), request.GET.get("all", "")
    bench = catalogue.workbench.workbench(found, actor, whole=whole)
    context = {"catalogue": found, "bench": bench}
    return render(request, "catalogue/administration/workbench.html", context)


@require_safe
@catalogue_administrators_only
def nominations(request: HttpRequest, code: str) -> HttpResponse:
    """Products to choose from."""
    found = get_object_or_404(queries.catalogues_curated_by(Actor.of(request.user)), code=code)
    products = queries.nominable(found, Actor.of(request.user))
    return render_list(
        request,
        "catalogue/administration/nominations",
        filterset=ProductFilter(request.GET, products, request=request),
        context={"catalogue": found},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def nominate(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """Say why one product should be listed."""
    actor = Actor.of(request.user)
    found = get_object_or_404(queries.catalogues_curated_by(Actor.of(request.user)), code=code)
    product = get_object_or_404(queries.nominable(found, actor), public_id=public_id)
    form = CandidateForm(posted(request))

    def write(facts: CandidateFacts) -> CatalogueItem:
        return services.add_candidate(catalogue=found, product=product, facts=facts, actor=actor)

    if written(request, form, write):
        messages.success(request, _("“%(product)s”已列为候选。") % {"product": product})
        return redirect("catalogue_workbench", found.code)
    context = {"form": form, "catalogue": found, "product": product}
    return render(
        request, "catalogue/administration/nominate.html", context, status=form_status(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def begin_notice(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What would be announced, and when; announced only as it was shown."""
    actor = Actor.of(request.user)
    item = _visible(actor, public_id)
    today = beijing_today()
    shortest = settings.CATALOGUE_NOTICE_DAYS
    offered = NoticeFacts(notice_from=today, notice_to=today + timedelta(days=shortest - 1))
    form = NoticeForm(posted(request), stated=offered)

    def write(facts: NoticeFacts) -> CatalogueItem:
        previewed = request.POST.get("previewed", "")
        return services.begin_notice(item=item, facts=facts, actor=actor, previewed=previewed)

    if written(request, form, write):
        messages.success(request, _("“%(product)s”已进入公示。") % {"product": item})
        return redirect("catalogue_workbench", item.catalogue.code)
    shown = _visible(actor, public_id)
    context = {"form": form, "item": shown, "catalogue": shown.catalogue, "shortest": shortest}
    return render(
        request, "catalogue/administration/notice.html", context, status=form_status(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def item_step(request: HttpRequest, public_id: UUID, step: str) -> HttpResponse:
    item = _visible(Actor.of(request.user), public_id)
    then = reverse("catalogue_workbench", args=[item.catalogue.code])
    return step_page(request, item, services.STEPS, step, then=then)


@require_http_methods(["GET", "HEAD", "POST"])
@catalogue_administrators_only
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """What the next edition would hold and change; published only as it was shown."""
    actor = Actor.of(request.user)
    found = get_object_or_404(queries.catalogues_curated_by(Actor.of(request.user)), code=code)
    form = EditionForm(posted(request))

    def write(facts: EditionFacts) -> CatalogueEdition:
        return services.publish_edition(
            catalogue=found,
            facts=facts,
            actor=actor,
            previewed=request.POST.get("previewed", ""),
        )

    if edition := written(request, form, write):
        messages.success(request, _("已发布 %(number)s。") % {"number": edition.number})
        return HttpResponseRedirect(edition.get_absolute_url())
    context = {"form": form, "catalogue": found, "upcoming": queries.next_edition(found)}
    return render(
        request, "catalogue/administration/publish.html", context, status=form_status(form)
    )


def _visible(actor: Actor, public_id: UUID) -> CatalogueItem:
    return get_object_or_404(queries.with_details(queries.visible_to(actor)), public_id=public_id)
