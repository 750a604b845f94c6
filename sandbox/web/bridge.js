// The page's shared state (trame) as the scene uses it: read, write, watch, ask. A development page can
// stand in for it with the same four functions.

/** Wait until trame's client has its first state. */
export async function connect() {
  for (;;) {
    const trame = window.trame;
    if (trame?.state?.get("site")?.name) return wrap(trame);
    await new Promise((r) => setTimeout(r, 30));
  }
}

function wrap(trame) {
  // Buttons of the page call trame itself, the scene calls this bridge: both are counted while unanswered.
  let unanswered = 0;
  const ask = trame.trigger.bind(trame);
  trame.trigger = (...args) => {
    unanswered += 1;
    return Promise.resolve(ask(...args)).finally(() => { unanswered -= 1; });
  };
  return {
    get unanswered() { return unanswered; },
    get: (key) => trame.state.get(key),
    set: (key, value) => trame.state.set(key, value),
    /** Calls back at once and at every change of one of the keys. */
    watch: (keys, callback) => trame.state.watch(keys, callback),
    trigger: (name, args) => trame.trigger(name, args),
  };
}
