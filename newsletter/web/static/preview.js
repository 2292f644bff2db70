// The mail beside the composer: what stands in the form is rendered, unsaved, a moment after the
// last key. The frame runs no scripts; its content is exchanged in place, so that it stays where
// its reader has scrolled to. A finding leads to its field, and to the words in it.
const form = document.querySelector("form[data-composer]");
const beside = document.querySelector("[data-preview]");

const PAUSE = 400;
const room = matchMedia("(min-width: 76rem)");
let scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
let shown = ""; // what was sent last
let timer = 0;
let asking = null;

const part = (name) => beside.querySelector(name);

function show(html) {
  const frame = part("iframe").contentDocument;
  const { scrollLeft, scrollTop } = frame.scrollingElement;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  frame.replaceChild(frame.adoptNode(fresh.documentElement), frame.documentElement);
  // Pictures come a moment later; what they push down is where it was before.
  frame.scrollingElement.style.overflowAnchor = "none";
  frame.scrollingElement.scrollTo(scrollLeft, scrollTop);
}

function line({ blocks, message, quote, place, found, link }) {
  const item = document.createElement("li");
  item.className = blocks ? "bad" : "warning";
  const words = item.appendChild(document.createElement(link ? "a" : "span"));
  words.textContent = message;
  if (place) {
    words.href = `#${place}`;
    words.dataset.found = found;
  } else if (link) {
    words.href = link;
  }
  if (quote) item.appendChild(document.createElement("q")).textContent = quote;
  return item;
}

async function refresh() {
  clearTimeout(timer);
  if (!room.matches || document.hidden) return;
  const body = new URLSearchParams(new FormData(form));
  const wanted = `${scheme}?${body}`;
  if (wanted === shown) return;
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(`${beside.dataset.preview}?scheme=${scheme}`, { method: "POST", body, signal: asking.signal });
    if (answer.status !== 200 || answer.redirected) return;
    const mail = await answer.json();
    shown = wanted;
    show(mail.html);
    part(".preview-letter").textContent = mail.text;
    part(".preview-subject").textContent = mail.subject;
    part(".preview-beginning").textContent = mail.beginning;
    const said = part("[role=status]");
    if (said.textContent !== mail.said) said.textContent = mail.said;
    part(".preview-findings").className = `preview-findings ${mail.verdict}`;
    part(".preview-findings ul").replaceChildren(...mail.findings.map(line));
  } catch (error) {
    if (error.name !== "AbortError") timer = setTimeout(refresh, 10 * PAUSE);
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
}

// The mail as wide as on a phone or on a desktop, where it is drawn smaller, or its text part.
function turn(view) {
  part(".preview-stage").classList.remove("phone", "desktop", "text");
  part(".preview-stage").classList.add(view);
  part("iframe").hidden = view === "text";
  part(".preview-letter").hidden = view !== "text";
  for (const button of beside.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === view));
  }
}

function choose(chosen) {
  scheme = chosen;
  const stage = part(".preview-stage");
  stage.classList.remove("light", "dark");
  stage.classList.add(scheme);
  for (const button of beside.querySelectorAll("[data-scheme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.scheme === scheme));
  }
}

// Find the words in a field, and show them.
function find(place, words) {
  const named = document.getElementById(place);
  // The picture on top is a group, whose button leads to another one.
  const field = named?.matches("input, textarea, select") ? named : named?.querySelector("button");
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  const start = words && field.matches("input, textarea") ? field.value.indexOf(words) : -1;
  if (start < 0) return;
  field.setSelectionRange(start, start + words.length);
  // No browser tells where in a field its words stand: about there.
  const { top, height } = field.getBoundingClientRect();
  scrollBy(0, top + (start / field.value.length) * height - innerHeight / 3);
}

if (beside && form) {
  choose(scheme);
  form.addEventListener("input", soon);
  room.addEventListener("change", refresh);
  document.addEventListener("visibilitychange", refresh);
  beside.addEventListener("click", ({ target }) => {
    if (target.dataset.show) turn(target.dataset.show);
    if (target.dataset.scheme) {
      choose(target.dataset.scheme);
      refresh();
    }
  });
  beside.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-found]");
    if (!link) return;
    event.preventDefault();
    find(link.hash.slice(1), link.dataset.found);
  });
  refresh();
}
if (form && location.hash) {
  const words = new URLSearchParams(location.search).get("find");
  // The browser scrolls to the field by itself, as late as this.
  addEventListener("load", () => setTimeout(() => find(decodeURIComponent(location.hash.slice(1)), words)));
}
