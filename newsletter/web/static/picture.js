// A picture that is too large is named before it is sent, while everything else stays as typed.
const field = document.getElementById("file");
if (field) {
  const wrong = document.getElementById("file-wrong");
  field.addEventListener("change", () => {
    const large = field.files[0]?.size > Number(field.dataset.most);
    wrong.textContent = large ? field.dataset.large : "";
    wrong.hidden = !large;
    field.toggleAttribute("aria-invalid", large);
    if (large) field.value = "";
  });
}
