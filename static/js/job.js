// Asks how far a piece of work has come, and shows it; at the end the page is loaded again.
const running = new Set(["queued", "waiting", "sent", "running", "started"]);
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const show = (box, job) => {
  const bar = box.querySelector("progress");
  const label = box.querySelector("[data-job-label]");
  const count = box.querySelector("[data-job-count]");
  const left = box.querySelector("[data-job-left]");
  // Only a change is written, so that a screen reader hears each state once.
  if (label.textContent !== job.label) label.textContent = job.label;
  count.textContent = job.total ? `${job.done}/${job.total}` : "";
  if (left) left.textContent = job.left ? `预计剩余${job.left}` : "";
  if (job.total) {
    bar.max = job.total;
    bar.value = job.done;
  }
};

const follow = async (box) => {
  for (let wait = 1; ; wait = Math.min(wait * 1.3, 10)) {
    await pause(wait);
    let job;
    try {
      const answer = await fetch(box.dataset.jobUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      job = await answer.json();
    } catch {
      continue;
    }
    show(box, job);
    if (!running.has(job.state)) {
      if (!("jobStay" in box.dataset)) location.reload();
      return;
    }
  }
};

for (const box of document.querySelectorAll("[data-job-url]")) {
  if (!box.dataset.jobState || running.has(box.dataset.jobState)) follow(box);
}
