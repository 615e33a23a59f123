// Help for forms. The server remains the authority: without this file every field shows and every rule holds.

// --- the summary of a refused page takes focus, as if the page had opened on it ---
document.querySelector("[data-resume-erreurs]")?.focus();

// --- fields shown only for some answers: data-si-champ="name" data-si-vaut="a|b" ---
function reponses(formulaire, nom) {
  // .filter on names, not namedItem: radios and boxes share one name.
  return [...formulaire.elements]
    .filter((element) => element.name === nom && (!/^(radio|checkbox)$/.test(element.type) || element.checked))
    .map((element) => (element.type === "checkbox" && !element.hasAttribute("value") ? "oui" : element.value));
}

function appliquerConditions(formulaire) {
  // In document order, so that a field hanging on a hidden field is hidden too.
  for (const bloc of formulaire.querySelectorAll("[data-si-champ]")) {
    const attendues = (bloc.dataset.siVaut ?? "oui").split("|");
    const donnees = reponses(formulaire, bloc.dataset.siChamp);
    const parent = [...formulaire.elements].find((element) => element.name === bloc.dataset.siChamp);
    const parentCache = parent?.closest("[data-si-champ][hidden]");
    bloc.hidden = Boolean(parentCache) || !donnees.some((valeur) => attendues.includes(valeur));
  }
}

function preparer(racine) {
  const formulaires = new Set(
    [...racine.querySelectorAll("[data-si-champ]")].map((bloc) => bloc.closest("form")).filter(Boolean),
  );
  for (const formulaire of formulaires) {
    // Hidden answers must not block the form with the browser's own required message.
    formulaire.noValidate = true;
    appliquerConditions(formulaire);
    formulaire.addEventListener("change", () => appliquerConditions(formulaire));
  }
  for (const zone of racine.querySelectorAll("textarea[data-brouillon]")) rendreBrouillon(zone);
}

// --- one sending only: form[data-envoi-unique] ---
document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target;
  if (!formulaire.matches("[data-envoi-unique]") || evenement.defaultPrevented) return;
  if (formulaire.dataset.envoye) {
    evenement.preventDefault();
    return;
  }
  formulaire.dataset.envoye = "oui";
  // Disabled only by look: a disabled button would not send its own name and value.
  evenement.submitter?.setAttribute("aria-disabled", "true");
});

// Coming back by the browser's arrow shows the page as it was left: let it be sent again.
addEventListener("pageshow", (evenement) => {
  if (!evenement.persisted) return;
  for (const formulaire of document.querySelectorAll("[data-envoye]")) {
    delete formulaire.dataset.envoye;
    formulaire.querySelectorAll("[aria-disabled]").forEach((bouton) => bouton.removeAttribute("aria-disabled"));
  }
});

// --- drafts: textarea[data-brouillon="key"] survives an expired session or a closed tab ---
const PREFIXE = "brouillon:";
const DUREE_MS = 7 * 24 * 3600 * 1000;

function rangement() {
  try {
    localStorage.setItem("essai-de-rangement", "");
    localStorage.removeItem("essai-de-rangement");
    return localStorage;
  } catch {
    return null;
  }
}
const boite = rangement();

function lireBrouillon(cle) {
  try {
    const garde = JSON.parse(boite?.getItem(PREFIXE + cle) ?? "null");
    if (garde && Date.now() - garde.le < DUREE_MS) return garde;
  } catch {
    // Not ours or damaged: forget it.
  }
  boite?.removeItem(PREFIXE + cle);
  return { texte: "", le: 0 };
}

function rendreBrouillon(zone) {
  const cle = zone.dataset.brouillon;
  const { texte, le } = lireBrouillon(cle);
  // What the server gave back wins: it is what was just typed. A draft it keeps wins too, unless it is older.
  const estPlusRecent = zone.dataset.gardeLe && le / 1000 > Number(zone.dataset.gardeLe) + 2;
  if (!texte || texte.trim() === zone.value.trim() || (zone.value.trim() && !estPlusRecent)) return;
  zone.value = texte;
  const mot = document.createElement("p");
  mot.className = "brouillon-rendu";
  mot.setAttribute("role", "status");
  const { texteRetrouve, effacerLeTexte } = document.getElementById("annonces").dataset;
  mot.textContent = `${texteRetrouve} `;
  const effacer = document.createElement("button");
  effacer.type = "button";
  effacer.className = "lien";
  effacer.textContent = effacerLeTexte;
  effacer.addEventListener("click", () => {
    zone.value = "";
    boite.removeItem(PREFIXE + cle);
    mot.remove();
    zone.focus();
  });
  mot.append(effacer);
  zone.after(mot);
}

let attente;
document.addEventListener("input", (evenement) => {
  const zone = evenement.target;
  if (!zone.matches?.("textarea[data-brouillon]")) return;
  clearTimeout(attente);
  attente = setTimeout(() => {
    if (zone.value.trim()) {
      boite?.setItem(PREFIXE + zone.dataset.brouillon, JSON.stringify({ texte: zone.value, le: Date.now() }));
    } else boite?.removeItem(PREFIXE + zone.dataset.brouillon);
  }, 400);
});

// The page that follows a successful sending names the draft to forget: <meta name="brouillon-envoye" content="key">.
for (const balise of document.querySelectorAll('[name="brouillon-envoye"]')) {
  for (const cle of balise.content.split(" ")) boite?.removeItem(PREFIXE + cle);
}

preparer(document);

// --- a form that is the whole page opens on the first field left to fill in: form[data-premier-champ] ---
const aRemplir = [
  ...document.querySelectorAll("[data-premier-champ] :is(input:not([type=hidden], [type=file], [type=checkbox]), select, textarea)"),
].filter((champ) => champ.checkVisibility());
const estVide = (champ) =>
  champ.type === "radio" ? !aRemplir.some((autre) => autre.name === champ.name && autre.checked) : !champ.value;
(aRemplir.find(estVide) ?? aRemplir[0])?.focus();

document.addEventListener("htmx:load", (evenement) => {
  if (evenement.target !== document.body) preparer(evenement.target);
});
