// Copies what a button names to the clipboard and says so; where that cannot be done it is selected.
"use strict";

const said = document.getElementById("copied");

function select(source) {
  if (source.select) {
    source.select();
    return;
  }
  const range = document.createRange();
  range.selectNodeContents(source);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    select(source);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
    } catch {
      return; // it is selected: one key more
    }
    said.textContent = button.dataset.done;
    button.classList.add("done");
    setTimeout(() => {
      said.textContent = "";
      button.classList.remove("done");
    }, 2000);
  });
}
