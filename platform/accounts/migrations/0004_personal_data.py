import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# What somebody agreed to is evidence: a row is closed once and otherwise stays as it was written.
FORWARD = """
CREATE FUNCTION accounts_refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
       AND (OLD.id, OLD.user_id, OLD.kind, OLD.version, OLD.given_at)
         = (NEW.id, NEW.user_id, NEW.kind, NEW.version, NEW.given_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'consents are never overwritten' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER accounts_consent_kept BEFORE UPDATE ON accounts_consent
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_consent_change();
"""
BACKWARD = """
DROP TRIGGER accounts_consent_kept ON accounts_consent;
DROP FUNCTION accounts_refuse_consent_change();
"""


def count_as_verified(apps, schema_editor):
    """Accounts so far were opened by the operator, who knew the address."""
    users = apps.get_model("accounts", "User").objects.filter(emailaddress=None).exclude(email="")
    address = apps.get_model("account", "EmailAddress")
    address.objects.bulk_create(
        (
            address(user_id=key, email=email.lower(), primary=True, verified=True)
            for key, email in users.values_list("pk", "email").iterator()
        ),
        batch_size=1000,
    )


def end_sessions(apps, schema_editor):
    """Those begun before sessions were listed stand in no list: people sign in once more."""
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_demonstration"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "user",
            "phone",
            models.CharField(
                blank=True, db_default="", default="", max_length=20, verbose_name="电话"
            ),
        ),
        migrations.AddField(
            "user",
            "deleted_at",
            models.DateTimeField(editable=False, null=True, verbose_name="注销时间"),
        ),
        migrations.CreateModel(
            "Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("terms_and_privacy", "服务条款和隐私政策"),
                            ("share_contacts", "向对接方提供联系方式"),
                        ],
                        max_length=20,
                        verbose_name="事项",
                    ),
                ),
                ("version", models.CharField(max_length=20, verbose_name="版本")),
                (
                    "given_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="同意时间",
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="撤回时间"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "同意记录",
                "verbose_name_plural": "同意记录",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("user", "kind", "version"),
                        name="accounts_consent_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(count_as_verified, migrations.RunPython.noop),
        migrations.RunPython(end_sessions, migrations.RunPython.noop),
    ]
