// A call that rings at this agent's extension. The page asks lightly, only while it is seen, and announces: it
// takes neither the cursor nor what is typed. Opened over an entry under way, the call begins beside it.

const RYTHME_MS = 500;
const PATIENCE_MS = 10000;
let rythme = RYTHME_MS;
let minuterie;

const zone = () => document.getElementById("appels");

async function ecouter() {
  clearTimeout(minuterie);
  const appels = zone();
  if (appels?.dataset.ecoute && !document.hidden) {
    try {
      const vue = encodeURIComponent(appels.dataset.marque);
      const reponse = await fetch(`${appels.dataset.ecoute}?m=${vue}`, { credentials: "omit", cache: "no-store" });
      if (reponse.status === 410) return;
      rythme = reponse.ok ? RYTHME_MS : Math.min(rythme * 2, PATIENCE_MS);
      if (reponse.status === 200) {
        appels.dataset.marque = await reponse.text();
        window.htmx.trigger(appels, "appel");
      }
    } catch {
      // The server does not answer: it is asked again, less and less.
      rythme = Math.min(rythme * 2, PATIENCE_MS);
    }
  }
  if (!document.hidden) minuterie = setTimeout(ecouter, rythme);
}

// Something typed that leaving the page would lose.
function saisieEnCours() {
  const champs = [...document.querySelectorAll("#contenu :is(textarea, input:is([type=text], [type=tel], [type=email], [type=search], :not([type])))")];
  return champs.some((champ) => {
    if (champ.closest("[data-appel]") || champ.matches("[data-recherche]")) return false;
    return champ.closest("#saisie") ? champ.value.trim() : champ.value !== champ.defaultValue;
  });
}

document.addEventListener("submit", (evenement) => {
  const formulaire = evenement.target.closest("form[data-appel]");
  if (!formulaire || !saisieEnCours()) return;
  evenement.preventDefault();
  // Asked by the zone, which stays: the announcement and its form may be gone before the answer comes.
  window.htmx.ajax("POST", formulaire.action, {
    source: zone(),
    values: new FormData(formulaire),
    target: "#contact",
    select: "#contact",
    swap: "outerHTML",
    selectOOB: "#appels,#commencer",
  });
});

document.addEventListener("visibilitychange", ecouter);
ecouter();
