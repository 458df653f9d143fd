// Who is reading: the signed-in person, their organisations and what they may see in the navigation.
import { language, remembered } from '$lib/i18n';
import { deviceZone } from '$lib/i18n/format';
import { now } from '$lib/ui/now.svelte';
import { api, type CallOptions } from './client';
import { isProblem } from './problem';
import type { Instance, Me, Membership } from './types';

class Session {
  /** Null while nobody is signed in; undefined until the server has been asked. */
  me = $state.raw<Me | null>();
  instance = $state.raw<Instance | null>(null);
  /** The sign-in ended without a press of "sign out": on another device, by time, by the operator. The layout tells the reader. */
  hasEnded = $state(false);

  get signedIn(): boolean {
    return Boolean(this.me);
  }

  get operator(): boolean {
    return this.me?.operator ?? false;
  }

  /** The companies the person belongs to. */
  get companies(): Membership[] {
    return (this.me?.memberships ?? []).filter((one) => one.organisation.kind === 'company');
  }

  /** The centres, bureaus and offices the person belongs to: whoever can host. */
  get hosting(): Membership[] {
    return (this.me?.memberships ?? []).filter((one) => one.organisation.kind !== 'company');
  }

  /** The zone times are shown in beside the session's own: the person's choice, or the device's. */
  get zone(): string {
    return this.me?.person.zone || deviceZone();
  }

  /** Asks who is reading, once; `again` asks anew after something changed. */
  async start({ again = false, ...options }: { again?: boolean } & CallOptions = {}): Promise<void> {
    if (this.me !== undefined && !again) return;
    const [me, instance] = await Promise.all([
      api.get<Me>('/me', {}, options).catch((error: unknown) => {
        if (isProblem(error) && error.status === 401) return null;
        throw error;
      }),
      this.instance ?? api.get<Instance>('/instance', {}, options),
    ]);
    // Before any page asks what time it is.
    if (!this.instance) now.learn(instance.now);
    this.instance = instance;
    this.me = me;
  }

  /** Takes over who the server says we are now. A language chosen on this device stays; else the person's own is taken. */
  async become(me: Me): Promise<void> {
    this.me = me;
    if (!remembered()) await language.turnTo(me.person.locale, { remember: false });
  }

  /** What the server told about the reader (their topic's snapshot, an answer). */
  take(me: Me): void {
    if (me.person.id !== this.me?.person.id) return;
    // Put in only when something changed: effects that read it listen to the same topic, and listening anew brings the next
    // snapshot.
    if (JSON.stringify(me) !== JSON.stringify(this.me)) this.me = me;
  }

  unread(total: number): void {
    if (this.me) this.me = { ...this.me, unread: total };
  }

  async signOut(): Promise<void> {
    await api.post('/sign-out');
    this.me = null;
  }

  /** The socket or an answer told that the sign-in has ended. */
  ended(): void {
    this.hasEnded = this.me !== null && this.me !== undefined;
    this.me = null;
  }
}

export const session = new Session();
