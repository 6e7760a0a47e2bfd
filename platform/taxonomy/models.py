"""Concepts of every scheme, the crosswalk between them, and the cities with their focus areas."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policy.models import PolicyClause, PolicyDocument, SeededModel
from taxonomy.enums import (
    CarrierKind,
    ConceptLevel,
    ConceptStatus,
    DistrictKind,
    FocusScope,
    Horizon,
    MappingKind,
    MetroCircle,
    Region,
)


class Scheme(SeededModel):
    """A concept scheme (标签体系): one list of industries in one text."""

    title = models.CharField(_("名称"), max_length=100)
    short_title = models.CharField(_("简称"), max_length=40)
    jurisdiction = models.CharField(_("辖区代码"), max_length=6, blank=True)
    document = models.ForeignKey(PolicyDocument, models.PROTECT, related_name="schemes")
    clauses = models.ManyToManyField(PolicyClause, related_name="schemes")
    note = models.TextField(_("说明"), blank=True)

    class Meta(SeededModel.Meta):
        verbose_name = _("标签体系")
        verbose_name_plural = _("标签体系")

    def __str__(self) -> str:
        return self.short_title

    def get_absolute_url(self) -> str:
        listed = reverse("concept_list")
        return listed if self.retired_in_id else f"{listed}?scheme={self.code}"


class Concept(SeededModel):
    """An industry tag (标签) in a scheme; SKOS: prefLabel, altLabel, broader."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="concepts")
    broader = models.ForeignKey("self", models.PROTECT, related_name="narrower", null=True)
    label = models.CharField(_("名称"), max_length=60)
    alternatives = ArrayField(models.CharField(max_length=60), verbose_name=_("别名"), default=list)
    level = models.CharField(_("层级"), max_length=20, choices=ConceptLevel)
    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="concepts")
    definition = models.CharField(_("说明"), max_length=300, blank=True)
    horizon = models.CharField(_("成长期"), max_length=10, choices=Horizon, blank=True)
    status = models.CharField(
        _("状态"), max_length=10, choices=ConceptStatus, default=ConceptStatus.ACTIVE
    )
    sort_key = models.TextField(_("拼音"))

    class Meta(SeededModel.Meta):
        verbose_name = _("产业标签")
        verbose_name_plural = _("产业标签")

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("concept_detail", args=[self.code])


class ConceptMapping(SeededModel):
    """``source`` skos:<kind>Match ``target``; stated once, read from both sides."""

    source = models.ForeignKey(Concept, models.PROTECT, related_name="mappings_out")
    target = models.ForeignKey(Concept, models.PROTECT, related_name="mappings_in")
    kind = models.CharField(_("关系"), max_length=10, choices=MappingKind)
    reason = models.CharField(_("理由"), max_length=300)

    class Meta(SeededModel.Meta):
        verbose_name = _("标签映射")
        verbose_name_plural = _("标签映射")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(source=models.F("target")), name="taxonomy_mapping_two_concepts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class MissingCounterpart(SeededModel):
    """Said openly: ``concept`` has no counterpart in ``scheme``, and why none was forced."""

    concept = models.ForeignKey(Concept, models.PROTECT, related_name="missing_counterparts")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+")
    reason = models.CharField(_("理由"), max_length=300)

    class Meta(SeededModel.Meta):
        verbose_name = _("无对应标签")
        verbose_name_plural = _("无对应标签")

    def __str__(self) -> str:
        return f"{self.concept_id} ∉ {self.scheme_id}"


class City(SeededModel):
    """A city at prefecture level; ``code`` is GB/T 2260, ``column`` and ``row`` place its tile."""

    name = models.CharField(_("名称"), max_length=20)
    slug = models.CharField(_("拼音"), max_length=40)
    region = models.CharField(_("区域"), max_length=20, choices=Region)
    metro_circles = ArrayField(
        models.CharField(max_length=30, choices=MetroCircle), verbose_name=_("都市圈"), default=list
    )
    column = models.PositiveSmallIntegerField(_("列"))
    row = models.PositiveSmallIntegerField(_("行"))

    class Meta(SeededModel.Meta):
        verbose_name = _("城市")
        verbose_name_plural = _("城市")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("city_detail", args=[self.code])

    def metro_circle_labels(self) -> list[str]:
        return [str(MetroCircle(value).label) for value in self.metro_circles]


class District(SeededModel):
    """A district or functional area of a city."""

    city = models.ForeignKey(City, models.PROTECT, related_name="districts")
    name = models.CharField(_("名称"), max_length=20)
    division_code = models.CharField(_("行政区划代码"), max_length=6, blank=True)
    kind = models.CharField(_("类别"), max_length=20, choices=DistrictKind)

    class Meta(SeededModel.Meta):
        verbose_name = _("区")
        verbose_name_plural = _("区")

    def __str__(self) -> str:
        return self.name


class CityFocus(SeededModel):
    """A clause names ``concept`` as a focus of ``city`` (聚焦领域, 重点细分产业).

    Lists are open (等): a concept that is absent is not excluded.
    """

    city = models.ForeignKey(City, models.PROTECT, related_name="focus")
    concept = models.ForeignKey(Concept, models.PROTECT, related_name="focus")
    level = models.CharField(_("层级"), max_length=20, choices=ConceptLevel)
    scope = models.CharField(_("表述范围"), max_length=10, choices=FocusScope)
    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="focus")
    wording = models.CharField(_("原文用词"), max_length=60, blank=True)

    class Meta(SeededModel.Meta):
        verbose_name = _("聚焦领域")
        verbose_name_plural = _("聚焦领域")

    def __str__(self) -> str:
        return f"{self.city_id} {self.concept_id}"


class Carrier(SeededModel):
    """A place that carries future industries (载体)."""

    name = models.CharField(_("名称"), max_length=60)
    alternatives = ArrayField(models.CharField(max_length=60), verbose_name=_("别名"), default=list)
    city = models.ForeignKey(City, models.PROTECT, related_name="carriers")
    district = models.ForeignKey(District, models.PROTECT, related_name="carriers", null=True)
    kind = models.CharField(_("类别"), max_length=20, choices=CarrierKind)

    class Meta(SeededModel.Meta):
        verbose_name = _("载体")
        verbose_name_plural = _("载体")

    def __str__(self) -> str:
        return self.name


class CarrierSource(SeededModel):
    """A clause that names a carrier, and the role it gives to it."""

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="sources")
    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="carriers")
    wording = models.CharField(_("原文用词"), max_length=60, blank=True)
    role = models.CharField(_("定位"), max_length=60, blank=True)

    class Meta(SeededModel.Meta):
        verbose_name = _("载体出处")
        verbose_name_plural = _("载体出处")

    def __str__(self) -> str:
        return f"{self.carrier_id} ← {self.clause_id}"
