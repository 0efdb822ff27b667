// What every page has: small helps that a page does without when scripts are off.
import "./menu.js";
import "./confirm.js";
import "./charcount.js";
import "./rows.js";

const summary = document.querySelector("[data-focus]");
if (summary) summary.focus();
