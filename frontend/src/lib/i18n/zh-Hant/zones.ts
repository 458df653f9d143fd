// 時區名稱。
import type { Catalogue } from '../zh-Hans';

export default {
  'Asia/Shanghai': '北京時間',
  'Asia/Chongqing': '北京時間',
  'Asia/Hong_Kong': '香港時間',
  'Asia/Macau': '澳門時間',
  'Asia/Taipei': '台北時間',
  'Asia/Tokyo': '東京時間',
  'Asia/Seoul': '首爾時間',
  'Asia/Singapore': '新加坡時間',
  'Europe/Berlin': '柏林時間',
  'Europe/Paris': '巴黎時間',
  'Europe/Rome': '羅馬時間',
  'Europe/London': '倫敦時間',
  'America/New_York': '紐約時間',
  'America/Los_Angeles': '洛杉磯時間',
  'Australia/Sydney': '悉尼時間',
  UTC: '協調世界時',
} satisfies Catalogue['zones'];
