// Being called into a talk room: the calm banner anywhere on the site, with a sound for who has asked for one.

const KEY = 'yunqia.call-sound';

class CallSound {
  on = $state(false);

  constructor() {
    try {
      this.on = localStorage.getItem(KEY) === 'on';
    } catch {
      // Off, as for everybody who has not asked for it.
    }
  }

  choose(on: boolean): void {
    this.on = on;
    try {
      if (on) localStorage.setItem(KEY, 'on');
      else localStorage.removeItem(KEY);
    } catch {
      // It lasts as long as the page.
    }
    if (on) this.ring();
  }

  /** Two soft notes. A page that nobody has touched yet may not make a sound; then it stays silent. */
  ring(): void {
    if (!this.on || typeof AudioContext === 'undefined') return;
    try {
      const context = new AudioContext();
      for (const [index, pitch] of [659, 880].entries()) {
        const note = context.createOscillator();
        const level = context.createGain();
        const at = context.currentTime + index * 0.28;
        note.frequency.value = pitch;
        level.gain.setValueAtTime(0.0001, at);
        level.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
        level.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
        note.connect(level).connect(context.destination);
        note.start(at);
        note.stop(at + 0.65);
      }
      setTimeout(() => void context.close(), 1500);
    } catch {
      // No sound is no harm: the banner stands there.
    }
  }
}

export const callSound = new CallSound();
