// A palette beside each colour that is typed: input[data-couleur]. Only the text is sent, so it may stay empty.
for (const saisie of document.querySelectorAll("input[data-couleur]")) {
  const palette = document.createElement("input");
  palette.type = "color";
  palette.className = "palette";
  palette.setAttribute("aria-label", `${saisie.labels[0].firstChild.textContent.trim()} : choisir dans la palette`);
  const rang = document.createElement("div");
  rang.className = "rang";
  saisie.replaceWith(rang);
  rang.append(saisie, palette);

  const suivre = () => {
    const lue = saisie.value.trim().replace(/^#?/, "#").toLowerCase();
    if (/^#[0-9a-f]{6}$/.test(lue)) palette.value = lue;
  };
  suivre();
  saisie.addEventListener("input", suivre);
  palette.addEventListener("input", () => {
    saisie.value = palette.value;
  });
}
