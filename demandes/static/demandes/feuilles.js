// The pages of a letter: the next one, the one before, larger, smaller. Without it they are scrolled.
const TAILLES = 4;

document.addEventListener("click", (evenement) => {
  const bouton = evenement.target.closest("[data-feuille], [data-loupe]");
  const zone = bouton?.closest("[data-feuilles]");
  if (!zone) return;
  if (bouton.dataset.loupe) {
    const taille = Number(zone.dataset.taille) + Number(bouton.dataset.loupe);
    zone.dataset.taille = String(Math.min(TAILLES, Math.max(1, taille)));
    return;
  }
  const pages = [...zone.querySelectorAll("[data-page]")];
  const haut = zone.getBoundingClientRect().top;
  const actuelle = pages.findLastIndex((page) => page.getBoundingClientRect().top - haut < 80);
  const visee = pages[Math.min(pages.length - 1, Math.max(0, actuelle + Number(bouton.dataset.feuille)))];
  zone.scrollTop += visee.getBoundingClientRect().top - haut - 48;
});
