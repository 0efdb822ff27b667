// What every page has: small helps that a page does without when scripts are off.
import "./menu.js";
import "./confirm.js";
import "./charcount.js";
import "./rows.js";
import "./countdown.js";

// The summary of what has to be put right speaks first, unless the address names a place: then that place does.
const named = document.getElementById(location.hash.slice(1));
const summary = document.querySelector("[data-focus]");
if (named) named.matches("input, select, textarea") && named.focus();
else if (summary) summary.focus();
