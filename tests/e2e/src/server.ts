// The program under test: started on a free port with data of its own, killed and started again when a test wants to. Its
// clock goes on when a test does not want to wait for a talk to begin (see `minutes_ahead` in server/app/src/compose.rs).
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The file that says how many minutes the clock is ahead. */
const CLOCK = 'minutes-ahead';

export class Server {
  private child: ChildProcess | undefined;
  private log = '';

  private constructor(
    readonly url: string,
    /** Null for a server that somebody else has started. */
    private readonly folder: string | null,
  ) {}

  /** A server with the demo's people and sessions. */
  static async demo(): Promise<Server> {
    const server = new Server(`http://127.0.0.1:${await freePort()}`, await mkdtemp(join(tmpdir(), 'yunqia-e2e-')));
    await server.start();
    return server;
  }

  /** A server that runs already. */
  static at(url: string): Server {
    return new Server(url, null);
  }

  /** Its clock goes on to this moment (milliseconds since 1970), and stands within a minute after it. */
  async goTo(moment: number): Promise<void> {
    await writeFile(join(this.own, CLOCK), String(Math.ceil((moment - Date.now()) / 60_000)));
  }

  private get own(): string {
    if (!this.folder) throw new Error('this server is not the test’s own: test.use({ alone: true })');
    return this.folder;
  }

  async start(): Promise<void> {
    const program = process.env.YUNQIA_BIN;
    if (!program) throw new Error('YUNQIA_BIN names no program: run the tests with `make test-browser`');
    const folder = this.own;
    // Its settings are these alone; YUNQIA_BIN itself is none of them and would be refused.
    const { YUNQIA_BIN: _, ...environment } = process.env;
    this.child = spawn(program, ['demo'], {
      cwd: folder,
      env: {
        ...environment,
        YUNQIA_SERVER_LISTEN: new URL(this.url).host,
        YUNQIA_SERVER_BASE_URL: this.url,
        YUNQIA_DATA_DIR: folder,
        TEST_CLOCK: join(folder, CLOCK),
        // The tests press faster than people do.
        YUNQIA_LIMITS_WRITES_PER_SECOND: '1000',
        YUNQIA_LIMITS_WRITES_BURST: '1000',
        YUNQIA_LIMITS_ANONYMOUS_PER_SECOND: '10000',
        YUNQIA_LIMITS_ANONYMOUS_BURST: '10000',
        YUNQIA_LIMITS_SIGN_IN_LETTERS_PER_HOUR: '10000',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => (this.log = (this.log + chunk.toString()).slice(-20_000));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    for (let tries = 0; tries < 600; tries++) {
      if (this.child.exitCode !== null) throw new Error(`the server ended:\n${this.log}`);
      const ready = await fetch(`${this.url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`the server does not become ready:\n${this.log}`);
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
