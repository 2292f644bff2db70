// Keeps the page of an issue on its way up to date: words for the places that change all the time,
// pieces of HTML where something seldom changes. They are pushed by the server, or asked for where
// it has no connection to give. Without this the page has a link to load it again.
const EVERY = 2000;
const PATIENCE = 3;
const place = document.getElementById("sending");
const note = place.querySelector("[role=status]");
let source = null;
let timer = 0;
let failures = 0;

function show(numbers) {
  for (const [name, words] of Object.entries(numbers.said)) {
    for (const spot of place.querySelectorAll(`[data-said="${name}"]`)) {
      if (spot.textContent !== words) spot.textContent = words;
    }
  }
  const bar = place.querySelector("progress");
  bar.max = Math.max(numbers.total, 1);
  bar.value = numbers.done;
  for (const [name, piece] of Object.entries(numbers.pieces)) {
    const spot = document.querySelector(`[data-piece="${name}"]`);
    if (spot.dataset.version === piece.version) continue;
    const held = spot.contains(document.activeElement);
    spot.dataset.version = piece.version;
    spot.innerHTML = piece.html;
    if (held) spot.focus();
  }
  place.querySelector(".sending-pace").hidden = !["approved", "scheduled", "sending"].includes(numbers.state);
  failures = 0;
  note.textContent = "";
  if (numbers.over) stop();
}

async function ask() {
  const answer = await fetch(place.dataset.numbers, { headers: { Accept: "application/json" } });
  if (answer.redirected) return location.reload(); // signed out meanwhile
  if (!answer.ok) throw new Error(answer.statusText);
  show(await answer.json());
}

function lost() {
  failures += 1;
  if (failures >= PATIENCE) note.textContent = place.dataset.lost;
}

function listen() {
  stop();
  source = new EventSource(place.dataset.events);
  source.onmessage = (event) => show(JSON.parse(event.data));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) poll(); // else the browser comes back by itself
    else lost();
  };
}

function poll() {
  stop();
  timer = setInterval(() => ask().catch(lost), EVERY);
}

function stop() {
  source?.close();
  clearInterval(timer);
}

// Nobody looks at a hidden page.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stop();
  else listen();
});
listen();
