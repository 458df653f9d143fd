// Where a company is at home: a country or region, and within the mainland a province, or one of Sichuan's divisions.
import type { Division, LocalText } from '$lib/api/types';
import { inLanguage, language, LOCALE, t, type Language } from '$lib/i18n';
import { reference } from '$lib/reference.svelte';
import type { ComboOption } from '$lib/ui/Combobox.svelte';

/** The codes of ISO 3166-1 alpha-2. Hong Kong, Macao and Taiwan are regions of the list. */
const COUNTRIES = (
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY ' +
  'BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK ' +
  'FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR ' +
  'IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ' +
  'ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM ' +
  'PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF ' +
  'TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
).split(' ');

/** Most guests come from here: they stand first. */
const FIRST = ['CN', 'HK', 'MO', 'TW', 'SG', 'JP', 'KR', 'DE', 'FR', 'IT', 'GB', 'US'];

/** The mainland's provincial divisions outside Sichuan: two digits, three names, initials. Sichuan's come from the server. */
const PROVINCES: readonly (readonly [string, string, string, string, string])[] = [
  ['11', '北京市', '北京市', 'Beijing', 'bj'],
  ['12', '天津市', '天津市', 'Tianjin', 'tj'],
  ['13', '河北省', '河北省', 'Hebei', 'hb'],
  ['14', '山西省', '山西省', 'Shanxi', 'sx'],
  ['15', '内蒙古自治区', '內蒙古自治區', 'Inner Mongolia', 'nmg neimenggu'],
  ['21', '辽宁省', '遼寧省', 'Liaoning', 'ln'],
  ['22', '吉林省', '吉林省', 'Jilin', 'jl'],
  ['23', '黑龙江省', '黑龍江省', 'Heilongjiang', 'hlj'],
  ['31', '上海市', '上海市', 'Shanghai', 'sh'],
  ['32', '江苏省', '江蘇省', 'Jiangsu', 'js'],
  ['33', '浙江省', '浙江省', 'Zhejiang', 'zj'],
  ['34', '安徽省', '安徽省', 'Anhui', 'ah'],
  ['35', '福建省', '福建省', 'Fujian', 'fj'],
  ['36', '江西省', '江西省', 'Jiangxi', 'jx'],
  ['37', '山东省', '山東省', 'Shandong', 'sd'],
  ['41', '河南省', '河南省', 'Henan', 'hn'],
  ['42', '湖北省', '湖北省', 'Hubei', 'hb'],
  ['43', '湖南省', '湖南省', 'Hunan', 'hn'],
  ['44', '广东省', '廣東省', 'Guangdong', 'gd'],
  ['45', '广西壮族自治区', '廣西壯族自治區', 'Guangxi', 'gx'],
  ['46', '海南省', '海南省', 'Hainan', 'hn'],
  ['50', '重庆市', '重慶市', 'Chongqing', 'cq'],
  ['52', '贵州省', '貴州省', 'Guizhou', 'gz'],
  ['53', '云南省', '雲南省', 'Yunnan', 'yn'],
  ['54', '西藏自治区', '西藏自治區', 'Xizang', 'xz'],
  ['61', '陕西省', '陝西省', 'Shaanxi', 'sx'],
  ['62', '甘肃省', '甘肅省', 'Gansu', 'gs'],
  ['63', '青海省', '青海省', 'Qinghai', 'qh'],
  ['64', '宁夏回族自治区', '寧夏回族自治區', 'Ningxia', 'nx'],
  ['65', '新疆维吾尔自治区', '新疆維吾爾自治區', 'Xinjiang', 'xj'],
];

const known = new Set(COUNTRIES);

export const isCountry = (code: string) => known.has(code);

/** The browser's list of names, where it has one (Safari from 14.1, Firefox from 86). */
interface NameList {
  of(code: string): string | undefined;
}
const lists = new Map<Language, NameList | null>();

function namesIn(reader: Language): NameList | null {
  let list = lists.get(reader);
  if (list === undefined) {
    const make = (Intl as unknown as { DisplayNames?: new (tags: string[], options: { type: 'region' }) => NameList })
      .DisplayNames;
    list = make ? new make([LOCALE[reader]], { type: 'region' }) : null;
    lists.set(reader, list);
  }
  return list;
}

/** "德国", "Germany"; the code where the browser knows no names. */
export function countryName(code: string, reader: Language = language.now): string {
  const own: Record<string, string> = t.company.form.regions;
  return own[code] ?? namesIn(reader)?.of(code) ?? code;
}

/** Countries and regions to choose from, found by name and by code. */
export function countryOptions(): ComboOption[] {
  const reader = language.now;
  const rest = COUNTRIES.filter((code) => !FIRST.includes(code)).map((code) => ({ code, name: countryName(code) }));
  rest.sort((one, other) => one.name.localeCompare(other.name, LOCALE[reader]));
  return [...FIRST.map((code) => ({ code, name: countryName(code) })), ...rest].map(({ code, name }) => ({
    value: code,
    label: name,
    hint: code,
    words: `${namesIn('en')?.of(code) ?? ''} ${namesIn('zh-Hans')?.of(code) ?? ''}`,
  }));
}

const provinceText = ([, hans, hant, en]: (typeof PROVINCES)[number]): LocalText => ({
  'zh-Hans': hans,
  'zh-Hant': hant,
  en,
});

const nameOf = (text: LocalText | undefined) => inLanguage(text, language.now).text;

/** Sichuan from the province down to its counties, then the other provinces; found by any script, pinyin and initials. */
export function divisionOptions(): ComboOption[] {
  const above = (one: Division): string => {
    const parent = one.parent ? reference.divisions.get(one.parent) : undefined;
    return parent ? nameOf(parent.name) : '';
  };
  const order = { province: 0, city: 1, county: 2 };
  const own = [...reference.divisions.values()].sort((one, other) => order[one.level] - order[other.level]);
  return [
    ...own.map((one) => ({
      value: one.code,
      label: nameOf(one.name),
      hint: above(one) || undefined,
      words: `${Object.values(one.name).join(' ')} ${one.pinyin} ${one.initials}`,
    })),
    ...PROVINCES.map((one) => ({
      value: `${one[0]}0000`,
      label: nameOf(provinceText(one)),
      words: one.slice(1).join(' '),
    })),
  ];
}

/** "绵阳市 盐亭县", "广东省", "Germany": as exact as is known. */
export function homeName(division: string | null, country: string): string {
  if (!division) return countryName(country);
  if (reference.divisions.has(division)) return reference.place(division);
  const province = PROVINCES.find(([prefix]) => division.startsWith(prefix));
  return province ? nameOf(provinceText(province)) : countryName(country);
}
