/* Passkeys: what browsers do by script alone. A form says what is asked of the browser, and takes its answer. */
"use strict";

const OLD = "Your browser cannot do this here: it needs a newer one, and an address that begins with https.";
const REFUSED = {
  InvalidStateError: "This device has a passkey for your account already.",
  NotAllowedError: "No passkey came: it was cancelled, or took too long. Try again.",
  SecurityError: "Browsers keep passkeys for names, not for this address. Open this site by its name.",
};

const READ = {
  create: (options) => PublicKeyCredential.parseCreationOptionsFromJSON(options),
  get: (options) => PublicKeyCredential.parseRequestOptionsFromJSON(options),
};

function say(form, words) {
  const told = document.createElement("p");
  told.className = "error-message";
  told.textContent = words;
  form.querySelector(".said").replaceChildren(told);
}

async function answer(form) {
  const way = form.dataset.passkey;
  const publicKey = READ[way](JSON.parse(form.dataset.options));
  const given = await navigator.credentials[way]({ publicKey });
  form.elements.credential.value = JSON.stringify(given.toJSON());
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return say(form, OLD);
    answer(form).catch((error) => say(form, REFUSED[error.name] || `${error.name}: ${error.message}`));
  });
}
