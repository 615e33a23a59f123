
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('demandes', '0018_suite_d_une_demande'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Remise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('imprimee_le', models.DateTimeField(blank=True, null=True, verbose_name='imprimée le')),
                ('remise_le', models.DateField(blank=True, null=True, verbose_name='remise le')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='remise', to='demandes.message')),
                ('remise_par', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'remise',
                'indexes': [models.Index(condition=models.Q(('remise_le__isnull', True)), fields=['id'], name='remise_attendue')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('remise_le__isnull', True), ('remise_par__isnull', True)), models.Q(('remise_le__isnull', False), ('remise_par__isnull', False)), _connector='OR'), name='remise_par_quelqu_un')],
            },
        ),
    ]
