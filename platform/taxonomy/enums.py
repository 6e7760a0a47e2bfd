"""Closed lists of the taxonomy app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConceptLevel(models.TextChoices):
    """The place of a concept in its scheme: a field, or a sub-industry of one."""

    FIELD = "field", _("领域")
    SUB_INDUSTRY = "sub_industry", _("细分产业")


class ConceptStatus(models.TextChoices):
    """WATCH holds candidates of Guangzhou's 「6+X」 mechanism (clause 三)."""

    WATCH = "watch", _("监测中")
    ACTIVE = "active", _("在用")
    RETIRED = "retired", _("已停用")


class Horizon(models.TextChoices):
    """Years until an industry may grow into a strategic emerging one (Shenzhen 2022, 四)."""

    YEARS_5_10 = "5-10", _("5 至 10 年")
    YEARS_10_15 = "10-15", _("10 至 15 年")


class MappingKind(models.TextChoices):
    """SKOS mapping properties: ``source`` skos:<kind>Match ``target``."""

    EXACT = "exact", _("等同")
    CLOSE = "close", _("相近")
    BROAD = "broad", _("对方更宽")
    NARROW = "narrow", _("对方更窄")
    RELATED = "related", _("相关")

    @property
    def inverse(self) -> "MappingKind":
        """The kind read from the target's side; broad and narrow change places."""
        swapped = {MappingKind.BROAD: MappingKind.NARROW, MappingKind.NARROW: MappingKind.BROAD}
        return swapped.get(self, self)


class Region(models.TextChoices):
    """The four regions in which Guangdong groups its cities."""

    PEARL_RIVER_DELTA = "pearl_river_delta", _("珠三角")
    EAST = "east", _("粤东")
    WEST = "west", _("粤西")
    NORTH = "north", _("粤北")


class MetroCircle(models.TextChoices):
    """The province's five metropolitan circles (五大都市圈)."""

    GUANGZHOU = "guangzhou", _("广州都市圈")
    SHENZHEN = "shenzhen", _("深圳都市圈")
    PEARL_RIVER_WEST = "pearl_river_west", _("珠江口西岸都市圈")
    SHANTOU_CHAOZHOU_JIEYANG = "shantou_chaozhou_jieyang", _("汕潮揭都市圈")
    ZHANJIANG_MAOMING = "zhanjiang_maoming", _("湛茂都市圈")


class DistrictKind(models.TextChoices):
    """Administrative districts have a GB/T 2260 code, functional areas have none."""

    ADMINISTRATIVE = "administrative", _("行政区")
    FUNCTIONAL = "functional", _("功能区")


class FocusScope(models.TextChoices):
    """Whether a text names the city itself or a group that the city belongs to."""

    CITY = "city", _("点名到市")
    GROUP = "group", _("按区域合并表述")


class CarrierKind(models.TextChoices):
    """Kinds of places that carry future industries (载体)."""

    SCIENCE_CITY = "science_city", _("科学城")
    PARK = "park", _("园区")
    COOPERATION_ZONE = "cooperation_zone", _("合作区")
    NEW_AREA = "new_area", _("新区与片区")
    TALENT_BASE = "talent_base", _("科创与人才载体")
    PILOT_ZONE = "pilot_zone", _("未来产业先导区")
    INCUBATOR = "incubator", _("孵化器")
    PROOF_OF_CONCEPT = "proof_of_concept", _("概念验证中心")
    PILOT_TEST = "pilot_test", _("中试平台")
