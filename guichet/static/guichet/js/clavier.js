// Agents' keyboard. Letters act only outside fields, alone, and only where the page shows them.

const saisieEnCours = (element) =>
  element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

function allerALaRecherche(evenement) {
  const recherche = document.querySelector("[data-recherche]");
  if (!recherche) return;
  evenement.preventDefault();
  recherche.focus();
  recherche.select();
}

document.addEventListener("keydown", (evenement) => {
  if ((evenement.ctrlKey || evenement.metaKey) && evenement.key.toLowerCase() === "k") {
    allerALaRecherche(evenement);
    return;
  }
  if (evenement.ctrlKey || evenement.metaKey || evenement.altKey || evenement.isComposing) return;
  if (evenement.key === "Escape" && evenement.target.matches?.("[data-recherche]")) {
    evenement.target.blur();
    return;
  }
  if (saisieEnCours(evenement.target) || document.querySelector("dialog[open]")) return;

  if (evenement.key === "/") allerALaRecherche(evenement);
  else if (evenement.key === "?") document.getElementById("aide-clavier")?.showModal();
  else if (evenement.key.length === 1) {
    // A button or link that shows its key: [data-touche="t"]. In a list, only that of the row one stands on.
    const cibles = [...document.querySelectorAll(`[data-touche="${CSS.escape(evenement.key)}"]`)];
    const rang = evenement.target.closest?.("tr, li");
    const cible = cibles.find((une) => rang?.contains(une) || !une.closest("[data-liste-clavier]"));
    if (!cible) return;
    evenement.preventDefault();
    cible.click();
  }
});

// --- lists walked with the arrows: [data-liste-clavier], one [data-ligne] link per row ---
const lignes = (liste) => [...liste.querySelectorAll("[data-ligne]")].filter((ligne) => !ligne.closest("[hidden]"));

document.addEventListener("keydown", (evenement) => {
  const pas = { ArrowDown: 1, ArrowUp: -1 }[evenement.key];
  const bout = { Home: 0, End: -1 }[evenement.key];
  if (pas === undefined && bout === undefined) return;
  if (evenement.ctrlKey || evenement.metaKey || evenement.altKey || evenement.shiftKey) return;
  const dansListe = evenement.target.closest?.("[data-liste-clavier]");
  // From nowhere in particular, or down from the search box, the arrow enters the page's list.
  const depuisRecherche = pas === 1 && evenement.target.matches?.("[data-recherche]");
  const depuisRien = depuisRecherche || evenement.target === document.body || evenement.target.id === "contenu";
  const liste = dansListe ?? (depuisRien && pas ? document.querySelector("[data-liste-clavier]") : null);
  if (!liste || (saisieEnCours(evenement.target) && evenement.target.type !== "checkbox" && !depuisRecherche)) return;
  const toutes = lignes(liste);
  if (!toutes.length) return;
  const actuelle = toutes.findIndex((ligne) => ligne.closest("tr, li")?.contains(evenement.target));
  const suivante =
    pas === undefined
      ? toutes.at(bout)
      : toutes[actuelle === -1 ? (pas > 0 ? 0 : toutes.length - 1) : Math.min(Math.max(actuelle + pas, 0), toutes.length - 1)];
  evenement.preventDefault();
  suivante.focus();
});
