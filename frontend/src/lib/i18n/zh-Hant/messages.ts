// 訊息：企業與中心之間的直接聯絡。
import type { Catalogue } from '../zh-Hans';

export default {
  title: '訊息',
  conversations: '會話列表',
  conversation: '會話',
  with: (other: string) => `與${other}的會話`,
  begin: '發起會話',
  none: '還沒有會話',
  noneText: '洽談前後，企業與中心都可以在這裡聯絡。',
  nothingYet: '還沒有訊息',
  choose: '請選擇一個會話',
  chooseText: '在左側選擇會話，或發起新的會話。',
  empty: '還沒有訊息。寫下第一句吧。',
  notBegun: '還沒有開始會話',
  notBegunText: (other: string) => `您與${other}還沒有往來訊息。`,
  toList: '返回會話列表',
  talkKind: '洽談',
  toTalk: '進入洽談室',
  aboutCentre: '中心主頁',
  findCentre: '查找中心',
  findCompany: '查找企業',
  onlyRegistered: '只能聯絡已在平台登記的企業。',
  speakFor: '代表單位',
  noOrganisation: '您還沒有加入任何單位',
  noOrganisationText: '加入企業或中心後，才能發起會話。',
} satisfies Catalogue['messages'];
