// The browser's own print window, from a button of the page.
document.querySelector("[data-imprimer]")?.addEventListener("click", () => window.print());
