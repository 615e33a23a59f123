// The work queue: the row one stands on shows its sheet, x ticks it, the address says which one is open.
// Without this file the row's link opens the page of the demande, and every button is a plain form.

const DELAI_MS = 120; // walking fast must not fetch every sheet on the way
const liste = () => document.querySelector("#corbeille [data-liste-clavier]");
const rangDe = (element) => element.closest?.("#corbeille tr[data-apercu]");
const volet = () => document.getElementById("apercu");
const lien = (rang) => rang.querySelector("[data-ligne]");
let attente;

function choisir(rang) {
  if (rang.hasAttribute("aria-current")) return;
  for (const autre of liste().querySelectorAll("tr[aria-current]")) autre.removeAttribute("aria-current");
  rang.setAttribute("aria-current", "true");
  const adresse = new URL(location.href);
  adresse.searchParams.set("ouverte", rang.dataset.numero);
  history.replaceState(history.state, "", adresse);
  const cible = volet();
  if (!cible.checkVisibility()) return;
  // Its keys and buttons belong to the row before: nothing of it may be used meanwhile.
  cible.setAttribute("aria-busy", "true");
  clearTimeout(attente);
  attente = setTimeout(() => {
    window.htmx.ajax("GET", rang.dataset.apercu, { source: cible, target: cible, swap: "innerHTML" });
  }, DELAI_MS);
}

document.addEventListener("htmx:afterSwap", (evenement) => {
  if (evenement.target.id !== "apercu") return;
  // An older sheet may arrive first: its keys stay out of use until the right one is here.
  const numero = evenement.target.querySelector("[data-numero]")?.dataset.numero;
  if (numero === liste()?.querySelector("tr[aria-current]")?.dataset.numero) evenement.target.removeAttribute("aria-busy");
});

document.addEventListener("focusin", (evenement) => {
  const rang = rangDe(evenement.target);
  if (rang && evenement.target.matches("[data-ligne]")) choisir(rang);
});

document.addEventListener("click", (evenement) => {
  const rang = rangDe(evenement.target);
  if (!rang || evenement.target.closest("button, input, label, a:not([data-ligne])")) return;
  if (evenement.ctrlKey || evenement.metaKey || evenement.shiftKey || !volet().checkVisibility()) return;
  // Enter on the link comes here too, without a pointer: it opens the page.
  if (evenement.detail !== 1) return;
  evenement.preventDefault();
  lien(rang).focus();
});
document.addEventListener("dblclick", (evenement) => {
  const rang = rangDe(evenement.target);
  if (rang && !evenement.target.closest("button, input, label")) location.assign(lien(rang).href);
});

document.addEventListener("keydown", (evenement) => {
  if (evenement.ctrlKey || evenement.metaKey || evenement.altKey || document.querySelector("dialog[open]")) return;
  const rang = rangDe(evenement.target);
  if ((evenement.key === "x" || evenement.key === " ") && rang && evenement.target.matches("[data-ligne]")) {
    evenement.preventDefault();
    rang.querySelector("[name=choix]")?.click();
  } else if (evenement.key === "Escape" && rang) {
    const cochees = liste().querySelectorAll("[name=choix]:checked");
    if (cochees.length) cochees.forEach((une) => une.click());
    else evenement.target.blur();
  }
});

// Back from a gesture or a page, one stands on the row the address names.
const courante = document.querySelector("#corbeille tr[aria-current]");
if (courante) lien(courante).focus();
