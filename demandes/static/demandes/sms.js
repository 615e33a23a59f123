// How many SMS a text takes, beside who will get it: [data-compte-sms], its `data-signature` counted with the words.
// The network's alphabet, and what counts twice in it (GSM 03.38); one other sign, and each SMS holds 70 instead of 160.
const GSM = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const DOUBLES = new Set("^{}\\[~]|€\f");
const AU_PLUS = 4;

function mesurer(texte) {
  const signes = [...texte];
  const estGsm = signes.every((signe) => GSM.has(signe) || DOUBLES.has(signe));
  const nombre = estGsm ? signes.length + signes.filter((signe) => DOUBLES.has(signe)).length : texte.length;
  const [seul, partie] = estGsm ? [160, 153] : [70, 67];
  return { nombre, parties: nombre <= seul ? 1 : Math.ceil(nombre / partie), estGsm };
}

function dire(compte) {
  const zone = compte.closest("form")?.querySelector("textarea[name=texte]");
  if (!zone) return;
  const ecrire = () => {
    const { nombre, parties, estGsm } = mesurer(zone.value.trim() + compte.dataset.signature);
    const combien = `${nombre} signes avec la signature, ${parties} SMS`;
    const pourquoi = estGsm ? "" : " (un signe hors de l'alphabet des SMS : 70 signes par SMS)";
    compte.textContent =
      parties > AU_PLUS ? `${combien} : trop long, la personne recevra un lien vers ce message.` : `${combien}${pourquoi}.`;
  };
  zone.addEventListener("input", ecrire);
  ecrire();
}

document.querySelectorAll("[data-compte-sms]").forEach(dire);
