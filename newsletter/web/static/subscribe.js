// Solves the bot challenge of a form while its reader is typing, and holds the form back until that
// is done. Where it cannot be done the form goes as it is, and the next page has a button instead.
"use strict";

const PATIENCE = 20000;

async function solve({ challenge: source, worker: script }) {
  const answer = await fetch(source, { cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Error(`no challenge: ${answer.status}`);
  const challenge = await answer.json();
  const solution = await new Promise((resolve, reject) => {
    const worker = new Worker(script);
    const end = (settle) => ({ data }) => {
      worker.terminate();
      settle(data);
    };
    worker.onmessage = end((found) => (found?.derivedKey ? resolve(found) : reject(found)));
    worker.onerror = end(reject);
    worker.postMessage({ type: "work", challenge, timeout: PATIENCE });
  });
  return btoa(JSON.stringify({ challenge, solution }));
}

function guard(form) {
  const status = form.querySelector("[role=status]");
  let solving = null;
  let settled = false;

  const start = () => {
    solving ??= solve(form.dataset)
      .then((payload) => {
        form.elements.altcha.value = payload;
      })
      .catch(() => {})
      .finally(() => {
        settled = true;
      });
    return solving;
  };

  form.addEventListener("focusin", start);
  if ("soon" in form.dataset) start();

  form.addEventListener("submit", (event) => {
    if (settled) return;
    event.preventDefault();
    status.textContent = status.dataset.waiting;
    start().then(() => {
      status.textContent = "";
      form.requestSubmit(event.submitter);
    });
  });

  // A page that comes back out of the browser's memory has used its solution up.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    solving = null;
    settled = false;
    form.elements.altcha.value = "";
  });
}

document.querySelectorAll("form[data-challenge]").forEach(guard);
