// Drag a scheduled issue to another day: its schedule opens with that day filled in, to be confirmed.
(() => {
  const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86400000);
  let carried = null;
  for (const issue of document.querySelectorAll("[data-move]")) {
    issue.draggable = true;
    issue.addEventListener("dragstart", (event) => {
      carried = issue;
      issue.classList.add("carried");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", issue.dataset.move);
    });
    issue.addEventListener("dragend", () => {
      carried = null;
      issue.classList.remove("carried");
    });
  }
  for (const day of document.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => {
      if (!carried) return;
      event.preventDefault();
      day.classList.add("beneath");
    });
    day.addEventListener("dragleave", () => day.classList.remove("beneath"));
    day.addEventListener("drop", (event) => {
      day.classList.remove("beneath");
      if (!carried) return;
      event.preventDefault();
      const by = days(carried.closest("[data-day]").dataset.day, day.dataset.day);
      if (!by) return;
      // The issue keeps its wall time, in its own zone, whose day may be another than the desk's.
      const date = new Date(Date.parse(carried.dataset.date) + by * 86400000);
      location.assign(`${carried.dataset.move}?date=${date.toISOString().slice(0, 10)}`);
    });
  }
})();
