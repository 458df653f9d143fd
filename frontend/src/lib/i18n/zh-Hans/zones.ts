// 时区名称。
export default {
  'Asia/Shanghai': '北京时间',
  'Asia/Chongqing': '北京时间',
  'Asia/Hong_Kong': '香港时间',
  'Asia/Macau': '澳门时间',
  'Asia/Taipei': '台北时间',
  'Asia/Tokyo': '东京时间',
  'Asia/Seoul': '首尔时间',
  'Asia/Singapore': '新加坡时间',
  'Europe/Berlin': '柏林时间',
  'Europe/Paris': '巴黎时间',
  'Europe/Rome': '罗马时间',
  'Europe/London': '伦敦时间',
  'America/New_York': '纽约时间',
  'America/Los_Angeles': '洛杉矶时间',
  'Australia/Sydney': '悉尼时间',
  UTC: '协调世界时',
};
