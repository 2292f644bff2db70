// Brings what one is at into view in rows of links that scroll sideways: tabs on a phone, the rail.
for (const current of document.querySelectorAll("nav [aria-current]")) {
  let row = current.parentElement;
  while (row && getComputedStyle(row).overflowX !== "auto") row = row.parentElement;
  if (!row) continue;
  const [outer, inner] = [row.getBoundingClientRect(), current.getBoundingClientRect()];
  row.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
}
