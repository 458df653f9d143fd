// Every text of the site in en, by area. A new area: one module here, one line in all three index files.
import type { Catalogue } from '../zh-Hans';
import common from './common';
import site from './site';
import ui from './ui';
import words from './words';
import zones from './zones';

const catalogue: Catalogue = { common, site, ui, words, zones };

export default catalogue;
