// One stream of server-sent events at a time, for the stack that is shown.

const again = 2000; // milliseconds, after a stream that was refused

/** Streams hands on the messages of one stack, and "live" or "wait" as they come or do not. */
export class Streams {
  constructor(onMessage, onState) {
    Object.assign(this, { onMessage, onState });
  }

  open(stack) {
    this.close();
    const source = new EventSource(`api/stream?stack=${encodeURIComponent(stack)}`);
    this.source = source;
    source.onmessage = (event) => {
      this.onState("live");
      this.onMessage(JSON.parse(event.data));
    };
    source.onerror = () => {
      this.onState("wait");
      if (source.readyState === EventSource.CLOSED) this.retry = setTimeout(() => this.open(stack), again);
    };
  }

  close() {
    clearTimeout(this.retry);
    this.source?.close();
  }
}
