// The files on their way to the server, by the component's key. They outlive what shows them: Streamlit may draw the
// component anew, and who leaves the page for another one loses nothing.

const AT_ONCE = 2;
const TOLD_AFTER_MS = 250; // small files that arrive together make one run
const GONE_AFTER_MS = 4000; // by then, the list has the file

const all = new Map();

export function transfersOf(key) {
  if (!all.has(key)) all.set(key, new Transfers());
  return all.get(key);
}

addEventListener("beforeunload", (event) => {
  if ([...all.values()].some((transfers) => transfers.pendingBytes > 0)) event.preventDefault(); // the browser asks
});

/** Of one record; a transfer is { file, name, state, sent, problem }, state: waiting, sending, done, refused, lost. */
class Transfers {
  list = [];
  turn = Date.now(); // grows with each file that arrived, also over a reload of the page
  view = null; // what shows them now: { draw, announce, tell }
  address = ""; // where they go, with the record's name
  labels = {};

  get pendingBytes() {
    const pending = this.list.filter(({ state }) => state === "waiting" || state === "sending");
    return pending.reduce((sum, { file }) => sum + file.size, 0);
  }

  add(file, name, problem) {
    this.list.push({ file, name, problem, state: problem ? "refused" : "waiting", sent: 0, key: randomKey() });
    if (problem) this.view?.announce(name, problem);
    this.goOn();
  }

  /** The same key: should the file have arrived without its answer, the server keeps it once. */
  retry(transfer) {
    Object.assign(transfer, { state: "waiting", sent: 0, problem: "" });
    this.goOn();
  }

  drop(transfer) {
    this.list = this.list.filter((each) => each !== transfer);
    transfer.request?.abort();
    this.goOn();
  }

  goOn() {
    const isSending = ({ state }) => state === "sending";
    while (this.list.filter(isSending).length < AT_ONCE) {
      const next = this.list.find(({ state }) => state === "waiting");
      if (!next) break;
      this.send(next);
    }
    this.view?.draw();
  }

  send(transfer) {
    const query = new URLSearchParams({ name: transfer.name, key: transfer.key });
    const request = new XMLHttpRequest(); // fetch tells nothing of what has been sent
    transfer.state = "sending";
    transfer.request = request;
    request.open("POST", `${this.address}&${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded }) => {
      transfer.sent = loaded;
      this.view?.draw();
    };
    request.onload = () => this.answered(transfer, request);
    request.onerror = request.ontimeout = () => this.ended(transfer, "lost", this.labels.lost);
    request.send(transfer.file); // read from the disk as it goes, never whole
  }

  answered(transfer, { status, responseText }) {
    const { id, error } = parsed(responseText);
    if (status < 300 && id) this.arrived(transfer);
    else if (error && status !== 401) this.ended(transfer, "refused", error);
    else this.ended(transfer, "lost", error ?? this.labels.failed);
  }

  arrived(transfer) {
    this.turn = Math.max(Date.now(), this.turn + 1);
    this.ended(transfer, "done", "");
    setTimeout(() => this.drop(transfer), GONE_AFTER_MS);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.view?.tell({ turn: this.turn }), TOLD_AFTER_MS);
  }

  ended(transfer, state, problem) {
    Object.assign(transfer, { state, problem, request: null });
    if (!this.list.includes(transfer)) return; // cancelled meanwhile
    this.view?.announce(transfer.name, problem || this.labels.done);
    this.goOn();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function randomKey() { // crypto.randomUUID is missing where there is no HTTPS
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
