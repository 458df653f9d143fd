// The three languages say the same things: same keys, same kinds, and no text that was forgotten in another language.
import { describe, expect, it } from 'vitest';
import en from './en';
import hans from './zh-Hans';
import hant from './zh-Hant';

type Leaf = [path: string, value: unknown];

function leaves(value: unknown, path = ''): Leaf[] {
  if (value === null || typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

/** What a text function says, for arguments of any kind. */
function said(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'function') return '';
  for (const given of ['zong', 2, ['a', 'b'], 'x']) {
    try {
      const text: unknown = (value as (...all: unknown[]) => unknown)(given, given, given, given);
      if (typeof text === 'string') return text;
    } catch {
      // It wants something else.
    }
  }
  return '';
}

const all = { 'zh-Hans': leaves(hans), 'zh-Hant': leaves(hant), en: leaves(en) };

describe('the catalogues', () => {
  it.each(['zh-Hant', 'en'] as const)('%s has exactly the keys of zh-Hans, each of the same kind', (language) => {
    const shape = (list: Leaf[]) => list.map(([path, value]) => `${path}: ${typeof value}`).sort();
    expect(shape(all[language])).toEqual(shape(all['zh-Hans']));
  });

  it.each(['zh-Hans', 'zh-Hant', 'en'] as const)('%s has no empty text', (language) => {
    // "None" is written as nothing on purpose where a number of one needs no words.
    const silent = ['sessions.hosts'];
    const empty = all[language].filter(
      ([path, value]) => typeof value === 'string' && value.trim() === '' && !silent.includes(path),
    );
    expect(empty).toEqual([]);
  });

  it('English has no Chinese in it, but for names of scripts, forms of address and examples of what to type', () => {
    const allowed =
      /^(site\.language|words\.honorific|account\.settings\.honorificHint|company\.form\.divisionHint|interests\.amount)/;
    const mixed = all.en.filter(([path, value]) => !allowed.test(path) && /\p{Script=Han}/u.test(said(value)));
    expect(mixed.map(([path]) => path)).toEqual([]);
  });

  it('zh-Hant has no character that exists in Simplified only', () => {
    // Frequent simplified forms whose traditional form differs; enough to catch a text that was copied and forgotten.
    const simplified =
      /[们这个为会时说对话议学习电书买卖开关门问间见观视让认识记语请谈课谁调论证评词该详计订设许讨训讯请报处总务动区县厅厂厘发变号后听员团国图场块坏块备复够头夹妇妈孙宁实审宽宾层岁岛币帮广应张弹归录径忆态怀恋惊愿战户护担拟拥择挂据损换摄敌数断无旧显晓术机权条来极构标栏树样档检楼横欢残气汇没浅测济浓涛涨温满灭灯灵热爱牵犹独现环电畅疗监盖盘码础确离种积称稳穷窃竞笔筑签简类纠红约级纪纯纲纳纵纷纸纹线组细织终经结给络绝统继绩绪续维综编缘缩网罗罚职联聪脑脚脱腊腾艺节芦苏苹荐获营虑虽补装规览觉触订计认讨让训议讯记讲许论设访证评识诉词译试诗诚话询该详语误说请诸读课谁调谈谋谓谢谱贝负财责败货质贩贪贫购贯贵贷费资赏赔赖赛赞赢赵赶趋跃踪车转轮软轻载较辅辆辉输辖边达过迈运还进远违连迟适选递逻遗邓郑释针钟钢钱钻铁铃铅银铜销锁错键镇长门闪闭问闲间闻阅队阳阴阵阶际陆陈险随隐难静韩页顶项顺须顾顿预领频题颜额风飞饭饮饰饱馆马驱驳驶驻验骗鱼鲁鲜鸟鸡鸣麦黄齐龙]/u;
    const shared = /^site\.language/;
    const left = all['zh-Hant'].filter(([path, value]) => !shared.test(path) && simplified.test(said(value)));
    expect(left.map(([path, value]) => `${path}: ${said(value)}`)).toEqual([]);
  });
});
