/* Bringing in: a file may be dropped or pasted, one that is too large is told of before it is sent, and a
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
  const take = (files) => {
    input.files = files;
    input.dispatchEvent(new Event("change"));
    input.focus();
  };
  place.addEventListener("drop", ({ dataTransfer: { files } }) => { if (files.length) take(files); });
  // A file may be pasted too; words that Word copies with a picture of themselves are words.
  addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  input.addEventListener("change", () => {
    const [file] = input.files;
    const large = file && file.size > Number(input.dataset.largest);
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });
}

// Of a text pasted as a whole, links and headings come along in the HTML that the clipboard has of it,
// for as long as nobody changes a word here.
const formatted = document.querySelector("[data-formatted]");
if (formatted) {
  const text = document.getElementById("text");
  const hint = document.getElementById(formatted.dataset.formatted);
  const keep = (html) => {
    formatted.value = html;
    hint.textContent = html ? hint.dataset.words : "";
  };
  let pasted = "";
  text.addEventListener("paste", ({ clipboardData }) => {
    const isWhole = text.selectionStart === 0 && text.selectionEnd === text.value.length;
    const html = isWhole ? clipboardData.getData("text/html") : "";
    pasted = /<(a\s[^>]*href|h[1-6]|li|table|strong|em|b|i)\b/i.test(html) ? html : "";
  });
  text.addEventListener("input", () => {
    keep(pasted);
    pasted = "";
  });
  keep(formatted.value);
}

for (const select of document.querySelectorAll(".bringing-part select")) {
  const passage = select.closest("li");
  select.addEventListener("change", () => {
    passage.dataset.part = select.value;
    passage.classList.remove("unsure");
  });
}
