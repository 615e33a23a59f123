// Agents' keyboard. Letters act only outside fields, alone, and only where the page shows them.

const saisieEnCours = (element) =>
  element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

const estOfferte = (cible) =>
  !cible.closest("[data-liste-clavier], [aria-busy=true]") && (cible.closest("aside")?.checkVisibility() ?? true);

function allerALaRecherche(evenement) {
  const recherche = document.querySelector("[data-recherche]");
  if (!recherche) return;
  evenement.preventDefault();
  recherche.focus();
  recherche.select();
}

// What answers a key, the page's own first: the frame offers the same everywhere.
function cibles(selecteur) {
  const toutes = [...document.querySelectorAll(selecteur)];
  const estDeLaPage = (une) => Boolean(une.closest("#contenu"));
  return [...toutes.filter(estDeLaPage), ...toutes.filter((une) => !estDeLaPage(une))];
}

// Keys really in force here: what the page shows now, each with the words of its button. Function keys act
// from a closed menu too.
function ouvrirAide() {
  const aide = document.getElementById("aide-clavier");
  if (!aide || aide.open) return;
  const actives = cibles("[data-touche], [data-touche-f]").filter((une) => une.dataset.toucheF || une.checkVisibility());
  const vues = new Set();
  const siennes = [];
  for (const cible of actives) {
    const touches = [cible.dataset.touche, cible.dataset.toucheF].filter(Boolean);
    if (touches.some((touche) => vues.has(touche))) continue;
    touches.forEach((touche) => vues.add(touche));
    const mots = cible.getAttribute("aria-label") ?? cible.querySelector("span")?.textContent ?? cible.textContent;
    siennes.push([touches, mots.trim()]);
  }
  aide.querySelector("[data-touches-de-la-page]").replaceChildren(
    ...siennes.map(([touches, mots]) => {
      const ligne = document.createElement("div");
      const terme = document.createElement("dt");
      terme.append(...touches.flatMap((touche, rang) => [...(rang ? [" ou "] : []), Object.assign(document.createElement("kbd"), { textContent: touche })]));
      ligne.append(terme, Object.assign(document.createElement("dd"), { textContent: mots }));
      return ligne;
    }),
  );
  aide.querySelectorAll("[data-si-liste]").forEach((ligne) => {
    ligne.hidden = !document.querySelector("[data-liste-clavier] [data-ligne]");
  });
  aide.querySelectorAll("[data-si-groupes]").forEach((ligne) => {
    ligne.hidden = document.querySelectorAll("[data-groupe]").length < 2;
  });
  aide.querySelectorAll("[data-si-selection]").forEach((ligne) => {
    ligne.hidden = !document.querySelector("[data-selection]");
  });
  aide.querySelectorAll("[data-si-envoi]").forEach((ligne) => {
    ligne.hidden = !document.querySelector("[data-envoie]");
  });
  aide.showModal();
}

document.addEventListener("click", (evenement) => {
  if (evenement.target.closest('[data-ouvre="aide-clavier"]')) ouvrirAide();
});

function presser(selecteur, evenement) {
  const rang = evenement.target.closest?.("tr, li");
  const cible = cibles(selecteur).find((une) => rang?.contains(une) || estOfferte(une));
  if (!cible) return;
  evenement.preventDefault();
  cible.click();
  // A part that opens on its key is there to be filled in.
  if (cible.matches("summary") && cible.parentElement.open) {
    cible.parentElement.querySelector(":is(input:not([type=hidden]), select, textarea)")?.focus();
  }
}

// What goes on in the page puts the cursor where one writes next: form[data-curseur="id"].
document.addEventListener("submit", ({ target }) => document.getElementById(target.dataset.curseur)?.focus());

// A link that leads to an entry begins none where one is under way: it changes its answer (a[data-choisit="name"]).
document.addEventListener("click", (evenement) => {
  const lien = evenement.target.closest("a[data-choisit]");
  const choix = lien && document.querySelector(`#saisie [name="${lien.dataset.choisit}"]`);
  if (!choix) return;
  evenement.preventDefault();
  choix.value = new URL(lien.href).searchParams.get(choix.name);
  choix.dispatchEvent(new Event("change", { bubbles: true }));
});

// Ctrl+Enter sends the form one is writing in: its button marked [data-envoie], or the one that a field filled in
// asks for ([data-envoie-par="id"]): what is written there is never left behind. From a line of it that is no
// field (what is left to correct) too; from nowhere in particular, the entry of the page.
function envoyer(evenement) {
  const ou = evenement.target;
  const form = ou.form ?? ou.closest("form") ?? (ou === document.body ? document.getElementById("saisie") : null);
  const ecrit = [...(form?.querySelectorAll("[data-envoie-par]") ?? [])].find((champ) => champ.value.trim());
  const bouton = ecrit ? document.getElementById(ecrit.dataset.envoiePar) : form?.querySelector("[data-envoie]");
  if (!bouton) return;
  evenement.preventDefault();
  bouton.click();
}

document.addEventListener("keydown", (evenement) => {
  if ((evenement.ctrlKey || evenement.metaKey) && evenement.key.toLowerCase() === "k") {
    allerALaRecherche(evenement);
    return;
  }
  if ((evenement.ctrlKey || evenement.metaKey) && evenement.key === "Enter") {
    envoyer(evenement);
    return;
  }
  if (evenement.ctrlKey || evenement.metaKey || evenement.altKey || evenement.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  if (evenement.key === "Escape" && saisieEnCours(evenement.target)) {
    evenement.preventDefault();
    evenement.target.blur();
    return;
  }
  // Function keys type nothing: they act inside fields too ([data-touche-f="F2"]).
  if (/^F\d+$/.test(evenement.key)) {
    presser(`[data-touche-f="${evenement.key}"]`, evenement);
    return;
  }
  if (saisieEnCours(evenement.target)) return;

  if (evenement.key === "/") allerALaRecherche(evenement);
  else if (evenement.key === "?") ouvrirAide();
  else if (evenement.key.length === 1) {
    // A button or link that shows its key: [data-touche="t"]. In a list, only that of the row one stands on;
    // beside it, only what shows, and never a part of the page that is still being fetched.
    presser(`[data-touche="${CSS.escape(evenement.key)}"]`, evenement);
  }
});

// --- lists walked with the arrows: [data-liste-clavier], one [data-ligne] link per row ---
const lignes = (liste) => [...liste.querySelectorAll("[data-ligne]")].filter((ligne) => !ligne.closest("[hidden]"));

document.addEventListener("keydown", (evenement) => {
  const pas = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[evenement.key];
  const bout = { Home: 0, End: -1 }[evenement.key];
  if (pas === undefined && bout === undefined) return;
  if (evenement.ctrlKey || evenement.metaKey || evenement.altKey || evenement.shiftKey) return;
  const dansListe = evenement.target.closest?.("[data-liste-clavier]");
  // From nowhere in particular, or down from the search box, the arrow enters the page's list; a field that
  // names what it finds (data-fleche-vers="id") enters that.
  const vers = evenement.target.dataset?.flecheVers;
  const depuisRecherche = evenement.key === "ArrowDown" && (Boolean(vers) || evenement.target.matches?.("[data-recherche]"));
  // A view one has just chosen keeps the focus: the arrow goes on from there to the list.
  const depuisUneVue = !dansListe && evenement.target.matches?.(".vues a");
  const depuisRien = depuisRecherche || depuisUneVue || evenement.target === document.body || evenement.target.id === "contenu";
  const zone = vers ? document.getElementById(vers) : document;
  const liste = dansListe ?? (depuisRien && pas ? zone?.querySelector("[data-liste-clavier]") : null);
  if (!liste || (saisieEnCours(evenement.target) && evenement.target.type !== "checkbox" && !depuisRecherche)) return;
  if (document.querySelector("dialog[open]")) return;
  const toutes = lignes(liste);
  if (!toutes.length) return;
  const actuelle = toutes.findIndex((ligne) => ligne.closest("tr, li")?.contains(evenement.target));
  if (actuelle === 0 && pas === -1) {
    // Up from the first line goes back to the field it was found with.
    const zoneTrouvee = liste.closest("[id]")?.id;
    const champ = document.querySelector(`[data-fleche-vers="${zoneTrouvee}"], input[data-recherche]`);
    if (champ) {
      evenement.preventDefault();
      champ.focus();
      return;
    }
  }
  const suivante =
    pas === undefined
      ? toutes.at(bout)
      : toutes[actuelle === -1 ? (pas > 0 ? 0 : toutes.length - 1) : Math.min(Math.max(actuelle + pas, 0), toutes.length - 1)];
  evenement.preventDefault();
  suivante.focus();
});

// --- groups of one list, side by side or one under the other: [data-groupe], walked with left and right ---
document.addEventListener("keydown", (evenement) => {
  const pas = { ArrowRight: 1, ArrowLeft: -1 }[evenement.key];
  const groupe = evenement.target.closest?.("[data-groupe]");
  if (!pas || !groupe || saisieEnCours(evenement.target)) return;
  const groupes = [...document.querySelectorAll("[data-groupe]")];
  const ligne = groupes[groupes.indexOf(groupe) + pas]?.querySelector("[data-ligne]");
  if (!ligne) return;
  evenement.preventDefault();
  ligne.focus();
});
