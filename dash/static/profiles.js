// The buttons that take a profile.

const titles = { cpu: "CPU, 10 s", heap: "Heap", allocs: "Allocations", goroutine: "Goroutines", mutex: "Locks", block: "Blocking", trace: "Trace" };

// offer makes a button for each kind of profile that the program allows.
export function offer(kinds) {
  const names = kinds.split(" ").filter(k => k in titles);
  if (!names.length) return;
  const section = document.getElementById("profiles");
  const buttons = names.map(kind => {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = titles[kind];
    b.dataset.kind = kind;
    b.addEventListener("click", () => take(kind, buttons));
    return b;
  });
  section.querySelector(".body").replaceChildren(...buttons);
  section.hidden = false;
}

async function take(kind, buttons) {
  const status = document.getElementById("taking");
  buttons.forEach(b => { b.disabled = true; });
  status.textContent = "Taking " + titles[kind] + " …";
  try {
    const answer = await fetch("profile/" + kind, { method: "POST" });
    if (!answer.ok) throw new Error((await answer.text()).trim());
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
    const blob = await answer.blob();
    save(blob, name);
    status.textContent = name + ", " + blob.size.toLocaleString("en") + " bytes. See it by " +
      (kind === "trace" ? "go tool trace " : "go tool pprof -http=: ") + name;
  } catch (e) {
    status.textContent = "It could not be taken: " + e.message;
  }
  buttons.forEach(b => { b.disabled = false; });
}

function save(blob, name) {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}
