// Names of time zones.
import type { Catalogue } from '../zh-Hans';

export default {
  'Asia/Shanghai': 'Beijing time',
  'Asia/Chongqing': 'Beijing time',
  'Asia/Hong_Kong': 'Hong Kong time',
  'Asia/Macau': 'Macao time',
  'Asia/Taipei': 'Taipei time',
  'Asia/Tokyo': 'Tokyo time',
  'Asia/Seoul': 'Seoul time',
  'Asia/Singapore': 'Singapore time',
  'Europe/Berlin': 'Berlin time',
  'Europe/Paris': 'Paris time',
  'Europe/Rome': 'Rome time',
  'Europe/London': 'London time',
  'America/New_York': 'New York time',
  'America/Los_Angeles': 'Los Angeles time',
  'Australia/Sydney': 'Sydney time',
  UTC: 'UTC',
} satisfies Catalogue['zones'];
