// How far an import is, once a second, without moving the page; at its end the page is loaded anew.
"use strict";

const place = document.querySelector("[data-progress]");

async function look() {
  const answer = await fetch(place.dataset.progress, { headers: { Accept: "text/html" } });
  if (answer.status === 204 || answer.redirected) {
    location.reload();
    return;
  }
  if (answer.ok) place.innerHTML = await answer.text();
  setTimeout(() => look().catch(later), 1000);
}

function later() {
  setTimeout(() => look().catch(later), 5000);
}

if (place) setTimeout(() => look().catch(later), 1000);
