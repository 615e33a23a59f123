// No letter is lost between two pages: what is typed after a button that leads elsewhere goes into the field
// where the next page, or the next part of this one, puts the cursor. First of all scripts: it must be there
// before the page is.
(() => {
  const CLE = "frappes";
  const PATIENCE_MS = 4000;
  let avant = ""; // typed on the page before
  let texte = "";
  let retenues = false;
  let envoi = false; // Ctrl+Enter came with them
  let attendue = null; // the request whose answer redraws the part one was in; none between two pages
  let minuterie;

  const estUnTexte = (champ) =>
    champ?.matches?.("textarea, input:is(:not([type]), [type=text], [type=search], [type=tel], [type=url])");

  function retenir() {
    retenues = true;
    clearTimeout(minuterie);
    // A file was downloaded, or nothing came: the page is still the one they are typing on. It was no key of it.
    minuterie = setTimeout(() => {
      [avant, texte, envoi] = [avant + texte, "", false];
      rendre();
    }, PATIENCE_MS);
  }

  function rendre() {
    retenues = false;
    attendue = null;
    clearTimeout(minuterie);
    // The browser forgets the cursor of a page opened on one of its parts (#demarche).
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
    const champ = document.activeElement;
    const tout = avant + texte;
    if (tout && estUnTexte(champ)) {
      champ.setRangeText(tout, champ.selectionEnd, champ.selectionEnd, "end");
      champ.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      // Nowhere to write: they are keys of this page, pressed a little early. Each acts where the one before led.
      for (const key of texte) {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      }
    }
    // What was chosen, typed and sent before the answer came is sent as it now stands.
    if (envoi) {
      const ensemble = { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", ensemble));
    }
    avant = texte = "";
    envoi = false;
  }

  addEventListener(
    "keydown",
    (evenement) => {
      if (!retenues || evenement.altKey || evenement.isComposing) return;
      if (evenement.ctrlKey || evenement.metaKey) {
        if (evenement.key !== "Enter" || !attendue) return;
        envoi = true;
      } else if (evenement.key.length === 1) texte += evenement.repeat ? "" : evenement.key;
      else if (evenement.key === "Backspace") texte = texte.slice(0, -1);
      else return;
      evenement.preventDefault();
      evenement.stopImmediatePropagation();
    },
    true,
  );

  addEventListener("beforeunload", () => {
    attendue = null;
    retenir();
  });
  addEventListener("pagehide", () => {
    if (avant + texte) sessionStorage.setItem(CLE, JSON.stringify({ texte: avant + texte, le: Date.now() }));
    avant = texte = "";
  });
  addEventListener("pageshow", (evenement) => evenement.persisted && rendre());
  addEventListener("pointerdown", () => retenues && rendre());

  // A link or a button that redraws a part of the page: the field one was in may go with it. Another answer that
  // comes meanwhile, of a search or a clock, is not the one waited for.
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (!detail.elt.matches("a, button")) return;
    attendue = detail.xhr;
    retenir();
  });
  for (const fin of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(fin, ({ type, detail }) => {
      if (!retenues || detail.xhr !== attendue) return;
      envoi &&= type === "htmx:afterSettle";
      rendre();
    });
  }

  try {
    const gardees = JSON.parse(sessionStorage.getItem(CLE) ?? "null");
    if (gardees && Date.now() - gardees.le < PATIENCE_MS) avant = gardees.texte;
    sessionStorage.removeItem(CLE);
  } catch {
    // Storage refused or damaged: nothing to give back.
  }
  retenir();
  // After the other scripts have read the page as it came.
  addEventListener("DOMContentLoaded", () => setTimeout(rendre));
})();
