from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="by_user_id",
            field=models.BigIntegerField(null=True, verbose_name="操作者"),
        ),
    ]
