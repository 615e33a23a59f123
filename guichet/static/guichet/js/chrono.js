// How long a call or a visit has lasted, beside its starting time: <time datetime="…" data-chrono>.

const deux = (nombre) => String(nombre).padStart(2, "0");

function ecrire(element) {
  const secondes = Math.max(0, Math.floor((Date.now() - Date.parse(element.dateTime)) / 1000));
  const heures = Math.floor(secondes / 3600);
  const minutes = Math.floor(secondes / 60) % 60;
  const passe = minutes ? `${minutes} min ${deux(secondes % 60)} s` : `${secondes} s`;
  element.textContent = `il y a ${heures ? `${heures} h ${deux(minutes)}` : passe}`;
}

// A call begins without leaving the page: the watch may come after the script.
const tourner = () => document.querySelectorAll("[data-chrono]").forEach(ecrire);
tourner();
setInterval(tourner, 1000);
