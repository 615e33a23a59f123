"""SQL of the one number that says whether the reference data changed (demandes/referentiel.py)."""

TABLES = (
    "demandes_typedemande",
    "demandes_versionformulaire",
    "demandes_regleorientation",
    "organisation_direction",
    "organisation_territoire",
    "organisation_pointaccueil",
    "organisation_heuresouverture",
    "organisation_jourferme",
)

# The number others see changes with the commit. Until then the transaction that writes has a mark of its
# own: what it reads back is what it wrote. The row is only locked at the very end, so that two
# administrators never wait for each other.
FONCTIONS = """
CREATE SEQUENCE demandes_referentiel_numero;
CREATE TABLE demandes_referentiel (
  est_unique boolean PRIMARY KEY DEFAULT true CHECK (est_unique),
  numero bigint NOT NULL
);
INSERT INTO demandes_referentiel (numero) VALUES (nextval('demandes_referentiel_numero'));
CREATE FUNCTION referentiel_marquer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('guichet.referentiel', nextval('demandes_referentiel_numero')::text, true);
  RETURN NULL;
END $$;
CREATE FUNCTION referentiel_numeroter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('guichet.referentiel_numerote', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    UPDATE demandes_referentiel SET numero = nextval('demandes_referentiel_numero');
    PERFORM set_config('guichet.referentiel_numerote', pg_current_xact_id()::text, true);
  END IF;
  RETURN NULL;
END $$;
"""
DECLENCHEURS = """
CREATE TRIGGER referentiel_marque AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION referentiel_marquer();
CREATE CONSTRAINT TRIGGER referentiel_numerote AFTER INSERT OR UPDATE OR DELETE ON {table}
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION referentiel_numeroter();
CREATE TRIGGER referentiel_vide AFTER TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION referentiel_numeroter();
"""
RETRAIT = """
DROP TRIGGER referentiel_vide ON {table};
DROP TRIGGER referentiel_numerote ON {table};
DROP TRIGGER referentiel_marque ON {table};
"""

POSER = FONCTIONS + "".join(DECLENCHEURS.format(table=table) for table in TABLES)
RETIRER = (
    "".join(RETRAIT.format(table=table) for table in TABLES)
    + """
DROP FUNCTION referentiel_numeroter, referentiel_marquer;
DROP TABLE demandes_referentiel;
DROP SEQUENCE demandes_referentiel_numero;
"""
)
