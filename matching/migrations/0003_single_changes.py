import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0002_engine'),
    ]

    operations = [
        migrations.AlterField(
            model_name='matchlist',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lists', to='matching.matchrun'),
        ),
        # One change writes up to half the lists of a page anew: with so much room no index is
        # written. Pages get it as they are filled, by the next full run.
        migrations.RunSQL(
            'ALTER TABLE matching_matchlist SET (fillfactor = 50)',
            'ALTER TABLE matching_matchlist RESET (fillfactor)',
        ),
    ]
