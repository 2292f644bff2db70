// Shows a colour as mails will have it while it is typed or picked.
"use strict";

const WAIT = 150;

function show(field) {
  const written = field.querySelector("#accent");
  const picked = field.querySelector("[type=color]");
  const sample = field.querySelector(".settings-sample");
  let waiting = 0;
  let latest = 0;

  const ask = async () => {
    latest += 1;
    const mine = latest;
    const answer = await fetch(`${field.dataset.sample}?accent=${encodeURIComponent(written.value)}`);
    if (!answer.ok || mine !== latest) return;
    sample.innerHTML = await answer.text();
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask().catch(() => {}), WAIT);
  };

  picked.hidden = false;
  picked.addEventListener("input", () => {
    written.value = picked.value;
    soon();
  });
  written.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(written.value)) picked.value = written.value;
    soon();
  });
}

for (const field of document.querySelectorAll(".settings-colour")) show(field);
