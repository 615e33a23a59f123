import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('demandes', '0013_index_utiles'),
    ]

    operations = [
        migrations.AddField(
            model_name='fiche',
            name='direction',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fiches', to='organisation.direction', verbose_name='direction responsable'),
        ),
        migrations.AddField(
            model_name='fiche',
            name='a_revoir_le',
            field=models.DateField(blank=True, null=True, verbose_name='à relire avant le'),
        ),
        migrations.AddField(
            model_name='fiche',
            name='modifiee_le',
            field=models.DateTimeField(auto_now=True, default=django.utils.timezone.now, verbose_name='modifiée le'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='fiche',
            name='est_active',
            field=models.BooleanField(default=True, verbose_name='publiée'),
        ),
    ]
