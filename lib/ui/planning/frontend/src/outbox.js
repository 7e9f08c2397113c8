// Gestures on their way to Python: numbered, sent until they are answered, shown meanwhile as if they were made.

const MOVES = new Set(["move", "resize", "plan", "unplan"]);
const SLOW_MS = 8000;

// (client, seq) is unique for ever: one client a loaded page, one sequence a client.
const client = crypto.getRandomValues(new Uint32Array(2)).join("-");
let lastSeq = 0;

export class Outbox {
  // Each: { kind, id?, …what it asks for; seq once sent; isHeld: waits for the item's previous answer; isTyped: more
  // presses of the same kind may follow }
  ops = [];
  seen = new Set(); // numbers whose sentence was shown

  /** `post(value)` gives the value to Streamlit; `onSlow` is called when no answer came. */
  constructor({ post, onSlow }) {
    this.post = post;
    this.onSlow = onSlow;
  }

  /** A further move of an item whose previous one is unanswered replaces the one that still waits, if any. */
  add(op) {
    const ofItem = op.id === undefined ? [] : this.ops.filter(({ id }) => id === op.id);
    const waiting = ofItem.find((other) => other.isHeld && other.kind === op.kind && MOVES.has(op.kind));
    if (waiting) Object.assign(waiting, op);
    else this.ops.push(ofItem.length ? { ...op, isHeld: true } : op);
  }

  /** The keyboard's move of this item, to which the next press adds. */
  typedOf(id, kind) {
    return this.ops.find((op) => op.isTyped && op.id === id && op.kind === kind);
  }

  release() {
    for (const op of this.ops) delete op.isTyped;
  }

  /** An item's next gesture leaves only when its previous one is answered: it then carries the new version. */
  send(versionOf) {
    const busy = new Set(this.ops.filter(({ seq, id }) => seq && id !== undefined).map(({ id }) => id));
    let hasNew = false;
    for (const op of this.ops) {
      if (op.seq || op.isTyped || busy.has(op.id)) continue;
      delete op.isHeld;
      op.seq = ++lastSeq;
      if (op.id !== undefined) busy.add(op.id);
      if (MOVES.has(op.kind)) op.version = versionOf(op.id);
      hasNew = true;
    }
    if (hasNew) this.repeat(0);
  }

  // As state, not as a trigger: a trigger is overwritten by the next one. And again while unanswered: Streamlit loses
  // what was sent during a cut or a restart; Python knows the numbers that it has answered.
  repeat(turn) {
    const sent = this.ops.filter(({ seq }) => seq).sort((a, b) => a.seq - b.seq);
    clearTimeout(this.timer);
    if (!sent.length) return;
    this.post({ client, turn, ops: sent });
    this.timer = setTimeout(() => {
      this.onSlow();
      this.repeat(turn + 1);
    }, SLOW_MS * Math.min(turn + 1, 4));
  }

  /** Forget what is answered; gives the sentences that weren't shown yet. */
  acknowledge(ack) {
    if (ack.client !== client) return [];
    this.ops = this.ops.filter(({ seq }) => !seq || seq > ack.seq);
    if (!this.ops.some(({ seq }) => seq)) clearTimeout(this.timer);
    const told = ack.told.filter(({ seq }) => !this.seen.has(seq));
    // What was to follow a refused gesture rested on it: the user looks again first.
    const refused = new Set(told.filter(({ bad }) => bad).map(({ id }) => id));
    this.ops = this.ops.filter((op) => !(op.isHeld && refused.has(op.id)));
    for (const { seq } of told) this.seen.add(seq);
    return told;
  }

  /** Python's items and tray, with what the user did since. */
  overlay(items, tray) {
    const planned = new Map(items.map((item) => [item.id, item]));
    const unplanned = new Map(tray.map((item) => [item.id, item]));
    for (const op of this.ops) {
      if (!MOVES.has(op.kind)) continue;
      const from = planned.has(op.id) ? planned : unplanned;
      const item = from.get(op.id);
      if (!item) continue;
      const to = op.kind === "unplan" ? unplanned : planned;
      const { start, minutes, isAllDay, lane } = op;
      if (from !== to) from.delete(op.id);
      to.set(op.id, { ...item, start, minutes, isAllDay, lane, looks: [...(item.looks ?? []), "wait"] });
    }
    return [[...planned.values()], [...unplanned.values()]];
  }
}
