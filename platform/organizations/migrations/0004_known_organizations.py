"""What organizations registered before have no record of: skeletons, and who vouched for them."""

from django.db import migrations
from django.db.models import F

from organizations.lookalikes import skeleton


def fill(apps, schema_editor):
    Organization = apps.get_model("organizations", "Organization")
    Evidence = apps.get_model("organizations", "Evidence")
    for organization in Organization.objects.filter(skeleton="").iterator(chunk_size=500):
        Organization.objects.filter(pk=organization.pk).update(
            skeleton=skeleton(organization.name), submitted_at=F("created_at")
        )
        if organization.state == "verified":
            Evidence.objects.bulk_create(
                Evidence(
                    organization=organization,
                    kind=kind,
                    state="confirmed",
                    note="由平台登记，无附件",
                )
                for kind in organization.attributes
            )


class Migration(migrations.Migration):

    dependencies = [
        ("organizations", "0003_registration"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
