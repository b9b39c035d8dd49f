// Pages that are opened from a folder may start no worker, and the search would be dead there.
// The theme's `offline` plugin wants a stand-in of this name, else it loads one from another host.

if (location.protocol === "file:") {
  class IFrameWorker extends EventTarget {
    #ahead = [];
    #inner;
    #loaded = false;

    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      this.#inner = frame.contentWindow;
      const inside = this.#inner.document;
      inside.open();
      inside.write("<!doctype html><body>");
      inside.close();
      // What the script there says by its own `postMessage` is for whoever listens here.
      this.#inner.postMessage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }));
      const script = inside.createElement("script");
      script.src = url;
      script.onload = () => {
        this.#loaded = true;
        for (const data of this.#ahead) this.postMessage(data);
      };
      inside.body.append(script);
    }

    postMessage(data) {
      if (this.#loaded) this.#inner.dispatchEvent(new MessageEvent("message", { data }));
      else this.#ahead.push(data);
    }
  }

  // The theme's script looks for both names.
  globalThis.Worker = globalThis.IFrameWorker = IFrameWorker;
}
