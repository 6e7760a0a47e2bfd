"""Who kept accounts beside other duties keeps one or the other from now on.

One person cannot be split in two, so the duty ``system`` is taken from them, as long as the
authority has another person who is appointed to it; the last one keeps it, and loses the others.
An invented person always keeps the others: the demonstration shows them. Content and catalogue can
then be given to somebody by ``manage.py appoint`` or on the page of the authority.

Each change is in the audit log (and, by the tables' triggers, in the history of the row). What has
ended stays as it was written; what has run out gives nothing, but may not come back joined.
"""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Now, TruncDate

SYSTEM = "system"
MIGRATION = "authorities.0004_separate_duties"


def separate(apps, schema_editor):
    Appointment = apps.get_model("authorities", "Appointment")
    AuditEvent = apps.get_model("audit", "AuditEvent")
    today = TruncDate(Now(), tzinfo=ZoneInfo("Asia/Shanghai"))
    standing = Appointment.objects.filter(ended_at=None)
    present = standing.filter(Q(ends_on=None) | Q(ends_on__gte=today))

    def tell(row, verb, details):
        AuditEvent.objects.create(
            actor_kind="system",
            actor_label=MIGRATION,
            verb=f"authorities.appointment.{verb}",
            object_type="authorities.appointment",
            object_id=str(row.pk),
            details={"user": row.user_id, **details},
        )

    def keep(row, kept):
        former = row.duties
        if kept == former:
            return
        if kept:
            row.duties = kept
            row.save(update_fields=["duties", "updated_at"])
            last = row.ends_on.isoformat() if row.ends_on else None
            stated = {"authority": row.authority_id, "before": former, "after": kept}
            tell(row, "appoint", {**stated, "ends_on": last})
        else:
            row.ended_at = Now()
            row.save(update_fields=["ended_at", "updated_at"])
            tell(row, "end", {"duties": former, "reason": "系统管理须单独承担"})

    def is_last(row):
        others = present.filter(authority=row.authority_id, duties__contains=[SYSTEM])
        return not others.exclude(user=row.user_id).filter(user__is_active=True).exists()

    # Joined in one row, whether or not its term still runs ...
    for row in standing.filter(duties__contains=[SYSTEM], duties__len__gt=1).order_by("pk"):
        alone = is_last(row) and not row.user.is_demonstration
        keep(row, [SYSTEM] if alone else [duty for duty in row.duties if duty != SYSTEM])
    # ... or in the rows of several authorities.
    for row in present.filter(duties=[SYSTEM]).order_by("pk"):
        others = [*present.filter(user=row.user_id).exclude(duties=[SYSTEM])]
        for each in others if is_last(row) else [row] if others else []:
            keep(each, [])


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0003_history"),
        ("accounts", "0003_demonstration"),
        ("audit", "0004_chain"),
    ]
    operations = [migrations.RunPython(separate, migrations.RunPython.noop)]
