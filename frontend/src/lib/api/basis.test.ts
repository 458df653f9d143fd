// Saving a part of something whose version is shared: what others did elsewhere is no obstacle, what they did here is told.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Basis } from './basis';
import { ApiProblem, plainProblem } from './problem';

/** The server has a version and two parts; a page knows of it what it has read. */
let server: { version: number; grid: string; agenda: string };
let page: typeof server;
const read = vi.fn(async () => void (page = { ...server }));
const put = async (version: number, grid: string) => {
  if (version !== server.version) throw new ApiProblem(plainProblem(412, 'Old', null));
  server = { ...server, version: version + 1, grid };
  return { version: server.version };
};
const save = (basis: Basis, grid: string) =>
  basis.save(
    (version) => put(version, grid),
    (done) => done.version,
  );
const old = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ status: 412 });
const colleague = (change: Partial<typeof server>) => (server = { ...server, version: server.version + 1, ...change });

beforeEach(() => {
  server = { version: 4, grid: 'a', agenda: 'x' };
  page = { ...server };
  read.mockClear();
});
const made = () => new Basis(() => ({ version: page.version, content: page.grid }), read);

describe('a part of something', () => {
  it('is saved again and again', async () => {
    const basis = made();
    await save(basis, 'b');
    await save(basis, 'c');
    await save(basis, 'd');
    expect(server).toMatchObject({ version: 7, grid: 'd' });
  });

  it('is saved over changes of other parts, heard of or not', async () => {
    const basis = made();
    colleague({ agenda: 'y' });
    await read();
    await save(basis, 'b');
    colleague({ agenda: 'z' });
    await read();
    colleague({ agenda: 'zz' });
    await save(basis, 'c');
    expect(server).toMatchObject({ grid: 'c', agenda: 'zz' });
  });

  it('is not saved over what others did to it, before its reader was told', async () => {
    const basis = made();
    colleague({ grid: 'theirs' });
    await old(save(basis, 'mine'));
    expect(server.grid).toBe('theirs');
    await save(basis, 'mine');
    expect(server.grid).toBe('mine');
  });

  it('is not saved over it either where the page has read it by itself meanwhile', async () => {
    const basis = made();
    colleague({ grid: 'theirs' });
    await read();
    await old(save(basis, 'mine'));
    expect(server.grid).toBe('theirs');
  });

  it('knows a change that came right after its own save, before it had read that', async () => {
    const basis = made();
    read.mockImplementationOnce(async () => {
      colleague({ grid: 'theirs' });
      page = { ...server };
    });
    await save(basis, 'mine');
    await old(save(basis, 'mine too'));
    expect(server.grid).toBe('theirs');
  });

  it('is saved although reading it again failed', async () => {
    const basis = made();
    read.mockRejectedValueOnce(new Error('offline'));
    await expect(save(basis, 'mine')).resolves.toEqual({ version: 5 });
    await save(basis, 'mine too');
    expect(server.grid).toBe('mine too');
  });

  it('hands on what is refused for another reason, and what was thought better of', async () => {
    const basis = made();
    const other = basis.save(
      () => Promise.reject(new ApiProblem(plainProblem(422, 'No', null))),
      () => 0,
    );
    await expect(other).rejects.toMatchObject({ status: 422 });
    expect(read).not.toHaveBeenCalled();
    const gone = await basis.save(
      async () => undefined as { version: number } | undefined,
      (done) => done.version,
    );
    expect(gone).toBeUndefined();
    await save(basis, 'b');
    expect(server.grid).toBe('b');
  });
});
