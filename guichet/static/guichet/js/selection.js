// Bulk selection: a [data-selection] form holds boxes named like its data-selection value, an optional
// [data-tout-choisir] box, and a [data-barre-selection] whose [data-nombre] says how many are chosen.
// Without scripts the bar always shows and the server counts.

function mettreAJour(formulaire) {
  const cases = [...formulaire.querySelectorAll(`input[type=checkbox][name="${formulaire.dataset.selection}"]`)];
  const choisies = cases.filter((une) => une.checked);
  for (const une of cases) une.closest("tr, li")?.classList.toggle("est-choisie", une.checked);
  const toutes = formulaire.querySelector("[data-tout-choisir]");
  if (toutes) {
    toutes.checked = cases.length > 0 && choisies.length === cases.length;
    toutes.indeterminate = choisies.length > 0 && choisies.length < cases.length;
  }
  const barre = formulaire.querySelector("[data-barre-selection]");
  if (!barre) return;
  barre.hidden = choisies.length === 0;
  const nombre = barre.querySelector("[data-nombre]");
  if (nombre) nombre.textContent = choisies.length > 1 ? `${choisies.length} demandes cochées` : "1 demande cochée";
}

// Shift and a click tick, or untick, every row since the last one.
let derniere;
document.addEventListener("click", (evenement) => {
  const une = evenement.target;
  const formulaire = une.closest?.("[data-selection]");
  if (!formulaire || !une.matches(`[name="${formulaire.dataset.selection}"]`)) return;
  const cases = [...formulaire.querySelectorAll(`[name="${formulaire.dataset.selection}"]`)];
  const [debut, fin] = [cases.indexOf(derniere), cases.indexOf(une)].sort((a, b) => a - b);
  if (evenement.shiftKey && debut >= 0) for (const autre of cases.slice(debut, fin)) autre.checked = une.checked;
  derniere = une;
});

document.addEventListener("change", (evenement) => {
  const formulaire = evenement.target.closest?.("[data-selection]");
  if (!formulaire) return;
  if (evenement.target.matches("[data-tout-choisir]")) {
    for (const une of formulaire.querySelectorAll(`input[name="${formulaire.dataset.selection}"]`)) {
      une.checked = evenement.target.checked;
    }
  }
  mettreAJour(formulaire);
});

const preparer = (racine) => racine.querySelectorAll("[data-selection]").forEach(mettreAJour);
preparer(document);
document.addEventListener("htmx:load", (evenement) => {
  preparer(evenement.target);
  const formulaire = evenement.target.closest("[data-selection]");
  if (formulaire) mettreAJour(formulaire);
});
