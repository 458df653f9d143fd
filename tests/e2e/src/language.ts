// Whether a page says something in another language than its own.
import type { Page } from '@playwright/test';
import { words, type Language } from './test';

/** What no text of a language has in it; for the scripts, frequent characters whose form differs. */
const FOREIGN: Record<Language, string> = {
  en: '\\p{Script=Han}',
  'zh-Hans':
    '[們個為會時說對話議學習電書買賣開關門問間見觀視讓認識記語請談課調論證評詞該詳訂設許討訊報處總務動區縣廳廠發變號後聽員團國圖場塊壞備復夠頭寧實審寬層歲島幣幫廣應張歸錄徑態懷願戰護擔擬擁擇據損換數斷無舊顯曉術機權條來極構標欄樹樣檔檢樓歡氣沒淺測濟濃滿滅燈靈熱獨現環暢療監蓋盤確離種積稱穩競筆簽類約級純綱納縱紙線組細織終經結給絡絕統繼績緒續維綜編緣縮網罷羅職聯聰腦腳節薦獲營慮雖補裝規覽覺觸貝負財責敗質貪貧購貫貴貸費資賞賠賽贊贏趕趨躍蹤車轉輪軟輕載較輔輛輝輸邊達過邁運還進遠違連遲適選遞邏遺鄭針鐘鋼錢鐵鈴銀銅銷鎖錯鍵鎮長閃閉閒聞閱隊陽陰陣階際陸陳險隨隱難靜頁項順須顧頓預領頻題顏額風飛飯飲飾飽館馬驅駐驗魚鮮鳥雞鳴麥黃齊龍]',
  'zh-Hant':
    '[们这个为会时说对话议学习电书买卖开关门问间见观视让认识记语请谈课谁调论证评词该详订设许讨讯报处总务动区县厅厂发变号后听员团国图场块坏备复够头宁实审宽层岁岛币帮广应张归录径态怀愿战护担拟拥择据损换数断无旧显晓术机权条来极构标栏树样档检楼欢气没浅测济浓满灭灯灵热独现环畅疗监盖盘确离种积称稳竞笔签类约级纯纲纳纵纸线组细织终经结给络绝统继绩绪续维综编缘缩网罗职联聪脑脚节荐获营虑虽补装规览觉触负财责败质贪贫购贯贵贷费资赏赔赛赞赢赶趋跃踪车转轮软轻载较辅辆辉输边达过迈运还进远违连迟适选递逻遗郑针钟钢钱铁铃银铜销锁错键镇长闪闭闲闻阅队阳阴阵阶际陆陈险随隐难静页项顺须顾顿预领频题颜额风飞饭饮饰饱馆马驱驻验鱼鲜鸟鸡鸣麦黄齐龙]',
};

/** What a page has been told by the server, in words: names, messages, notes. */
export class Heard {
  private all = '';
  private open: Promise<void>[] = [];

  constructor(page: Page) {
    page.on('response', (answer) => {
      if (!new URL(answer.url()).pathname.startsWith('/api/')) return;
      this.open.push(
        answer.text().then(
          (text) => this.keep(text),
          () => undefined,
        ),
      );
    });
    page.on('websocket', (line) => line.on('framereceived', ({ payload }) => this.keep(String(payload))));
  }

  /** Whether the words are a part of what was told. */
  async has(words: string): Promise<boolean> {
    await Promise.all(this.open.splice(0));
    return this.all.includes(words);
  }

  /** The text without the names of people, as they are written in Chinese: the family name first. */
  async withoutNames(text: string): Promise<string> {
    await Promise.all(this.open.splice(0));
    const names = this.all.matchAll(/"family_name":"([^"]*)","given_name":"([^"]*)"/g);
    return [...names].reduce((rest, [, family, given]) => rest.replaceAll(`${family}${given}`, ''), text);
  }

  private keep(text: string): void {
    this.all += `${text}\n`;
  }
}

/** The texts of a language's catalogue: what stands there is right in it, the names of the languages for example. */
function catalogue(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(catalogue) : [];
}

/**
 * Texts of a page that are in another language, are not marked as such, and are nobody's words: what the page itself says.
 */
export async function foreignText(page: Page, language: Language, heard: Heard): Promise<string[]> {
  const texts = await page.evaluate(
    ([language, pattern]) => {
      const foreign = new RegExp(pattern, 'u');
      const found = new Set<string>();
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const text = node.textContent?.trim() ?? '';
        const parent = node.parentElement;
        if (!parent || !foreign.test(text) || parent.closest('script, style, noscript')) continue;
        if (parent.closest('[lang]')?.getAttribute('lang') === language) found.add(text);
      }
      return [...found];
    },
    [language, FOREIGN[language]] as const,
  );
  const own = catalogue(words[language]).join('\n');
  const foreign = new RegExp(FOREIGN[language], 'u');
  const wrong = [];
  for (const text of texts) {
    if (own.includes(text)) continue;
    const runs = (await heard.withoutNames(text)).match(/\p{Script=Han}+/gu) ?? [];
    for (const run of runs) {
      if (foreign.test(run) && !own.includes(run) && !(await heard.has(run))) wrong.push(text);
    }
  }
  return wrong;
}
