"""Whoever sits in a city of the province states no seat outside of it (facts.OrganizationFacts).

Before that was asked both could stand side by side; the city is what everything goes by. The row's
history keeps what the seat was. An amendment that asks for both asks for the city.
"""

from django.db import migrations


def leave_the_city(apps, schema_editor):
    Organization = apps.get_model("organizations", "Organization")
    Organization.objects.exclude(city=None).exclude(seat="").update(seat="")
    Amendment = apps.get_model("organizations", "Amendment")
    for amendment in Amendment.objects.filter(state="pending"):
        if amendment.values.get("city") and amendment.values.get("seat"):
            amendment.values["seat"] = ""
            amendment.save(update_fields=["values"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0006_replaced_evidence")]
    operations = [migrations.RunPython(leave_the_city, migrations.RunPython.noop)]
