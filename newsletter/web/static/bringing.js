/* Bringing in: a file may be dropped, one that is too large is told of before it is sent, and a
   passage looks like what it was taken for. Everything works without this. */

for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  const stop = (event) => event.preventDefault();
  // Beside the place, a dropped file would open in the place of the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, stop);
  for (const name of ["dragenter", "dragover"]) {
    place.addEventListener(name, () => place.classList.add("over"));
  }
  for (const name of ["dragleave", "drop"]) {
    place.addEventListener(name, () => place.classList.remove("over"));
  }
  place.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
    input.focus();
  });
  input.addEventListener("change", () => {
    const [file] = input.files;
    const large = file && file.size > Number(input.dataset.largest);
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });
}

for (const select of document.querySelectorAll(".bringing-part select")) {
  const passage = select.closest("li");
  select.addEventListener("change", () => {
    passage.dataset.part = select.value;
    passage.classList.remove("unsure");
  });
}
