// Keeps the numbers of what is being sent up to date; an issue that has moved on loads the page anew.
(() => {
  const EVERY = 5000;
  const issues = document.querySelectorAll("[data-numbers]");

  async function ask(issue) {
    const answer = await fetch(issue.dataset.numbers, { headers: { Accept: "application/json" } });
    if (answer.redirected) return location.reload(); // signed out meanwhile
    if (!answer.ok) return;
    const numbers = await answer.json();
    if (numbers.state !== "sending") return location.reload();
    const bar = issue.querySelector("progress");
    bar.max = Math.max(numbers.total, 1);
    bar.value = numbers.done;
    for (const spot of issue.querySelectorAll("[data-said]")) {
      const words = numbers.said[spot.dataset.said];
      if (words !== undefined && spot.textContent !== words) spot.textContent = words;
    }
  }

  setInterval(() => {
    // Nobody looks at a hidden page.
    if (!document.hidden) for (const issue of issues) ask(issue).catch(() => {});
  }, EVERY);
})();
