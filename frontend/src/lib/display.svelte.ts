// How the page looks for this reader: colours and text size, remembered on this device.
export type Theme = 'light' | 'dark' | 'system';
export type TextSize = 'normal' | 'large';

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing is kept in a browser that keeps nothing.
  }
}

class Display {
  theme = $state<Theme>('system');
  size = $state<TextSize>('normal');

  /** Reads what start.js has already applied, and follows the system from here on. */
  start(): void {
    const theme = stored('yunqia.theme');
    this.theme = theme === 'dark' || theme === 'light' ? theme : 'system';
    this.size = stored('yunqia.size') === 'large' ? 'large' : 'normal';
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    // Safari 13 and older know addListener only; from 14 on this is enough.
    dark.addEventListener('change', () => this.apply());
  }

  chooseTheme(theme: Theme): void {
    this.theme = theme;
    store('yunqia.theme', theme === 'system' ? null : theme);
    this.apply();
  }

  chooseSize(size: TextSize): void {
    this.size = size;
    store('yunqia.size', size === 'large' ? size : null);
    this.apply();
  }

  private apply(): void {
    const root = document.documentElement;
    const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
    const shown = this.theme === 'system' ? (dark ? 'dark' : 'light') : this.theme;
    root.dataset.theme = shown;
    // The browser's own bar takes the colour of the paper.
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', shown === 'dark' ? '#12171b' : '#faf9f5');
    if (this.size === 'large') root.dataset.size = 'large';
    else delete root.dataset.size;
  }
}

export const display = new Display();
