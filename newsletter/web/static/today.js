// Keeps the numbers of what is being sent up to date; an issue that has moved on loads the page anew,
// as does one that begins to leave.
(() => {
  const EVERY = 5000;
  const AWAITED = 120_000; // how long after its time an issue is asked whether it leaves
  const issues = document.querySelectorAll("[data-numbers]");

  function isAwaited(issue) {
    if (!issue.dataset.due) return true;
    const late = Date.now() - Date.parse(issue.dataset.due);
    return late >= 0 && late < AWAITED;
  }

  async function ask(issue) {
    const answer = await fetch(issue.dataset.numbers, { headers: { Accept: "application/json" } });
    if (answer.redirected) return location.reload(); // signed out meanwhile
    if (!answer.ok) return;
    const numbers = await answer.json();
    if (numbers.state !== issue.dataset.state) return location.reload();
    const bar = issue.querySelector("progress");
    if (!bar) return;
    bar.max = Math.max(numbers.total, 1);
    bar.value = numbers.done;
    for (const spot of issue.querySelectorAll("[data-said]")) {
      const words = numbers.said[spot.dataset.said];
      if (words !== undefined && spot.textContent !== words) spot.textContent = words;
    }
  }

  setInterval(() => {
    if (document.hidden) return; // nobody looks
    for (const issue of issues) if (isAwaited(issue)) ask(issue).catch(() => {});
  }, EVERY);
})();
