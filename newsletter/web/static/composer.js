// The composer: saves by itself, marks text by buttons and keys, draws where the appeal stands.
// Without this script the fields are plain and are saved by the button.
const form = document.querySelector("form[data-composer]");
const words = form.querySelector("[role=status]");
const APPEAL = "<!-- appeal -->";

// Saving. What is typed is sent when one pauses; what cannot be sent stays, and is tried again.

const PAUSE = 1500;
const LONGEST = 15000;
const AGAIN = 10000;
let typedAt = 0; // of the first change that is not saved
let changes = 0;
let timer = 0;
let sending = null;
let waits = "waits" in form.dataset; // until a person has decided between two texts

const say = (said) => { if (words.textContent !== said) words.textContent = said; };

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(() => save(false), pause);
}

function typed() {
  changes += 1;
  if (waits) return;
  typedAt ||= Date.now();
  later(Math.max(0, Math.min(PAUSE, typedAt + LONGEST - Date.now())));
}

async function send(byHand) {
  const body = new URLSearchParams(new FormData(form));
  if (byHand) body.set("act", "save");
  let answer = await fetch(form.dataset.composer, { method: "POST", body });
  if ((answer.redirected || answer.status === 403) && await renew()) {
    body.set("token", form.elements.token.value);
    answer = await fetch(form.dataset.composer, { method: "POST", body });
  }
  if (answer.redirected || answer.status === 403) return { state: "signed-out", said: form.dataset.signedOut };
  if (!answer.ok) return { state: "failed", said: form.dataset.failed };
  return answer.json();
}

// Whoever signed in again in another tab has a new token; the page knows it.
async function renew() {
  const page = await fetch(location.pathname);
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = fresh.querySelector("form[data-composer] input[name=token]");
  if (token) form.elements.token.value = token.value;
  return Boolean(token);
}

// What was wrong when the page came is mended: nothing is saved before.
function forgive() {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    const about = field.getAttribute("aria-describedby").split(" ").filter((id) => !id.endsWith("-wrong"));
    field.removeAttribute("aria-invalid");
    if (about.length) field.setAttribute("aria-describedby", about.join(" "));
    else field.removeAttribute("aria-describedby");
  }
  for (const words of form.querySelectorAll(".wrong")) words.remove();
  document.querySelector(".notice.bad[role=alert]")?.remove();
}

async function save(byHand) {
  clearTimeout(timer);
  if (sending) await sending;
  const sent = changes;
  sending = send(byHand).catch(() => ({ state: "offline", said: form.dataset.offline }));
  const result = await sending;
  sending = null;
  say(result.said);
  if (result.state === "saved") {
    form.elements.version.value = result.version;
    forgive();
    typedAt = 0;
    if (changes === sent) changes = 0;
    else typed();
  } else if (result.state === "clash" || result.state === "closed") {
    waits = true;
  } else if (result.state !== "wrong") {
    later(AGAIN);
  }
  return result.state;
}

const UNSENT = new Set(["offline", "failed", "signed-out"]);

form.addEventListener("input", typed);
addEventListener("online", () => { if (changes && !waits) save(false); });
form.addEventListener("submit", async (event) => {
  for (const area of form.querySelectorAll("[role=toolbar] + div > textarea")) {
    form.elements[area.name.replace("body", "caret")].value = area.selectionEnd;
  }
  const act = event.submitter?.value ?? "save";
  if (waits || event.submitter?.dataset.sure) {
    changes = 0;
    return;
  }
  event.preventDefault();
  const state = await save(true);
  if (state === "saved" && act === "save") return;
  if (UNSENT.has(state)) return;
  changes = 0; // the page that comes shows what was typed, and what is wrong or changed meanwhile
  const button = event.submitter;
  if (button) {
    button.dataset.sure = "yes";
    form.requestSubmit(button);
  } else {
    form.submit();
  }
});
addEventListener("beforeunload", (event) => { if (changes) event.preventDefault(); });

// Marks. Text goes in as if typed, so that undoing works.

function put(area, text, start, end) {
  area.focus();
  area.setSelectionRange(start, end);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(area, sign) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const inside = value.slice(start, end);
  const size = sign.length;
  if (value.slice(start - size, start) === sign && value.slice(end, end + size) === sign) {
    put(area, inside, start - size, end + size);
    area.setSelectionRange(start - size, end - size);
  } else {
    put(area, sign + inside + sign, start, end);
    area.setSelectionRange(start + size, end + size);
  }
}

function link(area) {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const inside = value.slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(inside);
  put(area, isAddress ? `[](${inside})` : `[${inside}](https://)`, start, end);
  if (isAddress || !inside) area.setSelectionRange(start + 1, start + 1);
  else area.setSelectionRange(end + 3, end + 11);
}

function lines(area, sign, pattern) {
  const { value, selectionStart, selectionEnd } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const after = value.indexOf("\n", selectionEnd);
  const end = after < 0 ? value.length : after;
  const all = value.slice(start, end).split("\n");
  const marked = all.every((line) => pattern.test(line) || !line);
  const changed = all.map((line) => (marked && line ? line.replace(pattern, "") : line || all.length === 1 ? sign + line.replace(pattern, "") : line));
  const text = changed.join("\n");
  put(area, text, start, end);
  area.setSelectionRange(all.length > 1 ? start : start + text.length, start + text.length);
}

// A paragraph of its own after the one in which the caret stands.
function paragraph(area, text) {
  const { value, selectionEnd } = area;
  const after = value.indexOf("\n\n", selectionEnd);
  const at = after < 0 ? value.length : after;
  const before = value.slice(0, at);
  put(area, (before ? "\n\n" : "") + text + (after < 0 ? "\n\n" : ""), at, at);
}

function appeal(area) {
  const place = area.value.split("\n").findIndex((line) => line.trim() === APPEAL);
  if (place >= 0) { // there is one; it moves
    const caret = area.selectionEnd;
    const all = area.value.split("\n");
    const start = all.slice(0, place).join("\n").length + (place ? 1 : 0);
    let end = start + all[place].length + 1;
    if (area.value[end] === "\n") end += 1;
    end = Math.min(end, area.value.length);
    put(area, "", start, end);
    const moved = caret > start ? Math.max(start, caret - (end - start)) : caret;
    area.setSelectionRange(moved, moved);
  }
  paragraph(area, APPEAL);
}

function note(area) {
  const { value, selectionEnd } = area;
  const numbers = [...value.matchAll(/\[\^(\d+)\]/g)].map((match) => Number(match[1]));
  const mark = `[^${Math.max(0, ...numbers) + 1}]`;
  put(area, mark, selectionEnd, selectionEnd);
  const end = area.value.replace(/\s+$/, "").length;
  put(area, `\n\n${mark}: `, end, area.value.length);
}

const MARKS = {
  bold: (area) => wrap(area, "**"),
  italic: (area) => wrap(area, "*"),
  link,
  heading: (area) => lines(area, "## ", /^#{1,6} /),
  quote: (area) => lines(area, "> ", /^> ?/),
  list: (area) => lines(area, "- ", /^[-*+] /),
  note,
  appeal,
};
const KEYS = { b: "bold", i: "italic", k: "link" };

for (const bar of form.querySelectorAll("[role=toolbar]")) {
  const area = document.getElementById(bar.dataset.for);
  const buttons = [...bar.querySelectorAll("button")];
  const choose = (chosen) => buttons.forEach((button) => { button.tabIndex = button === chosen ? 0 : -1; });
  choose(buttons[0]);
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && MARKS[button.dataset.mark]) MARKS[button.dataset.mark](area);
  });
  bar.addEventListener("focusin", (event) => choose(event.target));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement) + step;
    buttons[Math.abs(step) > 1 ? (step > 0 ? buttons.length - 1 : 0) : (at + buttons.length) % buttons.length].focus();
  });
  area.addEventListener("keydown", (event) => {
    const mark = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
    if (!mark) return;
    event.preventDefault();
    MARKS[mark](area);
  });
  draw(area);
}
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    if (!waits) save(true);
  }
});

// The paper behind a text: line for line the same, so that what is marked there lies under it.
function draw(area) {
  const paper = document.createElement("div");
  paper.className = "composer-drawn";
  paper.setAttribute("aria-hidden", "true");
  paper.lang = area.lang;
  let shown = [];
  const kind = (line) => (line.trim() === APPEAL ? "composer-appeal" : /^!\[.*\)\s*$/.test(line) ? "composer-figure" : "");
  const show = () => {
    const all = area.value.split("\n");
    let from = 0;
    while (from < all.length && from < shown.length && all[from] === shown[from]) from += 1;
    let kept = 0;
    while (kept < all.length - from && kept < shown.length - from && all.at(-1 - kept) === shown.at(-1 - kept)) kept += 1;
    for (let gone = shown.length - kept - from; gone > 0; gone -= 1) paper.children[from].remove();
    const before = paper.children[from] ?? null;
    for (const line of all.slice(from, all.length - kept)) {
      const drawn = document.createElement("div");
      drawn.textContent = line || "\u200b";
      drawn.className = kind(line);
      drawn.dir = "auto";
      if (drawn.className === "composer-appeal") drawn.dataset.label = form.dataset.appeal;
      paper.insertBefore(drawn, before);
    }
    shown = all;
  };
  area.parentElement.classList.add("is-drawn");
  area.before(paper);
  area.addEventListener("input", show);
  show();
}
