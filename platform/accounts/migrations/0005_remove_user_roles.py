from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_personal_data"),
        # It has made appointments of them.
        ("authorities", "0002_from_roles"),
    ]
    operations = [migrations.RemoveField(model_name="user", name="roles")]
