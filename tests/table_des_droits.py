"""Every address of the house × every role: what each is answered (read by test_permissions.py and others).

A number is the answer; A and U are redirections to the agents' and the residents' doors, 302 another one.
Roles are columns: `usager` owns both demandes and `autre` none; A1 is not cleared for the social secteur, A1s
is; A2 and R2 belong to the direction that holds the ordinary demande, A2x to another one; ELU only reads.
"""

from collections.abc import Iterator
from zlib import crc32

ROLES = ["anonyme", "usager", "autre", "A1", "A1s", "R1", "A2", "A2x", "R2", "ADM", "ELU"]

TABLE = """
# What anybody may read.                     anon usag autr A1   A1s  R1   A2   A2x  R2   ADM  ELU
GET  sante                                   tous 200
GET  reprise                                 tous 410
POST reprise                                 tous 410
GET  reprise_agent                           tous 410
POST reprise_agent                           tous 410
GET  robots                                  tous 200
GET  ville_couleurs                          tous 200
GET  ville_logo inconnu                      tous 404
GET  accueil                                 tous 200
GET  accessibilite                           tous 200
GET  mentions                                tous 200
GET  charte_des_reseaux                      tous 404
GET  plan_du_site                            tous 200
GET  mon_profil                              tous 200
POST mon_profil                              tous 302
GET  mon_profil_ligne                        tous 200
GET  abonnement                              tous 200
POST abonnement                              tous 422
GET  abonnement_confirmer                    tous 200
POST abonnement_confirmer                    tous 302
GET  abonnement_choisir                      tous 200
POST abonnement_choisir                      tous 302
GET  abonnement_quitter                      tous 200
POST abonnement_quitter                      tous 200
GET  plan_xml                                tous 200
GET  flux_actualites                         tous 200
GET  flux_agenda                             tous 200
GET  flux_evenement                          tous 404
POST donner_un_avis_de_page                  tous 404
GET  donner_un_avis_de_page                  tous 405
POST preciser_un_avis_de_page                tous 404
GET  preciser_un_avis_de_page                tous 405
GET  deposer                                 tous 200
GET  deposer_recherche                       tous 200
GET  deposer_theme                           tous 200
GET  deposer_type                            tous 200
POST deposer_type                            tous 302
GET  wagtail_serve                           tous 404

# Posted by machines, that sign what they post: public, without a form's token, and refused unsigned.
GET  webhook sms                             tous 405
POST webhook sms                             tous 401
GET  webhook inconnu                         tous 404
POST webhook inconnu                         tous 404
GET  telephonie_appels                       tous 405
POST telephonie_appels                       tous 401
GET  telephonie_poste signe                  tous 200
GET  telephonie_poste invente                tous 410

# A deposit: its link is the right to it, unless an account owns it; a session that ended may save its page.
GET  deposer_etape libre                     tous 200
POST deposer_etape libre                     tous 422
GET  deposer_etape d'un compte               U    200  404  404  404  404  404  404  404  404  404
POST deposer_etape d'un compte               422  422  404  404  404  404  404  404  404  404  404
GET  deposer_etape inconnue                  tous 404
GET  deposer_recu                            tous 200
GET  deposer_abandonner                      tous 405
POST deposer_abandonner                      tous 302

# Following: the link is the right to it; number and code open a session first; files are the owner's.
GET  suivi                                   tous 200
POST suivi                                   tous 422
GET  suivi_par_code ordinaire                tous 302
POST suivi_par_code ordinaire                tous 302
GET  suivi_par_code reservee                 tous 302
GET  suivi_demander_le_lien ordinaire        tous 405
POST suivi_demander_le_lien ordinaire        tous 302
GET  suivi_par_lien ordinaire                tous 200
POST suivi_par_lien ordinaire                tous 302
GET  suivi_par_lien reservee                 tous 200
POST suivi_par_lien reservee                 tous 302
GET  suivi_par_lien invente                  tous 404
POST suivi_par_lien invente                  tous 404
GET  donner_un_avis demande                  tous 200
POST donner_un_avis demande                  tous 422
GET  donner_un_avis invente                  tous 404
POST donner_un_avis invente                  tous 404
GET  recu_pdf ordinaire                      tous 200
GET  recu_pdf reservee                       tous 200
GET  recu_pdf invente                        tous 404
GET  piece ordinaire                         404  200  404  200  200  200  200  404  200  404  404
GET  piece reservee                          404  200  404  404  200  404  404  404  404  404  404
GET  piece inventee                          tous 404
GET  piece_page ordinaire                    404  200  404  200  200  200  200  404  200  404  404
GET  piece_page reservee                     404  200  404  404  200  404  404  404  404  404  404
GET  piece_vignette ordinaire                404  200  404  200  200  200  200  404  200  404  404
GET  piece_vignette reservee                 404  200  404  404  200  404  404  404  404  404  404

# A resident's account: an agent's opens nothing here.
GET  connexion                               200  302  302  200  200  200  200  200  200  200  200
POST connexion                               200  302  302  200  200  200  200  200  200  200  200
GET  deconnexion                             tous 405
POST deconnexion                             tous 302
GET  inscription                             tous 200
POST inscription                             tous 422
GET  inscription_suite                       tous 410
POST inscription_suite                       tous 410
GET  courriel_envoye                         tous 200
GET  mot_de_passe_oublie                     tous 200
POST mot_de_passe_oublie                     tous 422
GET  mot_de_passe_nouveau                    tous 410
POST mot_de_passe_nouveau                    tous 410
GET  mes_coordonnees                         U    200  200  U    U    U    U    U    U    U    U
POST mes_coordonnees                         U    302  302  U    U    U    U    U    U    U    U
GET  mes_demandes                            U    200  200  U    U    U    U    U    U    U    U
GET  ma_demande ordinaire                    U    200  404  U    U    U    U    U    U    U    U
POST ma_demande ordinaire                    U    302  404  U    U    U    U    U    U    U    U
GET  ma_demande reservee                     U    200  404  U    U    U    U    U    U    U    U
POST ma_demande reservee                     U    302  404  U    U    U    U    U    U    U    U

# The agents' door.
GET  connexion_agent                         200  200  200  302  302  302  302  302  302  302  302
POST connexion_agent                         200  200  200  302  302  302  302  302  302  302  302
GET  invitation_agent                        tous 410
POST invitation_agent                        tous 410
GET  deconnexion_agent                       tous 405
POST deconnexion_agent                       tous A
GET  agent_racine                            A    404  404  302  302  302  302  302  302  302  302
POST agent_racine                            A    404  404  302  302  302  302  302  302  302  302
GET  composants                              A    404  404  404  404  404  404  404  404  404  404

# The desk.
GET  agent_accueil                           A    404  404  200  200  200  302  302  302  302  404
GET  agent_fiche                             A    404  404  200  200  200  200  200  200  200  404
POST agent_fiche                             A    404  404  422  422  422  422  422  422  422  404
GET  agent_appels                            A    404  404  200  204  204  404  404  404  404  404
GET  agent_appel a son poste                 A    404  404  200  404  404  404  404  404  404  404
GET  agent_appel_ouvrir a son poste          A    404  404  405  405  405  405  405  405  405  405
POST agent_appel_ouvrir a son poste          A    404  404  302  404  404  404  404  404  404  404
GET  agent_a_rappeler                        A    404  404  200  200  200  404  404  404  404  404
POST agent_a_rappeler                        A    404  404  422  422  422  404  404  404  404  404
GET  agent_a_rappeler_noter                  A    404  404  405  405  405  405  405  405  405  405
POST agent_a_rappeler_noter                  A    404  404  302  302  302  404  404  404  404  404
GET  agent_contact                           A    404  404  405  405  405  405  405  405  405  405
POST agent_contact                           A    404  404  302  302  302  404  404  404  404  404
GET  agent_contact_noter                     A    404  404  405  405  405  405  405  405  405  405
POST agent_contact_noter                     A    404  404  302  302  302  404  404  404  404  404
GET  agent_contact_terminer                  A    404  404  405  405  405  405  405  405  405  405
POST agent_contact_terminer                  A    404  404  302  302  302  404  404  404  404  404
GET  agent_saisie                            A    404  404  200  200  200  404  404  404  404  404
POST agent_saisie                            A    404  404  200  200  200  404  404  404  404  404
GET  agent_saisie_faite ordinaire            A    404  404  200  200  200  404  404  404  404  404
GET  agent_saisie_faite reservee             A    404  404  404  200  404  404  404  404  404  404
GET  agent_recu_envoyer ordinaire            A    404  404  405  405  405  405  405  405  405  405
POST agent_recu_envoyer ordinaire            A    404  404  422  422  422  404  404  404  404  404
GET  agent_recu_envoyer reservee             A    404  404  405  405  405  405  405  405  405  405
POST agent_recu_envoyer reservee             A    404  404  404  422  404  404  404  404  404  404
GET  agent_recu ordinaire                    A    404  404  200  200  200  404  404  404  404  404
GET  agent_recu reservee                     A    404  404  404  200  404  404  404  404  404  404
GET  agent_usager                            A    404  404  200  200  200  200  404  200  404  404
GET  agent_usager_modifier                   A    404  404  200  200  200  404  404  404  404  404
POST agent_usager_modifier                   A    404  404  422  422  422  404  404  404  404  404
GET  agent_usager_identite                   A    404  404  200  200  200  404  404  404  404  404
POST agent_usager_identite                   A    404  404  302  302  302  404  404  404  404  404
GET  agent_usager_coordonnees                A    404  404  405  405  405  405  405  405  405  405
POST agent_usager_coordonnees                A    404  404  422  422  422  404  404  404  404  404
GET  agent_usager_rapprocher                 A    404  404  404  404  200  404  404  404  404  404
GET  agent_usager_reunir                     A    404  404  404  404  200  404  404  404  404  404
POST agent_usager_reunir                     A    404  404  404  404  422  404  404  404  404  404

# The queue and a demande. What is not in one's perimeter does not exist; what one's desk registered in a
# walled secteur shows number and clocks, and only lets one write to its resident.
GET  agent_corbeille                         A    404  404  200  200  200  200  200  200  200  404
GET  agent_lot                               A    404  404  405  405  405  405  405  405  405  405
POST agent_lot                               A    404  404  422  422  422  422  422  422  404  404
GET  agent_par_page                          A    404  404  405  405  405  405  405  405  405  405
POST agent_par_page                          A    404  404  302  302  302  302  302  302  302  404
GET  agent_vue_garder                        A    404  404  302  302  302  302  302  302  302  404
POST agent_vue_garder                        A    404  404  302  302  302  302  302  302  302  404
GET  agent_vue a soi                         A    404  404  404  404  404  200  404  404  404  404
POST agent_vue a soi                         A    404  404  404  404  404  422  404  404  404  404
GET  agent_vue partagee                      A    404  404  404  404  404  200  404  200  404  404
POST agent_vue partagee                      A    404  404  404  404  404  422  404  422  404  404
GET  agent_vue_supprimer a soi               A    404  404  405  405  405  405  405  405  405  405
POST agent_vue_supprimer a soi               A    404  404  404  404  404  302  404  404  404  404
POST agent_vue_supprimer partagee            A    404  404  404  404  404  302  404  302  404  404
GET  agent_demande ordinaire                 A    404  404  200  200  200  200  404  200  404  404
GET  agent_demande reservee                  A    404  404  200  200  200  404  404  404  404  404
GET  agent_apercu ordinaire                  A    404  404  302  302  302  302  404  302  404  404
GET  agent_apercu reservee                   A    404  404  302  302  302  404  404  404  404  404
GET  agent_demande inventee                  A    404  404  404  404  404  404  404  404  404  404
GET  agent_comparer ordinaire                A    404  404  200  200  200  200  404  200  404  404
GET  agent_comparer reservee                 A    404  404  404  200  404  404  404  404  404  404
GET  agent_comparer inventee                 A    404  404  404  404  404  404  404  404  404  404
GET  agent_comparer elle-meme                A    404  404  404  404  404  404  404  404  404  404
GET  agent_geste ordinaire lier              A    404  404  200  200  200  200  404  200  404  404
POST agent_geste ordinaire lier              A    404  404  422  422  422  422  404  422  404  404
POST agent_geste ordinaire distinguer        A    404  404  422  422  422  422  404  422  404  404
GET  agent_ecrit ordinaire                   A    404  404  405  405  405  405  405  405  405  405
POST agent_ecrit ordinaire                   A    404  404  404  404  404  404  404  404  404  404
GET  agent_lettres                           A    404  404  405  405  405  405  405  405  405  405
POST agent_lettres                           A    404  404  302  302  302  302  302  302  404  404
GET  agent_a_remettre                        A    404  404  200  200  200  200  200  200  404  404
GET  agent_courrier                          A    404  404  200  200  200  404  404  404  404  404
POST agent_courrier                          A    404  404  422  422  422  404  404  404  404  404
GET  agent_courrier_suivante                 A    404  404  405  405  405  405  405  405  405  405
POST agent_courrier_suivante                 A    404  404  302  302  302  404  404  404  404  404
GET  agent_courrier_separateur               A    404  404  200  200  200  404  404  404  404  404
GET  agent_courrier_lot                      A    404  404  200  200  200  404  404  404  404  404
POST agent_courrier_lot                      A    404  404  422  422  422  404  404  404  404  404
GET  agent_courrier_page                     A    404  404  405  405  405  405  405  405  405  405
POST agent_courrier_page                     A    404  404  404  404  404  404  404  404  404  404
GET  agent_courrier_image                    A    404  404  200  200  200  404  404  404  404  404
GET  agent_lettre_recue                      A    404  404  200  200  200  404  404  404  404  404
GET  agent_courrier_reunir                   A    404  404  405  405  405  405  405  405  405  405
POST agent_courrier_reunir                   A    404  404  302  302  302  404  404  404  404  404
GET  agent_lettre_geste                      A    404  404  405  405  405  405  405  405  405  405
POST agent_lettre_geste                      A    404  404  302  302  302  404  404  404  404  404
GET  agent_arrivees                          A    404  404  200  200  200  404  404  404  404  404
GET  agent_arrivee                           A    404  404  200  200  200  404  404  404  404  404
POST agent_arrivee                           A    404  404  422  422  422  404  404  404  404  404
GET  agent_arrivee_brut                      A    404  404  200  200  200  404  404  404  404  404
GET  agent_arrivee_relire                    A    404  404  405  405  405  405  405  405  405  405
POST agent_arrivee_relire                    A    404  404  302  302  302  404  404  404  404  404
GET  agent_arrivee_ecarter                   A    404  404  405  405  405  405  405  405  405  405
POST agent_arrivee_ecarter                   A    404  404  422  422  422  404  404  404  404  404
GET  agent_a_rapprocher                      A    404  404  200  200  200  404  404  404  404  404
GET  agent_a_rapprocher_une                  A    404  404  200  200  200  404  404  404  404  404
POST agent_a_rapprocher_une                  A    404  404  422  422  422  404  404  404  404  404
GET  agent_mise_en_forme ordinaire           A    404  404  200  200  200  200  404  200  404  404
GET  agent_mise_en_forme reservee            A    404  404  404  200  404  404  404  404  404  404
GET  agent_lettre ordinaire                  A    404  404  200  200  200  200  404  200  404  404
GET  agent_lettre reservee                   A    404  404  404  200  404  404  404  404  404  404
GET  agent_lettre d'une autre                A    404  404  404  404  404  404  404  404  404  404
GET  agent_bordereau ordinaire               A    404  404  404  404  404  404  404  404  404  404
GET  agent_bordereau transmise               A    404  404  200  200  200  404  404  404  404  404
GET  agent_demande_lus ordinaire             A    404  404  405  405  405  405  405  405  405  405
POST agent_demande_lus ordinaire             A    404  404  302  302  302  302  404  302  404  404
POST agent_demande_lus reservee              A    404  404  302  302  302  404  404  404  404  404
GET  agent_geste ordinaire ajouter_une_note  A    404  404  200  200  200  200  404  200  404  404
POST agent_geste ordinaire ajouter_une_note  A    404  404  422  422  422  422  404  422  404  404
GET  agent_geste ordinaire repondre          A    404  404  422  422  422  200  404  200  404  404
POST agent_geste ordinaire repondre          A    404  404  422  422  422  422  404  422  404  404
GET  agent_geste ordinaire prendre_en_charge A    404  404  422  422  422  422  404  422  404  404
GET  agent_geste ordinaire magie             A    404  404  404  404  404  404  404  404  404  404
GET  agent_geste reservee ajouter_une_note   A    404  404  422  200  422  404  404  404  404  404
POST agent_geste reservee ajouter_une_note   A    404  404  422  422  422  404  404  404  404  404
GET  agent_geste reservee prendre_en_charge  A    404  404  422  422  422  404  404  404  404  404
GET  agent_geste reservee ecrire_a_l_usager  A    404  404  200  200  200  404  404  404  404  404
POST agent_geste reservee ecrire_a_l_usager  A    404  404  422  422  422  404  404  404  404  404

# Figures are read by heads, of their places, with the lists behind; by an elected person, without any.
GET  agent_pilotage                          A    404  404  404  404  200  404  404  200  404  200
GET  agent_pilotage_liste recues             A    404  404  404  404  200  404  404  200  404  404
GET  agent_pilotage_liste magie              A    404  404  404  404  404  404  404  404  404  404
GET  agent_pilotage_sans_accuse              A    404  404  404  404  200  404  404  200  404  404

# On duty: the head plans for their direction, the administrator for all; the link of a call is one person's.
GET  astreinte                               A    404  404  404  404  404  404  404  200  200  404
POST astreinte                               A    404  404  404  404  404  404  404  422  422  404
GET  astreinte_retirer                       A    404  404  405  405  405  405  405  405  405  405
POST astreinte_retirer                       A    404  404  404  404  404  404  404  302  302  404
GET  astreinte_prendre invente               tous 404
POST astreinte_prendre invente               tous 404
GET  astreinte_prendre signe                 tous 200
POST astreinte_prendre signe                 tous 302

# Addresses told of alerts: found one by one, by who heads a desk and by the administrator.
GET  agent_abonnes                           A    404  404  404  404  200  404  404  404  200  404
POST agent_abonnes                           A    404  404  404  404  422  404  404  404  422  404

# The outbox is the administrator's.
GET  courriels                               A    404  404  404  404  404  404  404  404  200  404
GET  courriel                                A    404  404  404  404  404  404  404  404  200  404
GET  relancer_courriel                       A    404  404  405  405  405  405  405  405  405  405
POST relancer_courriel                       A    404  404  404  404  404  404  404  404  302  404

# An absence is declared by oneself, or by whoever heads the place.
GET  agent_poste                             A    404  404  200  200  200  200  200  200  200  200
POST agent_poste                             A    404  404  302  302  302  302  302  302  302  302
GET  agent_absence                           A    404  404  200  200  200  200  200  200  200  200
POST agent_absence                           A    404  404  422  422  422  422  422  422  422  422
GET  agent_absence_de                        A    404  404  404  404  404  404  404  200  404  404
POST agent_absence_de                        A    404  404  404  404  404  404  404  422  404  404
GET  agent_absence_terminer                  A    404  404  405  405  405  405  405  405  405  405
POST agent_absence_terminer                  A    404  404  404  404  404  404  404  302  404  404

# The administration is the functional administrator's.
GET  administration_accueil                  A    404  404  404  404  404  404  404  404  200  404
GET  administration_ville                    A    404  404  404  404  404  404  404  404  200  404
POST administration_ville                    A    404  404  404  404  404  404  404  404  422  404
GET  administration_ville_apercu             A    404  404  404  404  404  404  404  404  404  404
GET  administration_agents                   A    404  404  404  404  404  404  404  404  200  404
GET  administration_agent_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_agent_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_agent                    A    404  404  404  404  404  404  404  404  200  404
GET  administration_agent inconnu            A    404  404  404  404  404  404  404  404  404  404
GET  administration_agent_modifier           A    404  404  404  404  404  404  404  404  200  404
POST administration_agent_modifier           A    404  404  404  404  404  404  404  404  422  404
GET  administration_agent_inviter            A    404  404  405  405  405  405  405  405  405  405
POST administration_agent_inviter            A    404  404  404  404  404  404  404  404  302  404
GET  administration_agent_activer            A    404  404  405  405  405  405  405  405  405  405
POST administration_agent_activer            A    404  404  404  404  404  404  404  404  302  404
GET  administration_agent_affecter           A    404  404  404  404  404  404  404  404  200  404
POST administration_agent_affecter           A    404  404  404  404  404  404  404  404  422  404
GET  administration_affectation_finir        A    404  404  404  404  404  404  404  404  200  404
POST administration_affectation_finir        A    404  404  404  404  404  404  404  404  422  404
GET  administration_agent_deleguer           A    404  404  404  404  404  404  404  404  200  404
POST administration_agent_deleguer           A    404  404  404  404  404  404  404  404  422  404
GET  administration_delegation_finir         A    404  404  405  405  405  405  405  405  405  405
POST administration_delegation_finir         A    404  404  404  404  404  404  404  404  302  404
GET  administration_agent_depart             A    404  404  404  404  404  404  404  404  200  404
POST administration_agent_depart             A    404  404  404  404  404  404  404  404  422  404
GET  administration_agent_depart inconnu     A    404  404  404  404  404  404  404  404  404  404
GET  administration_demonstration           A    404  404  404  404  404  404  404  404  403  404
POST administration_demonstration           A    404  404  404  404  404  404  404  404  403  404
GET  administration_agents_import           A    404  404  404  404  404  404  404  404  200  404
POST administration_agents_import           A    404  404  404  404  404  404  404  404  422  404
GET  administration_agents_modele           A    404  404  404  404  404  404  404  404  200  404
GET  administration_directions_import       A    404  404  404  404  404  404  404  404  200  404
POST administration_directions_import       A    404  404  404  404  404  404  404  404  422  404
GET  administration_directions_modele       A    404  404  404  404  404  404  404  404  200  404
GET  administration_directions               A    404  404  404  404  404  404  404  404  200  404
GET  administration_directions_creer         A    404  404  404  404  404  404  404  404  200  404
POST administration_directions_creer         A    404  404  404  404  404  404  404  404  422  404
GET  administration_directions_modifier      A    404  404  404  404  404  404  404  404  200  404
POST administration_directions_modifier      A    404  404  404  404  404  404  404  404  422  404
GET  administration_directions_horaires      A    404  404  404  404  404  404  404  404  200  404
POST administration_directions_horaires      A    404  404  404  404  404  404  404  404  302  404
GET  administration_directions_un            A    404  404  404  404  404  404  404  404  200  404
GET  administration_directions_ouvrir        A    404  404  405  405  405  405  405  405  405  405
POST administration_directions_ouvrir        A    404  404  404  404  404  404  404  404  302  404
GET  administration_accueils                 A    404  404  404  404  404  404  404  404  200  404
GET  administration_accueils_creer           A    404  404  404  404  404  404  404  404  200  404
POST administration_accueils_creer           A    404  404  404  404  404  404  404  404  422  404
GET  administration_accueils_modifier        A    404  404  404  404  404  404  404  404  200  404
POST administration_accueils_modifier        A    404  404  404  404  404  404  404  404  422  404
GET  administration_accueils_horaires        A    404  404  404  404  404  404  404  404  200  404
POST administration_accueils_horaires        A    404  404  404  404  404  404  404  404  302  404
GET  administration_accueils_un              A    404  404  404  404  404  404  404  404  200  404
GET  administration_accueils_ouvrir          A    404  404  405  405  405  405  405  405  405  405
POST administration_accueils_ouvrir          A    404  404  404  404  404  404  404  404  302  404
GET  administration_jours_fermes             A    404  404  404  404  404  404  404  404  200  404
GET  administration_fermer                   A    404  404  404  404  404  404  404  404  200  404
POST administration_fermer                   A    404  404  404  404  404  404  404  404  422  404
GET  administration_rouvrir                  A    404  404  405  405  405  405  405  405  405  405
POST administration_rouvrir                  A    404  404  404  404  404  404  404  404  302  404
GET  administration_demarches                A    404  404  404  404  404  404  404  404  200  404
GET  administration_demarche_creer           A    404  404  404  404  404  404  404  404  200  404
POST administration_demarche_creer           A    404  404  404  404  404  404  404  404  422  404
GET  administration_demarche                 A    404  404  404  404  404  404  404  404  200  404
GET  administration_demarche inconnu         A    404  404  404  404  404  404  404  404  404  404
GET  administration_demarche_copier          A    404  404  404  404  404  404  404  404  200  404
POST administration_demarche_copier          A    404  404  404  404  404  404  404  404  422  404
GET  administration_demarche_modifier        A    404  404  404  404  404  404  404  404  200  404
POST administration_demarche_modifier        A    404  404  404  404  404  404  404  404  422  404
GET  administration_demarche_modifier magie  A    404  404  404  404  404  404  404  404  404  404
POST administration_demarche_modifier magie  A    404  404  404  404  404  404  404  404  404  404
GET  administration_demarche_publier         A    404  404  405  405  405  405  405  405  405  405
POST administration_demarche_publier         A    404  404  404  404  404  404  404  404  302  404
GET  administration_formulaire               A    404  404  404  404  404  404  404  404  200  404
POST administration_formulaire               A    404  404  404  404  404  404  404  404  404  404
GET  administration_formulaire_apercu        A    404  404  404  404  404  404  404  404  200  404
POST administration_formulaire_apercu        A    404  404  404  404  404  404  404  404  422  404
GET  administration_champ_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_champ_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_champ_modifier           A    404  404  404  404  404  404  404  404  200  404
POST administration_champ_modifier           A    404  404  404  404  404  404  404  404  422  404
GET  administration_formulaire_servir        A    404  404  405  405  405  405  405  405  405  405
POST administration_formulaire_servir        A    404  404  404  404  404  404  404  404  409  404
GET  administration_regles                   A    404  404  404  404  404  404  404  404  200  404
POST administration_regles                   A    404  404  404  404  404  404  404  404  404  404
GET  administration_regle_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_regle_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_regles_essai             A    404  404  404  404  404  404  404  404  200  404
GET  administration_regle                    A    404  404  404  404  404  404  404  404  200  404
POST administration_regle                    A    404  404  404  404  404  404  404  404  422  404
GET  administration_regle inconnu            A    404  404  404  404  404  404  404  404  404  404
GET  administration_suggestion               A    404  404  404  404  404  404  404  404  200  404
GET  administration_motifs                   A    404  404  404  404  404  404  404  404  200  404
GET  administration_motif_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_motif_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_motif                    A    404  404  404  404  404  404  404  404  200  404
POST administration_motif                    A    404  404  404  404  404  404  404  404  422  404
GET  administration_motif inconnu            A    404  404  404  404  404  404  404  404  404  404
GET  administration_configuration           A    404  404  404  404  404  404  404  404  200  404
POST administration_configuration           A    404  404  404  404  404  404  404  404  422  404
GET  administration_configuration_charger   A    404  404  405  405  405  405  405  405  405  405
POST administration_configuration_charger   A    404  404  404  404  404  404  404  404  422  404
GET  administration_configuration_export    A    404  404  404  404  404  404  404  404  200  404
GET  administration_fiches                   A    404  404  404  404  404  404  404  404  200  404
GET  administration_fiche_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_fiche_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_fiche                    A    404  404  404  404  404  404  404  404  200  404
POST administration_fiche                    A    404  404  404  404  404  404  404  404  422  404
GET  administration_fiche inconnu            A    404  404  404  404  404  404  404  404  404  404
GET  administration_fiche_remarques          A    404  404  405  405  405  405  405  405  405  405
POST administration_fiche_remarques          A    404  404  404  404  404  404  404  404  302  404
GET  administration_modeles                  A    404  404  404  404  404  404  404  404  200  404
GET  administration_modele_creer             A    404  404  404  404  404  404  404  404  200  404
POST administration_modele_creer             A    404  404  404  404  404  404  404  404  422  404
GET  administration_modele                   A    404  404  404  404  404  404  404  404  200  404
POST administration_modele                   A    404  404  404  404  404  404  404  404  422  404
GET  administration_modele inconnu           A    404  404  404  404  404  404  404  404  404  404
GET  administration_boites                   A    404  404  404  404  404  404  404  404  200  404
GET  administration_boite_creer              A    404  404  404  404  404  404  404  404  200  404
POST administration_boite_creer              A    404  404  404  404  404  404  404  404  422  404
GET  administration_boite                    A    404  404  404  404  404  404  404  404  200  404
POST administration_boite                    A    404  404  404  404  404  404  404  404  422  404
GET  administration_boite inconnu            A    404  404  404  404  404  404  404  404  404  404
GET  administration_modifications            A    404  404  404  404  404  404  404  404  200  404
"""
# Posted by machines: no form's token, since no session gives them any right.
SANS_JETON = {
    "webhook sms": 401,
    "webhook inconnu": 404,
    "telephonie_appels": 401,
    # The link of a mail is the right to leave: a mail program posts it, and has no page of ours.
    "abonnement_quitter": 200,
    # A reader's own word on a page: nobody's session counts, and reading sets no cookie.
    "donner_un_avis_de_page": 404,
    "preciser_un_avis_de_page": 404,
}
# Addresses of others, by what their path starts with: Wagtail's administration.
TIERS = {"gestion/": {"anonyme": "A", "usager": "404", "A1": "403", "R2": "403", "ELU": "403"}}
# A page of the others that everybody may open, and what it answers.
PORTE_DES_TIERS = "/gestion/login/"
PARTS = range(4)


def lignes() -> Iterator[tuple[str, str, list[str]]]:
    """(method, key, codes by role) of each row of the table."""
    for ligne in filter(None, TABLE.splitlines()):
        if ligne.startswith("#"):
            continue
        methode, *reste = ligne.split()
        if "tous" in reste:
            yield methode, " ".join(reste[:-2]), reste[-1:] * len(ROLES)
        else:
            yield methode, " ".join(reste[: -len(ROLES)]), reste[-len(ROLES) :]


def lignes_de(part: int) -> Iterator[tuple[str, str, list[str]]]:
    """One part of the table, an address whole: all of it, as everybody, is too long for one test."""
    return (ligne for ligne in lignes() if crc32(ligne[1].split()[0].encode()) % len(PARTS) == part)
