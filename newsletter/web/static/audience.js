// Counts an audience as its fields are filled in. Without this, saving shows the count.
const fields = document.querySelector("[data-count]");
const count = document.getElementById("count");
let waiting;
let asked = 0;

async function show() {
  const turn = ++asked;
  const typed = new URLSearchParams(new FormData(fields));
  typed.delete("token");
  const answer = await fetch(`${fields.dataset.count}?${typed}`);
  if (turn === asked && answer.ok && !answer.redirected) count.innerHTML = await answer.text();
}

fields.addEventListener("input", ({ target }) => {
  // Whoever fills in a part means it.
  if (fields.kind && target.name === "segment") fields.kind.value = "segment";
  if (fields.kind && target.closest(".audience-fields")) fields.kind.value = "rule";
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 300);
});
