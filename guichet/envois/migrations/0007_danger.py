from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('envois', '0006_abonnement'),
    ]

    operations = [
        migrations.AlterField(
            model_name='envoi',
            name='nature',
            field=models.CharField(choices=[('accuse', 'Accusé de réception'), ('avis', 'Avis'), ('reponse', 'Réponse'), ('complement', 'Demande de complément'), ('alerte', 'Alerte à un agent'), ('urgence', "Appel d'astreinte"), ('compte', 'Compte'), ('abonnement', 'Abonnement aux alertes'), ('danger', 'Alerte de danger à un abonné')], max_length=10, verbose_name='nature'),
        ),
    ]
