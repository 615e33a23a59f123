// Drawers and boxes: [data-ouvre="id"] opens a <dialog>; a click on its backdrop closes it.
// Menus made of <details data-menu> close on Escape and on a click elsewhere.

document.addEventListener("click", (evenement) => {
  const bouton = evenement.target.closest("[data-ouvre]");
  if (bouton) {
    const dialogue = document.getElementById(bouton.dataset.ouvre);
    if (dialogue instanceof HTMLDialogElement && !dialogue.open) {
      evenement.preventDefault();
      dialogue.showModal();
    }
    return;
  }
  if (evenement.target instanceof HTMLDialogElement && evenement.target.open) {
    // The dialog itself is hit only outside its content, or in its padding, which is none.
    const cadre = evenement.target.getBoundingClientRect();
    const dehors =
      evenement.clientX < cadre.left ||
      evenement.clientX > cadre.right ||
      evenement.clientY < cadre.top ||
      evenement.clientY > cadre.bottom;
    if (dehors) evenement.target.close();
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(evenement.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (evenement) => {
  if (evenement.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
