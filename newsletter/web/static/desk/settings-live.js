// Looks again while something is under way, and copies the values of records.
"use strict";

const EVERY = 1500;

async function renew() {
  const old = document.querySelector("[data-live][data-waiting]");
  if (!old) return;
  const answer = await fetch(old.dataset.live, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-live]");
    // What is under someone's hand stays until the next look.
    if (found && !old.contains(document.activeElement)) {
      old.replaceWith(document.adoptNode(found));
      prepare(found);
    }
  }
  setTimeout(renew, EVERY);
}

function prepare(part) {
  if (!navigator.clipboard) return;
  for (const button of part.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }
}

prepare(document);
setTimeout(renew, EVERY);
