"""SQL of the guards that hold even against a mistaken program."""

SEQUENCE = "CREATE SEQUENCE demandes_numero;"

# Every field of the line goes into the hash, in a form that does not depend on the session's settings.
EMPREINTE = """
CREATE FUNCTION journal_empreinte(l demandes_entreejournal) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(
    l.empreinte_precedente, l.demande_id, l.rang, l.geste, l.avant, l.apres, l.auteur, l.compte_id,
    l.par_delegation_de_id, l.motif, l.details,
    to_char(l.fait_le AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
  )::text, 'UTF8')), 'hex')
$$;
"""

ENCHAINER = """
CREATE FUNCTION journal_enchainer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE derniere demandes_entreejournal;
BEGIN
  SELECT * INTO derniere FROM demandes_entreejournal
    WHERE demande_id = NEW.demande_id ORDER BY rang DESC LIMIT 1;
  NEW.rang := COALESCE(derniere.rang, 0) + 1;
  NEW.empreinte_precedente := COALESCE(derniere.empreinte, '');
  NEW.empreinte := journal_empreinte(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER journal_enchaine BEFORE INSERT ON demandes_entreejournal
  FOR EACH ROW EXECUTE FUNCTION journal_enchainer();
"""

IMMUABLE = """
CREATE FUNCTION journal_refuser() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Le journal ne se modifie ni ne s''efface.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER journal_sans_modification BEFORE UPDATE OR DELETE ON demandes_entreejournal
  FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_sans_troncature BEFORE TRUNCATE ON demandes_entreejournal
  FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
"""

# At commit, a demande stands where its last journal line says: nobody moves it without leaving a trace.
ETAT_AU_JOURNAL = """
CREATE FUNCTION demande_etat_au_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE present text; inscrit text;
BEGIN
  SELECT etat INTO present FROM demandes_demande WHERE id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT apres INTO inscrit FROM demandes_entreejournal WHERE demande_id = NEW.id ORDER BY rang DESC LIMIT 1;
  IF inscrit IS DISTINCT FROM present THEN
    RAISE EXCEPTION 'La demande % est « % » sans ligne de journal.', NEW.numero, present
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER demande_nait_au_journal AFTER INSERT ON demandes_demande
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION demande_etat_au_journal();
CREATE CONSTRAINT TRIGGER demande_change_au_journal AFTER UPDATE OF etat ON demandes_demande
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.etat IS DISTINCT FROM NEW.etat)
  EXECUTE FUNCTION demande_etat_au_journal();
"""

RECEPTION_IMMUABLE = """
CREATE FUNCTION demande_garder_la_reception() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'La date de réception et le numéro de la demande % ne changent jamais.', OLD.numero
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER demande_reception_gardee BEFORE UPDATE OF recue_le, numero ON demandes_demande
  FOR EACH ROW WHEN (OLD.recue_le IS DISTINCT FROM NEW.recue_le OR OLD.numero IS DISTINCT FROM NEW.numero)
  EXECUTE FUNCTION demande_garder_la_reception();
"""

POSER = SEQUENCE + EMPREINTE + ENCHAINER + IMMUABLE + ETAT_AU_JOURNAL + RECEPTION_IMMUABLE
RETIRER = """
DROP TRIGGER demande_reception_gardee ON demandes_demande;
DROP TRIGGER demande_change_au_journal ON demandes_demande;
DROP TRIGGER demande_nait_au_journal ON demandes_demande;
DROP TRIGGER journal_sans_troncature ON demandes_entreejournal;
DROP TRIGGER journal_sans_modification ON demandes_entreejournal;
DROP TRIGGER journal_enchaine ON demandes_entreejournal;
DROP FUNCTION demande_garder_la_reception, demande_etat_au_journal, journal_refuser, journal_enchainer;
DROP FUNCTION journal_empreinte(demandes_entreejournal);
DROP SEQUENCE demandes_numero;
"""
