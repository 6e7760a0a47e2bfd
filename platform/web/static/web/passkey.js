// Passkeys: a form says what to ask the browser for (data-passkey, data-options) and sends the
// answer in its field "credential". allauth's webauthn-json.js turns texts into bytes and back.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form).catch((error) => {
      console.warn(error.name);
      show(form, true);
    });
  });
}

async function ask(form) {
  show(form, false);
  const { create, get } = window.webauthnJSON;
  const options = await optionsOf(form);
  const makes = form.dataset.passkey === "create";
  const credential = makes ? await create(resident(options)) : await get(options);
  form.elements.namedItem("credential").value = JSON.stringify(credential);
  form.submit();
}

// On the page of a sign-in the options are made when somebody asks: most people never do.
async function optionsOf(form) {
  if (form.dataset.options) {
    const data = JSON.parse(form.dataset.options);
    return data.creation_options ?? data.request_options;
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("no challenge");
  return (await answer.json()).request_options;
}

// A key that signs in by itself: kept on the device, and the device asks who is there.
function resident(options) {
  const selection = options.publicKey.authenticatorSelection;
  selection.residentKey = "required";
  selection.requireResidentKey = true;
  selection.userVerification = "required";
  return options;
}

function show(form, isFaulty) {
  const fault = form.querySelector("[data-passkey-fault]");
  if (fault) fault.hidden = !isFaulty;
}
