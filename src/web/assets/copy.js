// A button beside each thing that is to be typed elsewhere.

export function addCopyButtons(under) {
  for (const source of under.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    const name = source.closest("dd")?.previousElementSibling?.textContent;
    button.setAttribute("aria-label", `Copy ${name ?? "these lines"}`);
    source.after(button);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest(".copy") : null;
  if (button === null) return;
  button.textContent = copy(button.previousElementSibling) ? "Copied" : "Marked: copy it now";
});

/** Marks the text and copies it. Browsers keep their newer clipboard for encrypted pages; this one works in a home network. */
function copy(source) {
  const selection = getSelection();
  selection.selectAllChildren(source);
  const isCopied = document.execCommand("copy");
  if (isCopied) selection.removeAllRanges();
  return isCopied;
}
