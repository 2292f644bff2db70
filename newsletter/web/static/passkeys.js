// Passkeys: asks the browser to make or to use one, and sends its answer with the form around it.
// Without this script the other ways to sign in stay.
const known =
  window.PublicKeyCredential &&
  PublicKeyCredential.parseRequestOptionsFromJSON &&
  PublicKeyCredential.parseCreationOptionsFromJSON;

async function ask(form) {
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(`options: ${answer.status}`);
  const options = await answer.json();
  const credential = form.dataset.passkey === "make"
    ? await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
      })
    : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
      });
  return JSON.stringify(credential.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const field = form.elements.namedItem("answer");
  const words = form.querySelector("[role=status]");
  const button = form.querySelector("button");
  if (!known) {
    button.disabled = true;
    words.textContent = form.dataset.unknown;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    words.textContent = "";
    try {
      field.value = await ask(form);
      form.submit();
    } catch {
      button.disabled = false;
      words.textContent = form.dataset.failed;
    }
  });
}
