// What a form was filled from, so that saving it overwrites nobody's change unseen. The parts of a session share one version,
// and so do minutes and outcome of a talk: a part may be saved on a newer version where only others of its parts changed.
//
//   const basis = new Basis(() => ({ version: data.desk.session.version, content: data.desk.grid }), reload);
//   await basis.save((version) => api.put(…, grid, { version }), (done) => done.version);
import { isProblem } from './problem';

interface Live {
  /** The version of the whole, as far as this page knows. */
  version: number;
  /** The part that the form changes, read together with it. */
  content: unknown;
}

/** How often a save is tried again where only other parts were changed meanwhile. */
const TRIES = 3;

export class Basis {
  #version: number;
  /** As JSON; null after a save whose outcome could not be read at once: then nobody knows what is whose. */
  #content: string | null;

  constructor(
    private readonly live: () => Live,
    /** Reads what the server has now, so that `live` gives it. */
    private readonly read: () => Promise<unknown>,
  ) {
    const { version, content } = live();
    this.#version = version;
    this.#content = JSON.stringify(content);
  }

  /** The form was filled from what is there now, or its reader has been told that it was changed. */
  renew(): void {
    const { version, content } = this.live();
    this.#version = version;
    this.#content = JSON.stringify(content);
  }

  /** The newest version at which nobody else had changed this part. */
  get version(): number {
    const { version, content } = this.live();
    if (version > this.#version && JSON.stringify(content) === this.#content) this.#version = version;
    return this.#version;
  }

  /**
   * Saves, and reads what became of it. Where somebody else changed this part, that is thrown, and what was written stays
   * in the form: the next save is made on top of theirs, because its reader knows now.
   */
  async save<T>(put: (version: number) => Promise<T>, versionOf: (done: NonNullable<T>) => number): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const version = this.version;
      try {
        const done = await put(version);
        if (done) await this.#saved(versionOf(done));
        return done;
      } catch (error) {
        if (!isProblem(error) || error.status !== 412) throw error;
        await this.read();
        if (tries < TRIES && this.version > version) continue;
        this.renew();
        throw error;
      }
    }
  }

  async #saved(version: number): Promise<void> {
    this.#version = version;
    this.#content = null;
    // It is saved all the same.
    await this.read().catch(() => {});
    const live = this.live();
    if (live.version === version) this.#content = JSON.stringify(live.content);
  }
}
