// Computes a file's SHA-256 here, so that the file need not be sent; without this, or on plain http, the form sends the file.
"use strict";
(() => {
  const form = document.getElementById("compare");
  if (!form) return;
  const printed = location.hash.slice(1);
  if (/^[0-9a-f]{8,64}$/i.test(printed)) document.getElementById("digits").value = printed;
  if (!window.crypto || !crypto.subtle) return;
  const how = document.getElementById("how");
  how.textContent = how.dataset.local;
  form.addEventListener("submit", async event => {
    const file = document.getElementById("file");
    if (!file.files.length || file.disabled) return;
    event.preventDefault();
    const digest = await crypto.subtle.digest("SHA-256", await file.files[0].arrayBuffer());
    document.getElementById("sha256").value = [...new Uint8Array(digest)].map(b => b.toString(16).padStart(2, "0")).join("");
    file.disabled = true; // what is disabled is not sent
    form.submit();
  });
})();
