// Shows what the fields of a schedule mean as they are filled in. Without this, a button does.
const fields = document.querySelector("[data-meaning]");
const meaning = document.getElementById("meaning");
const look = fields.querySelector(".schedule-look");
let waiting;
let asked = 0;

async function show() {
  const turn = ++asked;
  const typed = new URLSearchParams(new FormData(fields));
  const answer = await fetch(`${fields.dataset.meaning}?${typed}`);
  if (turn !== asked) return;
  if (answer.ok && !answer.redirected) meaning.innerHTML = await answer.text();
  else look.classList.add("needed");
}

fields.addEventListener("input", (event) => {
  if (["opens", "closes"].includes(event.target.name)) fields.hours.value = "own";
  // What stands there is not what is typed any more: nothing is sent by it meanwhile.
  for (const button of meaning.querySelectorAll("button")) button.disabled = true;
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => look.classList.add("needed")), 250);
});
