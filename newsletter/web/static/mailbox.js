// Keeps the list of the local mailbox up to date without moving it under the reader: new mail comes
// in only while the page is at its top and neither pointer nor focus is in the list.
const rows = document.getElementById("rows");

const version = () => rows.querySelector("[data-version]").dataset.version;

const isReading = () =>
  document.hidden ||
  window.scrollY > 0 ||
  rows.matches(":hover") ||
  rows.contains(document.activeElement);

async function refresh() {
  if (isReading()) return;
  const answer = await fetch(rows.dataset.source, {
    headers: { "If-None-Match": `"${version()}"` },
  });
  if (answer.status !== 200) return;
  const list = await answer.text();
  if (!isReading()) rows.innerHTML = list;
}

setInterval(() => refresh().catch(() => {}), 2000);
