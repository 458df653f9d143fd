// Divisions, sectors and zones: read once, kept while the tab is open.
import { inLanguage, language } from '$lib/i18n';
import { api } from '$lib/api/client';
import type { Division, Sector } from '$lib/api/types';
import type { ComboOption } from '$lib/ui/Combobox.svelte';

class Reference {
  divisions = $state.raw<ReadonlyMap<string, Division>>(new Map());
  sectors = $state.raw<ReadonlyMap<string, Sector>>(new Map());
  zones = $state.raw<readonly string[]>([]);
  #loading = new Map<string, Promise<void>>();

  /** Divisions and sectors; a load function waits for it. */
  async load(): Promise<void> {
    await Promise.all([
      this.#once('divisions', async () => {
        this.divisions = new Map((await api.get<Division[]>('/divisions')).map((one) => [one.code, one]));
      }),
      this.#once('sectors', async () => {
        this.sectors = new Map((await api.get<Sector[]>('/sectors')).map((one) => [one.code, one]));
      }),
    ]);
  }

  async loadZones(): Promise<void> {
    await this.#once('zones', async () => {
      this.zones = await api.get<string[]>('/zones');
    });
  }

  get cities(): Division[] {
    return [...this.divisions.values()].filter((one) => one.level === 'city');
  }

  /** The counties of a city, or all 183. */
  counties(city?: string | null): Division[] {
    return [...this.divisions.values()].filter((one) => one.level === 'county' && (!city || one.parent === city));
  }

  /** "绵阳市 盐亭县", "Yanting County, Mianyang City": county names are not unique, so the city always stands beside them. */
  place(code: string | null | undefined): string {
    const division = code ? this.divisions.get(code) : undefined;
    if (!division) return code ?? '';
    const name = inLanguage(division.name, language.now).text;
    const city = division.level === 'county' && division.parent ? this.divisions.get(division.parent) : undefined;
    if (!city) return name;
    const cityName = inLanguage(city.name, language.now).text;
    return language.now === 'en' ? `${name}, ${cityName}` : `${cityName} ${name}`;
  }

  sector(code: string | null | undefined): string {
    return inLanguage(this.sectors.get(code ?? '')?.name, language.now).text || (code ?? '');
  }

  subsector(sector: string, code: string): string {
    const found = this.sectors.get(sector)?.subsectors.find((one) => one.code === code);
    return inLanguage(found?.name, language.now).text || code;
  }

  /** Counties as options of a Combobox: found by any script, by pinyin and by initials. */
  countyOptions(city?: string | null): ComboOption[] {
    return this.counties(city).map((one) => ({
      value: one.code,
      label: inLanguage(one.name, language.now).text,
      hint: one.parent ? inLanguage(this.divisions.get(one.parent)?.name, language.now).text : undefined,
      words: `${Object.values(one.name).join(' ')} ${one.pinyin} ${one.initials}`,
    }));
  }

  async #once(name: string, read: () => Promise<void>): Promise<void> {
    const running =
      this.#loading.get(name) ??
      read().catch((error: unknown) => {
        // The next page may try again.
        this.#loading.delete(name);
        throw error;
      });
    this.#loading.set(name, running);
    await running;
  }
}

export const reference = new Reference();
