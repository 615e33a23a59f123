// Toasts join the live region #annonces (which announces them) and leave after a while.
// After an htmx swap that shows a refused form, focus goes to its summary.

const DUREE_MS = 8000;
const region = document.getElementById("annonces");

function armer(toast) {
  let minuterie = setTimeout(() => toast.remove(), DUREE_MS);
  // Nobody loses a message they are reading.
  toast.addEventListener("mouseenter", () => clearTimeout(minuterie));
  toast.addEventListener("mouseleave", () => {
    minuterie = setTimeout(() => toast.remove(), DUREE_MS / 2);
  });
}

new MutationObserver((changements) => {
  for (const changement of changements) {
    for (const noeud of changement.addedNodes) {
      if (noeud instanceof HTMLElement) armer(noeud);
    }
  }
}).observe(region, { childList: true });

export function annoncer(texte) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.textContent = texte;
  region.append(toast);
}

document.addEventListener("htmx:afterSettle", (evenement) => {
  evenement.target.querySelector?.("[data-resume-erreurs]")?.focus();
});
document.addEventListener("htmx:sendError", () => annoncer(region.dataset.sansConnexion));
document.addEventListener("htmx:responseError", () => annoncer(region.dataset.partiePerdue));
