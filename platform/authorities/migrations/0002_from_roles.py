"""Those who had the role of administrator work for an authority from now on."""

from django.db import migrations

NAME = "平台管理机构"


def appoint_administrators(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    administrators = User.objects.filter(roles__contains=["administrator"])
    if not administrators.exists():
        return
    authority = apps.get_model("authorities", "Authority").objects.create(
        code="platform", name=NAME
    )
    Appointment = apps.get_model("authorities", "Appointment")
    for person in administrators:
        Appointment.objects.create(
            authority=authority, user=person, duties=["system", "content", "catalogue"]
        )


class Migration(migrations.Migration):
    dependencies = [("authorities", "0001_initial"), ("accounts", "0003_demonstration")]
    operations = [migrations.RunPython(appoint_administrators, migrations.RunPython.noop)]
