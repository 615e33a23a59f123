// Runs before the first paint: marks that scripts run, and sets the theme the visitor chose, if any.
(() => {
  const racine = document.documentElement;
  racine.dataset.js = "";
  const lire = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage refused: the system's choice stands
    }
  };
  const choisi = lire();
  if (choisi === "clair" || choisi === "sombre") racine.dataset.theme = choisi;

  document.addEventListener("click", (evenement) => {
    if (!evenement.target.closest?.("[data-theme-bascule]")) return;
    const sombre = racine.dataset.theme
      ? racine.dataset.theme === "sombre"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    racine.dataset.theme = sombre ? "clair" : "sombre";
    try {
      localStorage.setItem("theme", racine.dataset.theme);
    } catch {
      // The choice then lasts for this page only.
    }
  });
})();
