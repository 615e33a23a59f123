// The privacy screen: [data-masque-ecran] hides the page behind #ecran-masque until a key or a click.
// It stays hidden from page to page in this tab, and the tab's title names nobody meanwhile.

const CLE = "ecran-masque";
const ecran = document.getElementById(CLE);
let titre;

function masquer() {
  if (!ecran || ecran.open) return;
  ecran.showModal();
  titre = document.title;
  document.title = "Écran masqué";
  sessionStorage.setItem(CLE, "oui");
}

function montrer() {
  sessionStorage.removeItem(CLE);
  document.title = titre;
}

document.addEventListener("click", (evenement) => {
  if (evenement.target.closest("[data-masque-ecran]")) masquer();
  else if (ecran?.open) ecran.close();
});

if (ecran) {
  ecran.addEventListener("close", montrer);
  ecran.addEventListener("keydown", (evenement) => {
    if (["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(evenement.key)) return;
    // The key only shows the page again: it must not act on it.
    evenement.preventDefault();
    evenement.stopPropagation();
    ecran.close();
  });
  if (sessionStorage.getItem(CLE)) masquer();
}
