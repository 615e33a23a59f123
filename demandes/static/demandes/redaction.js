// A template placed where one writes, after what is written, never over it. Without this file its button asks the server.
document.addEventListener("click", (evenement) => {
  const bouton = evenement.target.closest("[data-inserer]");
  const zone = bouton && document.getElementById(bouton.dataset.inserer);
  const texte = bouton && document.getElementById(bouton.dataset.texte)?.textContent;
  if (!zone || !texte) return;
  evenement.preventDefault();
  if (!zone.value.includes(texte)) {
    zone.value = [zone.value.trim(), texte].filter(Boolean).join("\n\n");
    // As if it had been typed: the draft is kept.
    zone.dispatchEvent(new Event("input", { bubbles: true }));
  }
  bouton.closest("details.redaction__modeles")?.removeAttribute("open");
  zone.rows = Math.min(18, Math.max(zone.rows, zone.value.split("\n").length + 2));
  const trou = zone.value.indexOf("[à compléter]");
  zone.focus();
  // On the first blank to fill in, when there is one.
  if (trou >= 0) zone.setSelectionRange(trou, trou + "[à compléter]".length);
});

// Where the thread has no frame of its own, the page opens on its newest entry, unless it has something to say first.
const estNouvelle = performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash;
const aUnCadre = matchMedia("(width >= 64rem) and (height >= 40rem)").matches;
if (estNouvelle && !aUnCadre && !document.querySelector(".messages, .urgence-dossier")) {
  document.querySelector("#fil > :last-child")?.scrollIntoView({ block: "nearest" });
}
